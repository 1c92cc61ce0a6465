"""What upstream says about itself: DQ summaries and task runs. A broken report costs only itself."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Generic, TypeVar

from exporter.discover.layout import partition_of_raw
from exporter.discover.listing import Report
from exporter.model import DqClaim, Partition, Stage, Stamp, TaskRun
from exporter.outside import clean

LARGEST_REPORT = 16 * 1024 * 1024  # bytes; a report is a few kilobytes, so more is a mistake
LARGEST_EXIT_CODE = 2**31 - 1
LARGEST_COUNT = 2**53  # beyond it a float, and so Prometheus, cannot tell neighbours apart

DQ_COLUMNS: Mapping[Stage, str] = {
    Stage.RAW: "raw_rows",
    Stage.CLEAN: "clean_rows",
    Stage.REJECTS: "reject_rows",
}

# None: the summary names the partition, but its counts cannot be read.
Claims = Mapping[Partition, DqClaim | None]

Content = TypeVar("Content")


class BrokenReportError(Exception):
    """A report that does not hold what its name promises."""


@dataclass(slots=True)
class ReportCache(Generic[Content]):
    """Parsed reports by path; a report is read again only when its stamp changes."""

    parse: Callable[[Path], Content]
    _kept: dict[Path, tuple[Stamp, Content | BrokenReportError]] = field(default_factory=dict)

    def read(self, reports: Iterable[Report], problems: list[str]) -> list[Content]:
        """Return the contents in the order given; what is broken becomes a line in ``problems``."""
        fresh = {report.path: (report.stamp, self._content(report)) for report in reports}
        self._kept = fresh
        contents = []
        for path, (_, content) in fresh.items():
            if isinstance(content, BrokenReportError):
                problems.append(f"{path.parent.name}/{path.name}: {content}")
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
        except OSError as error:
            return BrokenReportError((error.strerror or str(error)).lower())
        except BrokenReportError as error:
            return error
        except Exception as error:  # noqa: BLE001  whatever upstream writes, it must not end the pass
            return BrokenReportError(f"cannot be read: {type(error).__name__}")


def parse_dq_summary(path: Path) -> tuple[Claims, tuple[str, ...]]:
    """Read one DQ summary: the rows it claims by partition, and a line for each row that makes no sense.

    A row that names a partition but has no readable counts makes the claim ``None``: it supersedes older
    summaries all the same. Raises BrokenReportError where the file as a whole is no summary.
    """
    claims: dict[Partition, DqClaim | None] = {}
    odd: list[str] = []
    csv.field_size_limit(LARGEST_REPORT)  # of the process; the file as a whole is bounded already
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        try:
            lacking = {"file", *DQ_COLUMNS.values()} - {name.strip() for name in reader.fieldnames or ()}
            if lacking:
                raise BrokenReportError(f"no column {', '.join(sorted(lacking))}")
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            for row in reader:
                partition = partition_of_raw((row["file"] or "").strip())
                claim = _claim(row)
                if partition is not None:
                    claims[partition] = claim
                if partition is None or claim is None:
                    odd.append(_odd_row(path, reader.line_num, partition))
        except csv.Error as error:
            raise BrokenReportError(f"not CSV: {error}") from None
    return claims, tuple(odd)


def newest_claims(
    summaries: Iterable[tuple[Claims, tuple[str, ...]]], problems: list[str]
) -> Mapping[Partition, DqClaim]:
    """Merge summaries given newest first: the newest wins, per partition.

    Where the newest that names a partition cannot be read, nothing is claimed: what an older one said has
    been superseded.
    """
    claims: dict[Partition, DqClaim | None] = {}
    for summary, odd in summaries:
        problems.extend(odd)
        for partition, claim in summary.items():
            claims.setdefault(partition, claim)
    return {partition: claim for partition, claim in claims.items() if claim is not None}


def parse_task_run(path: Path) -> tuple[Partition, TaskRun]:
    """Read one record of ``puffy-exporter task run``; raises BrokenReportError where it is none."""
    try:
        record = json.loads(path.read_bytes())
        ended_at, exit_code = record.get("ended_at"), record.get("exit_code")
        run = TaskRun(
            task=_text(record["task"]),
            started_at=_instant(record["started_at"]),
            ended_at=None if ended_at is None else _instant(ended_at),
            exit_code=None if exit_code is None else _exit_code(exit_code),
        )
        return date.fromisoformat(record["partition"]), run
    except KeyError as error:
        raise BrokenReportError(f"no key {error}") from None
    # UnicodeDecodeError is a ValueError; a date at the end of the calendar may overflow.
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise BrokenReportError("not a record of a task run") from None


def latest_runs(runs: Iterable[tuple[Partition, TaskRun]]) -> Mapping[Partition, Mapping[str, TaskRun]]:
    """Keep the run of each task and partition that started last."""
    latest: dict[Partition, dict[str, TaskRun]] = {}
    for partition, run in runs:
        tasks = latest.setdefault(partition, {})
        known = tasks.get(run.task)
        if known is None or run.started_at >= known.started_at:
            tasks[run.task] = run
    return latest


def _claim(row: Mapping[str, str | None]) -> DqClaim | None:
    counts = [_count(row[column]) for column in DQ_COLUMNS.values()]
    known = [count for count in counts if count is not None]
    return DqClaim(*known) if len(known) == len(counts) else None


def _odd_row(path: Path, line: int, partition: Partition | None) -> str:
    where = f"{path.parent.name}/{path.name}: line {line}"
    if partition is None:
        return f"{where} is no row of a DQ summary"
    return f"{where}: the counts of {partition} cannot be read, so nothing is claimed for that day"


def _count(text: str | None) -> int | None:
    """Read a count; ``28.0`` is 28, as pandas writes a column that has a gap."""
    match = re.fullmatch(r"([0-9]+)(?:\.0*)?", (text or "").strip(), re.ASCII)
    if match is None or len(match[1]) > len(str(LARGEST_COUNT)):
        return None
    number = int(match[1])
    return number if number <= LARGEST_COUNT else None


def _exit_code(value: object) -> int:
    # A bool is an int to Python; a task that says "true" has not said how it ended.
    if type(value) is not int or abs(value) > LARGEST_EXIT_CODE:
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return clean(value.strip())


def _instant(value: str) -> datetime:
    """Read an instant; one without an offset is UTC, so a clock change does not make it ambiguous."""
    moment = datetime.fromisoformat(value)
    # Raises OverflowError for what is no instant in UTC, such as year 1 with an offset to the east.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
