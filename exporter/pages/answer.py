"""Acknowledging on a page: a form for logged-in users, otherwise a command to copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from exporter.gate.acknowledge import LONGEST_WORDS
from exporter.gate.incident import STANDS_DAYS
from exporter.pages.site import Kind, Site, Visit

TOKEN = "token"  # noqa: S105  the name of a field
WHAT_IF = "The page shows another time (--as-of): an acknowledgement made here has no effect."

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A form, sent to a ``path`` below a feed's folder, parameters in braces as in a page's.

    ``page`` contains it, and is shown again if the form is rejected. ``read`` turns the parameters of the
    path and the typed values into the fields of an acknowledgement.
    """

    path: str
    page: Kind[Site]
    read: Callable[[Values, Values], Mapping[str, object]]

    @property
    def here(self) -> str:
        """The relative path from the form's address to the feed's folder."""
        return "../" * self.path.count("/")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a page shows for acknowledging. Without a ``token`` there is no form, but the reason why."""

    WHAT_IF: ClassVar[str] = WHAT_IF
    LONGEST: ClassVar[int] = LONGEST_WORDS
    STANDS_DAYS: ClassVar[int] = STANDS_DAYS
    action: str
    command: str
    token: str
    user: str
    is_what_if: bool
    takes_later_days: bool = False
    is_level: bool = False  # the problem may be a permanent new level
    refused: str = ""
    typed: Values = field(default_factory=dict)
    content: str = ""  # that the person has seen

    @classmethod
    def of(
        cls,
        site: Site,
        visit: Visit,
        *,
        action: str,
        name: str,
        takes_later_days: bool = False,
        is_level: bool = False,
        content: str = "",
    ) -> "Asking":
        """Return what to show a visitor; ``name`` is what the command acknowledges."""
        returned = visit.returned
        return cls(
            action=action,
            command=f"puffy-exporter gate ack {name} --by NAME --reason TEXT" + " --new-level" * is_level,
            token="" if site.is_what_if else visit.token,
            user=visit.user or "",
            is_what_if=site.is_what_if,
            takes_later_days=takes_later_days,
            is_level=is_level,
            refused="" if returned is None else returned.why,
            typed={} if returned is None else returned.typed,
            content=content,
        )


def read_words(typed: Values) -> dict[str, object]:
    """Return the fields that every acknowledgement has. Its author comes from the login."""
    fields: dict[str, object] = {"reason": " ".join(typed.get("reason", "").split())}
    if until := typed.get("until", "").strip():
        fields["until"] = until
    return fields
