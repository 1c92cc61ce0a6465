"""Checks are data: a catalogue, and one function that judges by it."""
