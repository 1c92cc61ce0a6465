"""Runs of the pipeline's tasks: wrapped, timed and recorded."""
