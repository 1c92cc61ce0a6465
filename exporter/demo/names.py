"""The names that upstream gives its files and columns: the only place of the demo that spells them.

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
    """Return where the clean rows of a raw file go, given its name."""
    return f"raw_clean/{PurePath(raw).stem}_clean.csv"


def rejects_path(raw: str) -> str:
    """Return where the rejects of a raw file go, given its name."""
    return f"raw_rejects/{PurePath(raw).stem}_bad.csv"


def summary_path(at: datetime) -> str:
    """Return where the DQ summary of a run goes that ended ``at`` (aware)."""
    return f"dq_reports/dq_summary_{_stamp(at)}.csv"


def manifest_path(at: datetime) -> str:
    """Return where the manifest of the same run goes."""
    return f"dq_reports/manifest_{_stamp(at)}.json"


def task_run_path(task: str, partition: Partition) -> str:
    """Return where the record of a task's run for a partition goes."""
    return f"task_runs/{task}_{partition}.json"


def unfinished_name(name: str) -> str:
    """Return the name that a file bears while it is being written; readers ignore it."""
    return f".{name}.tmp"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
