"""The one base of every error that a user can cause: shown line by line, never as a traceback."""


class UserError(Exception):
    """Bad input, bad configuration or an environment that refuses: exit code 1."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What to show, a line each; as text the error is a single line."""
        return (str(self),)
