"""The commands: each module has a class named ``ACT``."""
