"""Engines beside this process's own threads: the same ranges, read by other processes or machines."""
