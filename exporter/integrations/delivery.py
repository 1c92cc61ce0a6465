"""What deliveries share, whatever the peer: how a delivery can end."""

from dataclasses import dataclass

from exporter.errors import UserError


@dataclass(slots=True)
class Pushed:
    """What a push did. ``problems`` has a line for each request that was not taken."""

    requests: int = 0  # bodies taken
    events: int = 0
    size_bytes: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()


class RefusedError(UserError):
    """The peer looked at it and said no: sending the same again is pointless.

    ``everything``: it would say no to anything else, too, for instance because of the key.
    """

    def __init__(self, message: str, *, everything: bool = False) -> None:
        super().__init__(message)
        self.everything = everything


class UnavailableError(UserError):
    """The peer did not answer, or could not: the same may be taken later."""
