"""From an alert to its cause: explained, and written down afterwards."""
