"""Upstream's file names, beyond what a feed's contract says."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from exporter.feed import Feed, Table
from exporter.model import Partition
from exporter.template import FIRST_YEAR, LAST_YEAR, MONTHS, stem_of

DQ_FOLDER = "dq_reports"
TASK_FOLDER = "task_runs"
REPORT_FOLDERS = (DQ_FOLDER, TASK_FOLDER)
KUBERNETES_DATA = "..data"  # the link by which a mounted ConfigMap, or a similar sync, switches all files


DQ_SUMMARY = re.compile(r"dq_summary_([0-9]{8}T[0-9]{6}Z)\.csv")


CLOCK_SLACK = timedelta(days=1)  # by which upstream's clock may be ahead
SIDECARS = (".md5", ".sha1", ".sha256", ".sha512", ".crc", ".asc", ".sig", ".done", ".ok", ".success", ".log")


PARTIAL = (".tmp", ".part", "~")


def is_temporary(name: str) -> bool:
    """Whether a file with this name is still being written."""
    return name.startswith((".", "_")) or name.endswith(PARTIAL)


def is_sidecar(name: str) -> bool:
    """Whether a file with this name describes a day's file without containing its rows."""
    return name.endswith(SIDECARS) or name.startswith("manifest")


_DATED = tuple(
    re.compile(rf"(?<![0-9]){pattern}", re.IGNORECASE)
    for pattern in (
        r"(?P<y>[0-9]{4})[-_. ]?(?P<m>[0-9]{2})[-_. ]?(?P<d>[0-9]{2})(?![0-9])",
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})[-_T]?[0-9]{2,6}Z?(?![0-9])",  # with a time of the day
        r"(?P<y>[0-9]{4})[-_. ]?(?P<n>[a-z]{3})[a-z]*[-_. ]?(?P<d>[0-9]{1,2})(?![0-9])",
        r"(?P<d>[0-9]{1,2})[-_. ]?(?P<n>[a-z]{3})[a-z]*[-_. ]?(?P<y>[0-9]{4})(?![0-9])",
        r"(?P<d>[0-9]{2})[-_. ]?(?P<m>[0-9]{2})[-_. ]?(?P<y>[0-9]{4})(?![0-9])",  # the day before the month
        r"(?P<m>[0-9]{2})[-_. ]?(?P<d>[0-9]{2})[-_. ]?(?P<y>[0-9]{4})(?![0-9])",  # as in America
        r"(?P<y>[0-9]{4})[-_. ](?P<m>[0-9]{1,2})[-_. ](?P<d>[0-9]{1,2})(?![0-9])",  # no leading zeros
    )
)
_SHORT_YEAR = re.compile(r"(?P<y>[0-9]{2})[-_. ]?(?P<m>[0-9]{2})[-_. ]?(?P<d>[0-9]{2})(?![0-9])")


def date_within(name: str, prefix: str = "") -> Partition | None:
    """Return the day in a name, in any spelling, or ``None`` if it has none.

    Six digits alone may be anything; they are a day only after the ``prefix`` with which a feed's files
    start.
    """
    for pattern in _DATED:
        for match in pattern.finditer(name):
            day = _day_of(match.groupdict())
            if day is not None:
                return day
    short = _SHORT_YEAR.match(name, len(prefix)) if prefix and name.startswith(prefix) else None
    return None if short is None else _day_of(short.groupdict())


def _day_of(parts: Mapping[str, str]) -> Partition | None:
    name = parts.get("n", "").lower()
    if name and name not in MONTHS:
        return None
    month = f"{MONTHS.index(name) + 1}" if name else parts["m"]
    year = f"20{parts['y']}"[-4:]  # the century may be missing
    try:
        day = date(int(year), int(month), int(parts["d"]))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def impossible_summary(name: str) -> str | None:
    """Describe why a DQ summary's name is wrong, if it would count as the newest forever."""
    match = DQ_SUMMARY.fullmatch(name)
    if match is None:
        return None
    try:
        written = datetime.strptime(match[1], "%Y%m%dT%H%M%S%z")
    except ValueError:
        return "the name contains an impossible time"
    return "the name's time is in the future" if written > datetime.now(UTC) + CLOCK_SLACK else None


def partition_of(table: Table, name: str) -> Partition | None:
    """Return the partition in a file's name or path, or ``None`` if there is none."""
    depth = len(table.path.parts)
    parts = re.split(r"[/\\]", name)
    for path in ("/".join(parts[-depth:]), "/".join((*table.path.parts[:-1], parts[-1]))):
        try:
            partition = table.path.date_of(path) or table.path.kin_date_of(path)
        except ValueError:
            return None
        if partition is not None:
            return partition
    return None


def is_upstream_file(path: Path, feed: Feed) -> bool:
    """Whether a path is written by upstream, or a folder that it writes to."""
    if path.name == KUBERNETES_DATA:
        return True
    if is_temporary(path.name):
        return False
    if path.name in REPORT_FOLDERS or DQ_SUMMARY.fullmatch(path.name):
        return True
    if path.parent.name == TASK_FOLDER and path.name.endswith(".json"):
        return True
    # A folder with a date in its name counts as much as the file that will be in it.
    return any(
        part == path.name or pattern.fullmatch(path.name) or pattern.fullmatch(table.path.plain(path.name))
        for table in feed.tables.values()
        for part, pattern in zip(table.path.parts, table.path.patterns, strict=True)
    ) or any(
        pattern.fullmatch(stem_of(path.name))
        for table in feed.tables.values()
        for pattern in (table.path.stem, table.path.numbered)
    )


def folders_of(feed: Feed) -> tuple[str, ...]:
    """Return the folders of a data directory with files of the feed and reports, directly or deeper."""
    return tuple(dict.fromkeys((*(table.path.folder for table in feed.tables.values()), *REPORT_FOLDERS)))
