"""Where files are and how they are read: on this machine, or on object storage."""
