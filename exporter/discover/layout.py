"""The names that upstream gives its files: the only place that knows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from exporter.model import Partition, Stage

DQ_FOLDER = "dq_reports"
TASK_FOLDER = "task_runs"
KUBERNETES_DATA = (
    "..data"  # the link that a mounted ConfigMap, and what syncs like one, switches all files by
)


@dataclass(frozen=True, slots=True)
class StageFolder:
    """Where a stage's files lie, relative to the data directory, and how they are named."""

    folder: str
    name: re.Pattern[str]


STAGES: dict[Stage, StageFolder] = {
    Stage.RAW: StageFolder("", re.compile(r"events_([0-9]{8})\.csv")),
    Stage.CLEAN: StageFolder("raw_clean", re.compile(r"events_([0-9]{8})_clean\.csv")),
    Stage.REJECTS: StageFolder("raw_rejects", re.compile(r"events_([0-9]{8})_bad\.csv")),
}
FOLDERS = (*(place.folder for place in STAGES.values()), DQ_FOLDER, TASK_FOLDER)

FIRST_YEAR, LAST_YEAR = 1970, 2199  # both ends and their neighbours fit nanoseconds in 64 bits

DQ_SUMMARY = re.compile(r"dq_summary_([0-9]{8}T[0-9]{6}Z)\.csv")


CLOCK_SLACK = timedelta(days=1)  # that upstream's clock may be ahead by
SIDECARS = (".md5", ".sha1", ".sha256", ".sha512", ".crc", ".asc", ".sig", ".done", ".ok", ".success", ".log")


PARTIAL = (".tmp", ".part", "~")


def is_temporary(name: str) -> bool:
    """Whether a file of this name is still being written."""
    return name.startswith((".", "_")) or name.endswith(PARTIAL)


def is_sidecar(name: str) -> bool:
    """Whether a file of this name says something of a day's file and holds none of its rows."""
    return name.endswith(SIDECARS) or name.startswith("manifest")


def parse_partition(digits: str) -> Partition:
    """Read ``YYYYMMDD``; raises ValueError for a date that does not exist or no pipeline can have."""
    partition = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if not FIRST_YEAR <= partition.year <= LAST_YEAR:
        raise ValueError(digits)
    return partition


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATED = tuple(
    re.compile(rf"(?<![0-9]){pattern}", re.IGNORECASE)
    for pattern in (
        r"(?P<y>[0-9]{4})[-_. ]?(?P<m>[0-9]{2})[-_. ]?(?P<d>[0-9]{2})(?![0-9])",
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})[-_T]?[0-9]{2,6}Z?(?![0-9])",  # with a time of the day
        r"(?P<y>[0-9]{4})[-_. ]?(?P<n>[a-z]{3})[a-z]*[-_. ]?(?P<d>[0-9]{1,2})(?![0-9])",
        r"(?P<d>[0-9]{1,2})[-_. ]?(?P<n>[a-z]{3})[a-z]*[-_. ]?(?P<y>[0-9]{4})(?![0-9])",
        r"(?P<d>[0-9]{2})[-_. ]?(?P<m>[0-9]{2})[-_. ]?(?P<y>[0-9]{4})(?![0-9])",  # the day before the month
        r"(?P<m>[0-9]{2})[-_. ]?(?P<d>[0-9]{2})[-_. ]?(?P<y>[0-9]{4})(?![0-9])",  # as in America
        r"(?<=events[-_.])(?P<y>[0-9]{2})[-_. ]?(?P<m>[0-9]{2})[-_. ]?(?P<d>[0-9]{2})(?![0-9])",  # no century
        r"(?P<y>[0-9]{4})[-_. ](?P<m>[0-9]{1,2})[-_. ](?P<d>[0-9]{1,2})(?![0-9])",  # no leading zeros
    )
)


def date_within(name: str) -> Partition | None:
    """Return the day that a name speaks of in whatever spelling, ``None`` where it speaks of none."""
    for pattern in _DATED:
        for match in pattern.finditer(name):
            day = _day_of(match.groupdict())
            if day is not None:
                return day
    return None


def _day_of(parts: Mapping[str, str]) -> Partition | None:
    name = parts.get("n", "").lower()
    if name and name not in _MONTHS:
        return None
    month = f"{_MONTHS.index(name) + 1}" if name else parts["m"]
    year = f"20{parts['y']}"[-4:]  # the century may lack
    try:
        return parse_partition(f"{year}{month:0>2}{parts['d']:0>2}")
    except ValueError:
        return None


def impossible_summary(name: str) -> str | None:
    """Say why a DQ summary's name cannot be right: it would count as the newest for good."""
    match = DQ_SUMMARY.fullmatch(name)
    if match is None:
        return None
    try:
        written = datetime.strptime(match[1], "%Y%m%dT%H%M%S%z")
    except ValueError:
        return "the name holds no possible time"
    return "the name's time is in the future" if written > datetime.now(UTC) + CLOCK_SLACK else None


def partition_of_raw(name: str) -> Partition | None:
    """Return the partition of a raw file's name or path, ``None`` where it names none."""
    match = STAGES[Stage.RAW].name.fullmatch(re.split(r"[/\\]", name)[-1])
    if match is None:
        return None
    try:
        return parse_partition(match[1])
    except ValueError:
        return None


def is_upstream_file(path: Path) -> bool:
    """Whether a path names something that upstream writes, or a folder that it writes into."""
    if path.name == KUBERNETES_DATA:
        return True
    if is_temporary(path.name):
        return False
    if path.name in FOLDERS or DQ_SUMMARY.fullmatch(path.name):
        return True
    if path.parent.name == TASK_FOLDER and path.name.endswith(".json"):
        return True
    return any(place.name.fullmatch(path.name) for place in STAGES.values())
