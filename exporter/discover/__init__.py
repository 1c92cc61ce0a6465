"""The data directory: which files and upstream reports exist, and which are due."""
