"""The commands, a module each with a class called ``ACT``."""
