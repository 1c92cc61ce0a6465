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
HEADING = ("schema_version", "generated_at", "as_of", "exporter")


@dataclass(slots=True)
class Outputs:
    """Writes into one folder. A file that cannot be written costs only itself, and is counted."""

    folder: Path
    keep: int = 100  # reports in the history
    errors: dict[str, int] = field(default_factory=lambda: {"report": 0, "alerts": 0, "history": 0})
    _last_body: Json | None = None
    _last_said: bytes | None = None

    def write(self, snapshot: Snapshot, heading: Json, body: Json) -> tuple[str, ...]:
        """Write all files; return a line for each that could not be written.

        ``heading`` and ``body`` make up the report; one with the same body is not kept in the history again.
        """
        content = encode(heading | body)
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("report", lambda: self._put(self.folder / REPORT, content)),
            ("alerts", lambda: self._put(self.folder / ALERTS, alerts_text(snapshot.firing).encode())),
            ("history", lambda: self._remember(str(heading["generated_at"]), body, content)),
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

    def _remember(self, generated_at: str, body: Json, content: bytes) -> None:
        if body is self._last_body or not self.keep:
            return
        said = digest(body)
        if said != (self._last_said or self._digest_of_newest()):
            stamp = generated_at.replace("-", "").replace(":", "")
            self._put(self.folder / HISTORY / f"monitoring_report_{stamp}.json", content)
            for old in self._kept()[: -self.keep]:
                old.unlink(missing_ok=True)
        self._last_body, self._last_said = body, said

    def _kept(self) -> list[Path]:
        return sorted((self.folder / HISTORY).glob("monitoring_report_*.json"))

    def _digest_of_newest(self) -> bytes | None:
        kept = self._kept()
        try:
            newest = orjson.loads(kept[-1].read_bytes()) if kept else {}
        except (OSError, orjson.JSONDecodeError):
            return None
        return digest({key: value for key, value in newest.items() if key not in HEADING})


def encode(document: Mapping[str, object]) -> bytes:
    """Write strict JSON, indented for the person who opens it."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def digest(body: Mapping[str, object]) -> bytes:
    """Return a digest of what a report says, whenever it says it."""
    return hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


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
