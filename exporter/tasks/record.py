"""The record of one run of a task: written when it starts, replaced when it ends."""

import json
import logging
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exporter.discover.layout import TASK_FOLDER
from exporter.durable import replace_file
from exporter.errors import reason_of
from exporter.model import Partition

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """One run of one task for one partition, in its own file, so that a rerun loses nothing."""

    path: Path
    task: str
    partition: Partition
    started_at: datetime

    @classmethod
    def begin(cls, directory: Path, task: str, partition: Partition) -> "Record":
        """Return the record of a run that starts now."""
        now = datetime.now(UTC)
        plain = re.sub(r"[^A-Za-z0-9-]+", "-", task).strip("-") or "task"
        name = f"{plain}_{partition}_{now:%Y%m%dT%H%M%S%fZ}_{os.getpid()}.json"
        return cls(directory / TASK_FOLDER / name, task, partition, now)

    def write(self, exit_code: int | None = None) -> bool:
        """Record that the run is in progress, or with ``exit_code`` that it has just ended.

        A failed write is a warning, never an error: the task matters more than its record.
        """
        written = {
            "task": self.task,
            "partition": self.partition.isoformat(),
            "started_at": _instant(self.started_at),
        }
        ended = {} if exit_code is None else {"ended_at": _instant(datetime.now(UTC)), "exit_code": exit_code}
        try:
            self.path.parent.mkdir(exist_ok=True)
            replace_file(self.path, f"{json.dumps(written | ended)}\n".encode())
        except OSError as error:
            reason = reason_of(error)
            log.warning("%s: run not recorded: %s", self.path.parent, reason)
            return False
        return True


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
