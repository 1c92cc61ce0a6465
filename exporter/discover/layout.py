"""The names that upstream gives its files: the only place that knows them."""

import re
from dataclasses import dataclass
from datetime import date
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


def is_temporary(name: str) -> bool:
    """Whether a file of this name is still being written."""
    return name.startswith((".", "_")) or name.endswith((".tmp", ".part", "~"))


def parse_partition(digits: str) -> Partition:
    """Read ``YYYYMMDD``; raises ValueError for a date that does not exist or no pipeline can have."""
    partition = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if not FIRST_YEAR <= partition.year <= LAST_YEAR:
        raise ValueError(digits)
    return partition


_DATED = re.compile(r"(?<![0-9])([0-9]{4})[-_.]?([0-9]{2})[-_.]?([0-9]{2})(?![0-9])")


def date_within(name: str) -> Partition | None:
    """Return the day that a name speaks of in whatever spelling, ``None`` where it speaks of none."""
    for match in _DATED.finditer(name):
        try:
            return parse_partition("".join(match.groups()))
        except ValueError:
            continue
    return None


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
