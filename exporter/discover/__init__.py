"""The data directory: which files and upstream reports are there, and which are due."""
