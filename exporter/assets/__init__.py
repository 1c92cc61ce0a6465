"""What Prometheus, Alertmanager and Grafana need of this project, for people who have no checkout."""
