"""The files that Prometheus, Alertmanager and Grafana need, for people without a checkout."""
