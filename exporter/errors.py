"""The one base of every error that a user can cause: shown as one line, never as a traceback."""


class UserError(Exception):
    """Bad input, bad configuration or an environment that refuses: exit code 1."""
