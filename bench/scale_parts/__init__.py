"""What ``scale.py`` measures: one module per part, which yields a mapping of figures for each size."""
