"""The live exporter: passes, publication and reload."""
