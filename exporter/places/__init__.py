"""Where files lie and how they are read there: on this machine, or on object storage."""
