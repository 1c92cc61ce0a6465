"""The gate's state from the exporter's files alone: available while the exporter is down."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from exporter.errors import UserError, reason_of
from exporter.gate.audit import AUDIT, AuditLog, Book
from exporter.gate.entry import Acknowledged, Held, Released
from exporter.gate.files import Upstream, changed, changed_since
from exporter.gate.flag import read_blindness
from exporter.gate.gate import Gate, Status
from exporter.gate.request import read_partition
from exporter.model import Partition

REPORT = "monitoring_report.json"


class Folders(NamedTuple):
    """The exporter's output folder, and where the days' files are."""

    output: Path
    upstream: Callable[[], Upstream]  # called only if a day's files are compared; raises UserError if unknown


class About(NamedTuple):
    """The days to consider: one, all from one on, or all."""

    day: Partition | None = None
    after: Partition | None = None

    @classmethod
    def read(cls, partition: str | None, after: str | None) -> "About":
        """Read the options. Raises UserError."""
        if partition is not None and after is not None:
            raise UserError("--partition and --after are mutually exclusive")
        days = (None if text is None else read_partition(text) for text in (partition, after))
        return cls(*days)

    def covers(self, partition: Partition) -> bool:
        """Return whether a day is to be considered."""
        if self.day is not None:
            return partition == self.day
        return self.after is None or partition >= self.after


class Decision(NamedTuple):
    """The gate's state: the holds on the days considered, and what else keeps it closed."""

    status: Status
    unjudged: str | None  # why nothing is known of the day
    blocked: tuple[str, ...] = ()  # blocking checks of the day without a recorded hold

    @property
    def closed(self) -> bool:
        """Whether downstream must wait."""
        return bool(self.reasons)

    @property
    def reasons(self) -> tuple[object, ...]:
        """Everything that keeps it closed; equal states have equal reasons."""
        return (*self.status.holds, *filter(None, [self.unjudged]), *self.blocked)


def ask(folders: Folders, about: About) -> Decision:
    """Return the gate's state for these days.

    Raises UserError if the files cannot be read, and for a single day if the data directory is unknown.
    """
    asked = None if about.day is None else (about.day, folders.upstream())
    book = read_book(folders.output)
    gate = Gate(book.entries, datetime.now(UTC))
    holds = tuple(held for held in gate.holds if about.covers(held.partition))
    report = read_report(folders.output)
    refuse_unused(folders.output)
    with reading(folders.output):
        status, blind = _status(report, holds), _blindness(report, book, folders.output)
        if blind is not None or asked is None:
            return Decision(status, blind)
        day, upstream = asked
        return Decision(status, _unjudged(report, upstream, day, gate), _blocked(report, day, gate))


def refuse_unused(output: Path) -> None:
    """Raise UserError for a folder in which the exporter has never written: it says nothing of any day."""
    try:
        used = (output / AUDIT).exists() or (output / REPORT).exists()
    except OSError as error:  # a folder above it may be closed to us
        raise UserError(f"{output}: {reason_of(error)}") from None
    if not used:
        one = next(output.glob(f"*/{REPORT}"), None)
        hint = "" if one is None else f" Each of many feeds has its own folder, such as {one.parent}"
        raise UserError(f"{output}: no report and no audit log; has the exporter run?{hint}")


def _status(report: Mapping[str, Any], holds: tuple[Held, ...]) -> Status:
    repaired = {
        (hold["partition"], hold["reason"], hold["content"])
        for hold in report.get("gate", {}).get("holds", ())
        if hold["repaired"]
    }
    keys = {held.key for held in holds if (held.partition.isoformat(), *held.key[1:]) in repaired}
    return Status(holds, frozenset(keys))


def _blindness(report: Mapping[str, Any], book: Book, output: Path) -> str | None:
    """Say why nothing is known of any day; ``None`` if something is."""
    blind = report.get("gate", {}).get("blind")
    return (
        book.damage
        or _lost(report, book)
        or read_blindness(output)
        or (None if blind is None else str(blind))
    )


