"""Partitions in event time: figures by day, trends and their baselines."""
