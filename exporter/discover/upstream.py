"""Upstream's own reports: DQ summaries and task runs. A broken report affects no other."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Generic, TypeVar

from exporter.discover.layout import CLOCK_SLACK, partition_of
from exporter.discover.listing import Report
from exporter.errors import reason_of
from exporter.feed import Table
from exporter.model import DqClaim, Partition, Stage, Stamp, TaskRun
from exporter.places.opening import read_small
from exporter.places.readable import PlaceError
from exporter.plain import plain

MOST_ODD = 5  # problems reported per summary
LARGEST_REPORT = 16 * 1024 * 1024  # bytes; reports have a few kilobytes, so more is a mistake
LARGEST_EXIT_CODE = 2**32  # the number of codes on Windows
LONGEST_COUNT = 40  # characters shown of an unreadable one
_WHOLE = re.compile(r"(?<=[0-9])\.0*$")
csv.field_size_limit(LARGEST_REPORT)  # a sample of reasons can be long; this limit applies to the process
LARGEST_COUNT = 2**53  # above this, floats, and so Prometheus, cannot represent every integer

DQ_COLUMNS: Mapping[Stage, str] = {
    Stage.RAW: "raw_rows",
    Stage.CLEAN: "clean_rows",
    Stage.REJECTS: "reject_rows",
}

Content = TypeVar("Content")


class BrokenReportError(Exception):
    """A report with invalid content."""


@dataclass(slots=True)
class ReportCache(Generic[Content]):
    """Parsed reports by path; a report is read again only when its stamp changes."""

    parse: Callable[[Path], Content]
    _kept: dict[Path, tuple[Stamp, Content | BrokenReportError]] = field(default_factory=dict)

    def read(self, reports: Iterable[Report], problems: list[str]) -> list[Content]:
        """Return the contents in the given order; broken reports are added to ``problems``."""
        fresh = {report.path: (report.stamp, self._content(report)) for report in reports}
        self._kept = fresh
        contents = []
        for path, (_, content) in fresh.items():
            if isinstance(content, BrokenReportError):
                problems.append(f"{path.parent.name}/{plain(path.name)}: {content}")
            else:
                contents.append(content)
        return contents

    def _content(self, report: Report) -> Content | BrokenReportError:
        kept = self._kept.get(report.path)
        if kept is not None and kept[0] == report.stamp:
            return kept[1]
        if report.stamp.size > LARGEST_REPORT:
            return BrokenReportError(f"larger than {LARGEST_REPORT} bytes, not read")
        try:
            return self.parse(report.path)
        except PlaceError:  # not the report's fault
            raise
        except OSError as error:
            return BrokenReportError(reason_of(error))
        except BrokenReportError as error:
            return error


Claims = Mapping[Partition, DqClaim | None]  # None: the claim is unreadable


def parse_dq_summary(raw: Table, path: Path) -> tuple[Claims, tuple[str, ...]]:
    """Parse one DQ summary: the rows it claims by partition, and a line for each invalid row.

    Raises BrokenReportError if the file is not a summary.
    """
    claims: dict[Partition, DqClaim | None] = {}
    odd: list[str] = []
    name = f"{path.parent.name}/{plain(path.name)}"
    text = read_small(path, LARGEST_REPORT).decode("utf-8-sig", "replace")
    with io.StringIO(text, newline="") as file:
        reader = csv.DictReader(file)
        try:
            lacking = {"file", *DQ_COLUMNS.values()} - {name.strip() for name in reader.fieldnames or ()}
            if lacking:
                raise BrokenReportError(f"no column {', '.join(sorted(lacking))}")
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            for row in reader:
                partition = partition_of(raw, (row["file"] or "").strip())
                counts = [_count(row[column]) for column in DQ_COLUMNS.values()]
                known = [count for count in counts if count is not None]
                if partition is None:
                    odd.append(f"{name}: line {reader.line_num} is not a row of a DQ summary")
                elif len(known) < len(counts):
                    odd.append(f"{name}: line {reader.line_num}, {_unreadable(row)}")
                    claims[partition] = None
                elif claims.get(partition, DqClaim(*known)) != DqClaim(*known):
                    odd.append(f"{name}: line {reader.line_num} contradicts another line of the same day")
                    claims[partition] = None
                else:
                    claims[partition] = DqClaim(*known)
        except csv.Error as error:
            raise BrokenReportError(f"not CSV: {error}") from None
    rest = len(odd) - MOST_ODD
    return claims, (*odd[:MOST_ODD], f"{name}: and {rest} more lines") if rest > 0 else tuple(odd)


def _unreadable(row: Mapping[str, str | None]) -> str:
    """Describe which counts of a row are unreadable."""
    wrong = [
        f"{column} is {plain((row[column] or '').strip(), LONGEST_COUNT) or 'empty'}, not a whole number"
        for column in DQ_COLUMNS.values()
        if _count(row[column]) is None
    ]
    return "; ".join(wrong)


def newest_claims(
    summaries: Iterable[tuple[Claims, tuple[str, ...]]], problems: list[str]
) -> Mapping[Partition, DqClaim]:
    """Merge summaries given newest first: the newest wins, per partition.

    An unreadable claim leaves a partition without one, because an older claim is out of date.
    """
    claims: dict[Partition, DqClaim | None] = {}
    for summary, odd in summaries:
        problems.extend(odd)
        for partition, claim in summary.items():
            claims.setdefault(partition, claim)
    return {partition: claim for partition, claim in claims.items() if claim is not None}


def parse_task_run(path: Path) -> tuple[Partition, TaskRun]:
    """Parse one record of ``puffy-exporter task run``; raises BrokenReportError if it is not one."""
    try:
        record = json.loads(read_small(path, LARGEST_REPORT))
        ended_at, exit_code = record.get("ended_at"), record.get("exit_code")
        run = TaskRun(
            task=_text(record["task"]),
            started_at=_instant(record["started_at"]),
            ended_at=None if ended_at is None else _instant(ended_at),
            exit_code=None if exit_code is None else _exit_code(exit_code),
        )
        _refuse_impossible(run)
        return date.fromisoformat(record["partition"]), run
    except KeyError as error:
        raise BrokenReportError(f"no key {error}") from None
    except (ValueError, TypeError, AttributeError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise BrokenReportError("not a record of a task run") from None


def _refuse_impossible(run: TaskRun) -> None:
    """Reject impossible runs: such a record would hide the real ones, or never end."""
    if run.started_at > datetime.now(UTC) + CLOCK_SLACK:
        raise BrokenReportError(f"starts in the future ({run.started_at:%Y-%m-%dT%H:%M:%SZ})")
    if run.ended_at is not None and run.ended_at < run.started_at:
        raise BrokenReportError("ends before it starts")
    if run.ended_at is not None and run.exit_code is None:
        raise BrokenReportError("has ended without an exit_code")


def latest_runs(runs: Iterable[tuple[Partition, TaskRun]]) -> Mapping[Partition, Mapping[str, TaskRun]]:
    """Keep the most recently started run of each task and partition."""
    latest: dict[Partition, dict[str, TaskRun]] = {}
    for partition, run in runs:
        tasks = latest.setdefault(partition, {})
        known = tasks.get(run.task)
        if known is None or run.started_at >= known.started_at:
            tasks[run.task] = run
    return latest


def _count(text: str | None) -> int | None:
    cleaned = _WHOLE.sub("", (text or "").strip())  # pandas writes 28.0 if a column has gaps
    if not (cleaned.isascii() and cleaned.isdigit()):
        return None
    number = int(cleaned) if len(cleaned) < len(str(LARGEST_COUNT)) + 1 else LARGEST_COUNT + 1
    return number if number <= LARGEST_COUNT else None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return plain(value.strip())


def _exit_code(value: object) -> int:
    """Return an exit code; booleans, fractions, texts and impossible codes are rejected."""
    if type(value) is not int or abs(value) > LARGEST_EXIT_CODE:
        raise ValueError(value)
    return value


def _instant(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # within a day of the calendar's ends
        raise ValueError(value) from None
