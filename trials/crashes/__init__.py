"""The acts of ``trials/kills.py``: each command, killed or denied its disk, and what must hold afterwards."""
