"""The verbs as the command line declares them: light, whatever is heavy loads when a verb runs."""
