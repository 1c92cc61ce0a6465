"""The one table of metrics: name, help, unit, labels and where each value comes from."""
