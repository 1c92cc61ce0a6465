"""The files that the exporter writes to its output folder: report, alerts, and the report's history."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from exporter.durable import remove_unfinished, replace_file
from exporter.errors import reason_of
from exporter.gate.answer import REPORT
from exporter.pipeline.snapshot import Snapshot
from exporter.report.alerts import alerts_text, blind_line
from exporter.report.document import Json
from exporter.report.render import decode_body, encode, join_objects

log = logging.getLogger(__name__)

ALERTS = "monitoring_alerts.txt"
HISTORY = "history"


@dataclass(slots=True)
class Outputs:
    """Writes to one folder. A file that cannot be written is counted and affects no other."""

    folder: Path
    keep: int = 100  # reports in the history
    errors: dict[str, int] = field(default_factory=lambda: {"report": 0, "alerts": 0, "history": 0})
    _last_body: bytes | None = None

    def tidy(self) -> None:
        """Remove leftovers of a killed process from the history; elsewhere the next write replaces them."""
        with contextlib.suppress(OSError):
            remove_unfinished(self.folder / HISTORY, ".monitoring_report_*.tmp")

    def write(self, snapshot: Snapshot, heading: Json, body: bytes) -> tuple[str, ...]:
        """Write all files; return a line for each that could not be written.

        ``heading`` and the encoded ``body`` make up the report; the history keeps each body once.
        """
        content = join_objects(encode(heading), body)
        lines = (
            self._try("report", self.folder / REPORT, lambda path: self._put(path, content)),
            self._write_alerts(alerts_text(snapshot)),
            self._try("history", self.folder / HISTORY, lambda path: self._keep(path, heading, body)),
        )
        return tuple(line for line in lines if line is not None)

    def write_blind(self, reason: str) -> str | None:
        """Write only the alerts file, with why nothing can be judged; return an error line if that failed."""
        return self._write_alerts(blind_line(reason))

    def _write_alerts(self, text: str) -> str | None:
        return self._try("alerts", self.folder / ALERTS, lambda path: self._put_if_new(path, text.encode()))

    def _try(self, name: str, path: Path, step: Callable[[Path], None]) -> str | None:
        try:
            step(path)
        except OSError as error:
            self.errors[name] += 1
            line = f"{name} not written: {path}: {reason_of(error)}"
            log.error(line)  # noqa: TRY400  the line is sufficient; a full disk is not a bug
            return line
        return None

    def _put_if_new(self, path: Path, content: bytes) -> None:
        if (
            not path.is_file() or path.read_bytes() != content
        ):  # a write costs a sync, and triggers an event for us
            self._put(path, content)

    def _put(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)

    def _keep(self, folder: Path, heading: Json, body: bytes) -> None:
        if not self.keep or body == self._last_body:
            return
        kept = past_reports(self.folder)
        if self._last_body is None and kept:  # the last content of an earlier process
            self._last_body = decode_body(kept[-1].read_bytes(), heading)
        if body != self._last_body:
            stamp = str(heading["generated_at"]).replace("-", "").replace(":", "")
            newest = folder / f"monitoring_report_{stamp}.json"
            self._put(newest, join_objects(encode(heading), body))
            for old in [*(path for path in kept if path != newest), newest][: -self.keep]:
                old.unlink(missing_ok=True)
        self._last_body = body


def past_reports(folder: Path) -> list[Path]:
    """Return the reports in the history of an output folder, the oldest first."""
    return sorted((folder / HISTORY).glob("monitoring_report_*.json"))
