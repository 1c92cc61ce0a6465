"""The single table of metrics: name, help, unit, labels and source of each value."""
