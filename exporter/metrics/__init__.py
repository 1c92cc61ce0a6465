"""The snapshot as Prometheus exposition."""
