"""What ``scale.py`` measures: a module each, which yields a mapping of figures for each size."""
