"""A person's acknowledgement, validated and recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from exporter.errors import UserError
from exporter.gate.audit import AuditLog, Book
from exporter.gate.entry import Acknowledged, Entry, Held, Revoked, StandingAcknowledgement
from exporter.gate.gate import Gate
from exporter.model import Partition
from exporter.nearest import did_you_mean

LONGEST_WORDS = 500


class NotAcknowledgedError(UserError):
    """An acknowledgement that is rejected, with the reason."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person's acknowledgement without the contents, which are the current ones.

    ``seen`` is the content that the person reviewed; if it is given and the content has changed, the
    acknowledgement is rejected.
    """

    entry: Acknowledged
    seen: str | None = None
    known_checks: frozenset[str] = field(default_factory=frozenset)


def acknowledge(
    log: AuditLog, given: Acknowledgement, contents: Mapping[Partition, str], now: datetime
) -> Acknowledged:
    """Acknowledge the partition's holds and its current content; return the entry as recorded.

    ``contents`` are those of the report. Raises NotAcknowledgedError if it is rejected, and
    OSError if it cannot be recorded; then nothing is acknowledged.
    """
    refuse_bad_words(given.entry, now)
    made: list[Acknowledged] = []

    def decide(book: Book) -> Sequence[Entry]:
        made.append(_with_contents(given, Gate(book.entries, now), contents))
        return made

    log.append(decide)
    return made[0]


def _with_contents(given: Acknowledgement, gate: Gate, contents: Mapping[Partition, str]) -> Acknowledged:
    entry = given.entry
    held = [hold.content for hold in gate.holds if hold.partition == entry.partition]
    _refuse_unknown_checks(given, gate)
    current = contents.get(entry.partition)
    if current is None and not held:
        raise NotAcknowledgedError(f"{entry.partition}: nothing to acknowledge, it is not in the report")
    standing = {*held, *([] if current is None else [current])}
    if given.seen is not None:
        newest = held[-1] if current is None else current
        if given.seen != newest:
            raise NotAcknowledgedError(
                f"{entry.partition}: its content is {newest} now, not {given.seen}; review it again"
            )
    return replace(entry, contents=tuple(sorted(standing)))


def _refuse_unknown_checks(given: Acknowledgement, gate: Gate) -> None:
    known = given.known_checks | {entry.check for entry in gate.entries if isinstance(entry, Held)}
    for name in given.entry.checks:
        if name not in known:
            raise NotAcknowledgedError(f"there is no check {name!r}{did_you_mean(name, known)}")


def refuse_bad_words(entry: Acknowledged | StandingAcknowledgement | Revoked, now: datetime) -> None:
    """Raise NotAcknowledgedError if the name or reason is missing, or the acknowledgement has expired."""
    for name, words in (("by", entry.by), ("reason", entry.reason)):
        if not words.strip():
            raise NotAcknowledgedError(f"{name}: say {'who you are' if name == 'by' else 'why'}")
        if any("\ud800" <= letter <= "\udfff" for letter in words):
            raise NotAcknowledgedError(f"{name}: not UTF-8; which encoding does the terminal use?")
        if len(words) > LONGEST_WORDS or not words.isprintable():
            raise NotAcknowledgedError(f"{name}: must be one line of at most {LONGEST_WORDS} characters")
    if not isinstance(entry, Revoked) and entry.until is not None and entry.until <= now:
        raise NotAcknowledgedError(f"until: {entry.until.isoformat()} has passed")
