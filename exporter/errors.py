"""The base of all errors that a user can cause: shown as lines, never as a traceback."""


class UserError(Exception):
    """Bad input, bad configuration or a failing environment: exit code 1."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to show; as a string the error is a single line."""
        return (str(self),)


class WordedError(OSError):
    """An error in words of our own, which are shown as they are: ``not CSV``."""


def reason_of(error: OSError) -> str:
    """Return why something cannot be read or written, without the file, in words that follow a colon.

    The system's are in lower case: ``no space left on device``.
    """
    reason = error.strerror or str(error)
    return reason if isinstance(error, WordedError) else reason.lower()
