"""Checks are data: a catalogue, and one function that evaluates it."""
