"""The files that the exporter leaves in its output folder: the report, the alerts, the report's history."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from exporter.checks.check import Alert
from exporter.pipeline.snapshot import Snapshot
from exporter.report.document import Json, number
from exporter.report.render import decode_body, encode, join_objects
from exporter.report.write import replace_file

log = logging.getLogger(__name__)

REPORT = "monitoring_report.json"
ALERTS = "monitoring_alerts.txt"
HISTORY = "history"


@dataclass(slots=True)
class Outputs:
    """Writes into one folder. A file that cannot be written costs only itself, and is counted."""

    folder: Path
    keep: int = 100  # reports in the history
    errors: dict[str, int] = field(default_factory=lambda: {"report": 0, "alerts": 0, "history": 0})
    _last_body: bytes | None = None

    def write(self, snapshot: Snapshot, heading: Json, body: bytes) -> tuple[str, ...]:
        """Write all files; return a line for each that could not be written.

        ``heading`` and the encoded ``body`` make up the report; the history keeps each body once.
        """
        content = join_objects(encode(heading), body)
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("report", lambda: self._put(self.folder / REPORT, content)),
            ("alerts", lambda: self._put(self.folder / ALERTS, alerts_text(snapshot.firing).encode())),
            ("history", lambda: self._remember(heading, body, content)),
        )
        return tuple(line for name, step in steps if (line := self._try(name, step)))

    def _try(self, name: str, step: Callable[[], None]) -> str | None:
        try:
            step()
        except OSError as error:
            self.errors[name] += 1
            line = f"{name} not written: {(error.strerror or str(error)).lower()}: {error.filename}"
            log.error(line)  # noqa: TRY400  the line says it all; a full disk is no bug
            return line
        return None

    def _put(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)

    def _remember(self, heading: Json, body: bytes, content: bytes) -> None:
        if not self.keep or body == self._last_body:
            return
        if self._last_body is not None or body != self._newest_body(heading):
            stamp = str(heading["generated_at"]).replace("-", "").replace(":", "")
            self._put(self.folder / HISTORY / f"monitoring_report_{stamp}.json", content)
            for old in self._kept()[: -self.keep]:
                old.unlink(missing_ok=True)
        self._last_body = body

    def _kept(self) -> list[Path]:
        return sorted((self.folder / HISTORY).glob("monitoring_report_*.json"))

    def _newest_body(self, heading: Json) -> bytes | None:
        """Return what the newest report of an earlier process said."""
        kept = self._kept()
        return decode_body(kept[-1].read_bytes(), heading) if kept else None


def alerts_text(firing: tuple[Alert, ...]) -> str:
    """Write one line per firing alert, or one that says there are none."""
    if not firing:
        return "OK - No alerts\n"
    return "".join(f"{_line(alert)}\n" for alert in firing)


def _line(alert: Alert) -> str:
    figures = f"value={number(alert.value):.10g} limit={number(float(alert.limit)):.10g}"
    parts = (
        alert.severity.value.upper(),
        alert.check.alert,
        alert.partition.isoformat(),
        f"{figures} owner={alert.check.owner}",
        alert.check.summary,
    )
    return " - ".join(parts)
