"""Trends and checks as Prometheus rules: recorded, judged and told there as here."""
