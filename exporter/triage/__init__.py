"""From an alert to its cause: explanation, and postmortem."""
