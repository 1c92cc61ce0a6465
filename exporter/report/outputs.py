"""The files that the exporter leaves in its output folder: the report, the alerts, the report's history."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from exporter.checks.check import Alert
from exporter.pipeline.snapshot import Snapshot
from exporter.report.document import Json, number
from exporter.report.write import replace_file

log = logging.getLogger(__name__)

REPORT = "monitoring_report.json"
ALERTS = "monitoring_alerts.txt"
HISTORY = "history"
PASSING = ("generated_at", "as_of", "exporter")  # differ between two reports that say the same


@dataclass(slots=True)
class Outputs:
    """Writes into one folder. A file that cannot be written costs only itself, and is counted."""

    folder: Path
    keep: int = 100  # reports in the history
    errors: dict[str, int] = field(default_factory=lambda: {"report": 0, "alerts": 0, "history": 0})
    _last_said: bytes | None = None

    def write(self, snapshot: Snapshot, document: Mapping[str, object]) -> tuple[str, ...]:
        """Write all files; return a line for each that could not be written."""
        content = encode(document)
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("report", lambda: self._put(self.folder / REPORT, content)),
            ("alerts", lambda: self._put(self.folder / ALERTS, alerts_text(snapshot.firing).encode())),
            ("history", lambda: self._remember(document, content)),
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

    def _remember(self, document: Mapping[str, object], content: bytes) -> None:
        said = digest(document)
        if self._last_said is None:
            self._last_said = self._digest_of_newest()
        if said == self._last_said:
            return
        stamp = str(document["generated_at"]).replace("-", "").replace(":", "")
        self._put(self.folder / HISTORY / f"monitoring_report_{stamp}.json", content)
        self._last_said = said
        for old in self._kept()[: -self.keep]:
            old.unlink(missing_ok=True)

    def _kept(self) -> list[Path]:
        return sorted((self.folder / HISTORY).glob("monitoring_report_*.json"))

    def _digest_of_newest(self) -> bytes | None:
        kept = self._kept()
        try:
            return digest(orjson.loads(kept[-1].read_bytes())) if kept else None
        except (OSError, orjson.JSONDecodeError):
            return None


def encode(document: Mapping[str, object]) -> bytes:
    """Write strict JSON, indented for the person who opens it."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def digest(document: Mapping[str, object]) -> bytes:
    """Return a digest of what a report says, whenever it says it."""
    said: Json = {key: value for key, value in document.items() if key not in PASSING}
    return hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


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
