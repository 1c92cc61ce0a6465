"""The names that upstream gives its files and columns: the only place in the demo that spells them.

Paths are relative to the data directory, with forward slashes.
"""

from datetime import UTC, datetime
from pathlib import PurePath

from exporter.model import Partition

RAW_COLUMNS = ("client_id", "page_url", "referrer", "timestamp", "event_name", "event_data", "user_agent")
RAW_GLOB = "events_????????.csv"


def raw_name(partition: Partition) -> str:
    """Return the name of a day's raw file."""
    return f"events_{partition:%Y%m%d}.csv"


def clean_path(raw: str) -> str:
    """Return the path of a raw file's clean rows, given its name."""
    return f"raw_clean/{PurePath(raw).stem}_clean.csv"


def rejects_path(raw: str) -> str:
    """Return the path of a raw file's rejects, given its name."""
    return f"raw_rejects/{PurePath(raw).stem}_bad.csv"


def summary_path(at: datetime) -> str:
    """Return the path of the DQ summary of a run that ended ``at`` (aware)."""
    return f"dq_reports/dq_summary_{_stamp(at)}.csv"


def manifest_path(at: datetime) -> str:
    """Return the path of the same run's manifest."""
    return f"dq_reports/manifest_{_stamp(at)}.json"


def task_run_path(task: str, partition: Partition) -> str:
    """Return the path of the record of a task's run for a partition."""
    return f"task_runs/{task}_{partition}.json"


def unfinished_name(name: str) -> str:
    """Return a file's name while it is being written; readers ignore it."""
    return f".{name}.tmp"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
