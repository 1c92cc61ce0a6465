"""The snapshot as `monitoring_report.json` and `monitoring_alerts.txt`."""
