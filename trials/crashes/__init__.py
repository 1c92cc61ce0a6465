"""What ``trials/kills.py`` does: each command, killed or denied its disk, and what is true afterwards."""