@contextmanager
def reading(output: Path) -> Iterator[None]:
    """Raise UserError where the report is damaged further down: that never opens the gate.

    Only what takes values out of the report belongs inside: other mistakes must not be blamed on it.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        raise UserError(f"{output / REPORT}: not a report of this version") from None


def _lost(report: Mapping[str, Any], book: Book) -> str | None:
    """Describe the holds that are in the report but not in the log; ``None`` if the log is complete."""
    recorded = {
        (entry.partition.isoformat(), entry.check, entry.content)
        for entry in book.entries
        if isinstance(entry, Held)
    }
    holds = [
        (hold["partition"], hold["reason"], hold["content"])
        for hold in report.get("gate", {}).get("holds", ())
    ]
    lost = [f"{key[1]} of {key[0]}" for key in holds if key not in recorded]
    return f"{AUDIT} has lost {', '.join(lost)}, which the report lists" if lost else None


def _blocked(report: Mapping[str, Any], day: Partition, gate: Gate) -> tuple[str, ...]:
    """Return the blocking checks of a day that are neither recorded as holds nor acknowledged.

    A day that is not due yet is not recorded, but its load must wait.
    """
    held = {hold.check for hold in gate.holds if hold.partition == day}
    done = held | _covered(report, day, gate)
    return tuple(
        alert["check"] for alert in alerts_of(report, day) if alert["blocking"] and alert["check"] not in done
    )


def _covered(report: Mapping[str, Any], day: Partition, gate: Gate) -> set[str]:
    """Return the checks in breach that are acknowledged now, by the log.

    The report knows what follows from them; its acknowledgements may have expired since.
    """
    known, alerts = report.get("partitions", {}).get(day.isoformat(), {}), alerts_of(report, day)
    covered = {
        name
        for problem in known.get("problems", ())
        if gate.acknowledged_beforehand_by(
            day,
            (problem["cause"], problem["subject"]),
            problem["severity"],
            tuple(problem.get("sides", {}).items()),
        )
        for name in problem["explains"]
    }
    content = known.get("content", "")
    covered |= {alert["check"] for alert in alerts if gate.is_acknowledged((day, alert["check"], content))}
    follows = {name for alert in alerts if alert["check"] in covered for name in alert.get("explains", ())}
    return covered | {
        alert["check"] for alert in alerts if alert["state"] == "acknowledged" and alert["check"] in follows
    }


def _unjudged(report: Mapping[str, Any], upstream: Upstream, day: Partition, gate: Gate) -> str | None:
    """Say why nothing is known of a day; ``None`` if the report matches the current files."""
    known = report.get("partitions", {})
    if known and day.isoformat() < min(known):
        return _older(day, min(known), upstream, gate)
    stages = known.get(day.isoformat(), {}).get("stages", {})
    if not stages.get("raw", {}).get("present"):
        return f"{day} has not been judged yet"
    return changed(upstream, day, stages)


def _older(day: Partition, first: str, upstream: Upstream, gate: Gate) -> str | None:
    """Say why nothing is known of a day older than the judged ones: only the log may know it.

    An entry in force says that the day was judged or acknowledged; its files must be older.
    """
    entries = [
        entry
        for entry in gate.entries
        if isinstance(entry, Held | Released)
        or (isinstance(entry, Acknowledged) and not entry.has_lapsed(gate.now))
    ]
    noted = [entry.at for entry in entries if entry.partition == day]
    begin = f"{day} is older than the judged days, which begin on {first} (calendar.window_days)"
    if not noted:
        return f"{begin}; run --as-of shows it"
    difference = changed_since(upstream, day, max(noted))
    return None if difference is None else f"{begin}; {difference}"


def read_book(folder: Path) -> Book:
    """Return the audit log. Raises UserError if it cannot be read."""
    try:
        return AuditLog(folder / AUDIT).read()
    except OSError as error:
        raise UserError(f"{folder / AUDIT}: {reason_of(error)}") from None


def read_report(folder: Path) -> Mapping[str, Any]:
    """Return the report of the last pass, empty if there is none. Raises UserError if it is invalid."""
    try:
        report = orjson.loads((folder / REPORT).read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{folder / REPORT}: {reason_of(error)}") from None
    except ValueError as error:
        raise UserError(f"{folder / REPORT}: {error}") from None
    if not _has_shape(report):
        raise UserError(f"{folder / REPORT}: not a report")
    return dict(report)


def _has_shape(report: object) -> bool:
    """Return whether something has the parts of a report that the gate reads."""
    if not isinstance(report, dict):
        return False
    partitions, gate = report.get("partitions", {}), report.get("gate", {})
    return (
        isinstance(partitions, dict)
        and all(isinstance(known, dict) and "alerts" in known for known in partitions.values())
        and isinstance(report.get("incidents", []), list)
        and isinstance(gate, dict)
        and isinstance(gate.get("holds", []), list)
    )


def alerts_of(report: Mapping[str, Any], day: Partition) -> list[dict[str, Any]]:
    """Return the report's alerts of a day."""
    alerts: list[dict[str, Any]] = report.get("partitions", {}).get(day.isoformat(), {}).get("alerts", [])
    return alerts


def contents_of(report: Mapping[str, Any]) -> Mapping[Partition, str]:
    """Return the name of each day's content in the report, without days for which it has none."""
    return {
        read_partition(day): known["content"]
        for day, known in report.get("partitions", {}).items()
        if isinstance(known.get("content"), str)
    }
