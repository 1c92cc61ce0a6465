"""The base of all errors that a user can cause: shown as lines, never as a traceback."""


class UserError(Exception):
    """Bad input, bad configuration or a failing environment: exit code 1."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to show; as a string the error is a single line."""
        return (str(self),)


def reason_of(error: OSError) -> str:
    """Return why the system refused, in lower case, without the file: ``no space left on device``."""
    return (error.strerror or str(error)).lower()
