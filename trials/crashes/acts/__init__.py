"""The commands: each module has a class called ``ACT``."""
