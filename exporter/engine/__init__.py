"""Engines other than this process's threads: the same ranges, read by other processes or machines."""
