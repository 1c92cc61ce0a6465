"""From the directory to a snapshot: intake, facts, figures, trends, verdicts."""
