"""What deliveries to all peers share: how a delivery can end."""

from dataclasses import dataclass

from exporter.errors import UserError


@dataclass(slots=True)
class Pushed:
    """The result of a push. ``problems`` has a line for each request that was not accepted."""

    requests: int = 0  # accepted bodies
    events: int = 0
    size_bytes: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()


class RefusedError(UserError):
    """The peer rejected it: sending the same again is pointless.

    ``everything``: it would reject anything else too, such as because of the key.
    """

    def __init__(self, message: str, *, everything: bool = False) -> None:
        super().__init__(message)
        self.everything = everything


class UnavailableError(UserError):
    """The peer did not answer, or failed: it may accept the same later."""
