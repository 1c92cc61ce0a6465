"""Trends and checks as Prometheus rules: recorded, judged and worded as in the report."""
