"""The live exporter: what happens at each pass, and at a reload."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exporter.errors import UserError
from exporter.gate.acknowledge import acknowledge
from exporter.gate.audit import AuditLog
from exporter.gate.gate import Status
from exporter.gate.incident import acknowledge_incident, incidents_of, touched_by
from exporter.gate.line import as_fields
from exporter.gate.request import read_acknowledgement, read_incident, read_incident_acknowledgement
from exporter.model import Partition
from exporter.pipeline.refresh import DirectoryUnavailableError, Refresher
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import PushHealth, Vitals
from exporter.places.url import is_remote
from exporter.plain import LONGEST_LINE, plain
from exporter.report.incidents import incidents_report
from exporter.server.control import Reloaded
from exporter.service.memory import MEMORY
from exporter.service.publish import Publisher

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0  # after a failed pass; a vanished directory may be back soon

# Applies a validated configuration; called between two passes.
Reconfigure = Callable[[Refresher, Publisher], None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A requested reload; ``None`` if the new configuration is invalid."""

    reconfigure: Reconfigure | None


@dataclass(slots=True)
class Service:
    """Makes passes and publishes them, on one thread.

    ``load`` reads and validates the configuration, returns it with the keys that need a restart, and
    raises UserError; ``wake`` asks for a pass soon.
    """

    refresher: Refresher
    publisher: Publisher
    load: Callable[[], tuple[Reconfigure, tuple[str, ...]]]
    wake: Callable[[], None]
    audit: Path
    passed: Callable[[], None] = lambda: None  # called after every published pass
    pushes: Callable[[], Mapping[str, PushHealth]] = dict
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asked: "_Asked | None" = None

    def refresh(self) -> float | None:
        """Make one pass; return the seconds until the next, or ``None``."""
        self._answer_reload()
        before = self.refresher.vitals
        files_before = before.profiled_files
        try:
            outcome = self.refresher.refresh()
        except DirectoryUnavailableError as error:
            log.error(str(error))  # noqa: TRY400  the line is sufficient
            self._go_blind(error)
            return None if is_remote(self.refresher.directory) else RETRY_SECONDS  # listed once per interval
        self.refresher.vitals = replace(self.refresher.vitals, pushes=self.pushes())
        try:
            unwritten = self.publisher.publish(outcome.snapshot, self.refresher.vitals)
        except Exception:
            self.refresher.disown(before)
            raise
        self.passed()
        self._note_output_errors(before, unwritten)
        self._log_pass(files_before)
        MEMORY.give_back()
        return outcome.seconds_to_next

    def _go_blind(self, error: DirectoryUnavailableError) -> None:
        """Report that no data can be read, with the last known state; this closes the gate."""
        reason = plain(str(error), LONGEST_LINE)
        begun = self.publisher.snapshot
        snapshot = self._nothing_seen() if begun is None else begun
        blind = replace(snapshot, blind=reason, gate=replace(snapshot.gate, blind=reason))
        self.refresher.vitals = replace(self.refresher.vitals, problems=())
        # If the outputs were in the vanished folder, nothing is written there.
        writes = self.audit.parent.is_dir()
        self.publisher.publish(blind, self.refresher.vitals, writes=writes and begun is not None)
        if writes and begun is None:  # the report of an earlier run stays
            self.publisher.outputs.write_blind(reason)
        if writes:
            self.refresher.judge.keeper.show(blind.gate)

    def _nothing_seen(self) -> Snapshot:
        """Return a snapshot without days: the very first pass failed."""
        now = time.time_ns()
        holds = self.refresher.judge.keeper.look(datetime.now(UTC)).holds
        return Snapshot(now, now, (), (), (), gate=Status(holds), feed=self.refresher.feed.id)

    def note_failure(self, error: BaseException) -> None:
        """Report a failed pass; the last good snapshot stays."""
        problems = (plain(str(error) or type(error).__name__, LONGEST_LINE),)
        self.refresher.vitals = replace(self.refresher.vitals, problems=problems)
        self.publisher.repost(self.refresher.vitals)

    def reload(self) -> Reloaded:
        """Use a new configuration from the next pass on, or keep the old one if it is invalid.

        May be called from any thread.
        """
        try:
            reconfigure, waiting = self.load()
        except UserError as error:
            log.error("configuration not reloaded", extra={"reason": str(error)})  # noqa: TRY400  one line
            self.use(None)
            return Reloaded(problem=str(error))
        log.info("configuration reloaded, in use from the next pass")
        if waiting:
            log.warning("some keys take effect only after a restart", extra={"keys": ", ".join(waiting)})
        self.use(reconfigure)
        return Reloaded(waiting=waiting)

    def use(self, reconfigure: Reconfigure | None) -> None:
        """Use a configuration from the next pass on; ``None``: report that it was rejected.

        May be called from any thread.
        """
        with self._lock:
            self._asked = _Asked(reconfigure)
        self.wake()

    def acknowledge(self, fields: Mapping[str, object], user: str | None) -> Mapping[str, object]:
        """Record an acknowledgement of a partition or an incident, and request a pass; return it as recorded.

        ``user`` is the authenticated user. May be called from any thread. Raises UserError if it is
        rejected, OSError if it cannot be recorded.
        """
        now = datetime.now(UTC)
        if user is not None:
            said = fields.get("by")
            fields = {**fields, "by": user if said in (None, user) else f"{said} ({user})"}
        snapshot = self.publisher.snapshot
        views = () if snapshot is None else snapshot.window
        checks = frozenset(check.name for check in self.refresher.judge.assembler.rules.checks)
        contents = {view.partition: view.facts.content for view in views}
        log = AuditLog(self.audit)
        if "incident" in fields:
            report = {} if snapshot is None else incidents_report(snapshot)
            made = self._acknowledge_incident(log, fields, report, contents, now)
            self.wake()
            return made
        recorded = acknowledge(log, read_acknowledgement(fields, now, checks), contents, now)
        self.wake()
        return as_fields(recorded)

    @staticmethod
    def _acknowledge_incident(
        log: AuditLog,
        fields: Mapping[str, object],
        report: Mapping[str, Any],
        contents: Mapping[Partition, str],
        now: datetime,
    ) -> Mapping[str, object]:
        known = incidents_of(report)
        chosen = read_incident(fields, known)
        given = read_incident_acknowledgement(fields, touched_by(report, known[chosen]))
        recorded = acknowledge_incident(log, given, contents, now)
        return {"incident": chosen, "recorded": [as_fields(entry) for entry in recorded]}

    def _answer_reload(self) -> None:
        # Only this thread replaces the vitals, so no count of another thread can be lost.
        with self._lock:
            asked, self._asked = self._asked, None
        if asked is None:
            return
        vitals = replace(self.refresher.vitals, config_reload_succeeded=asked.reconfigure is not None)
        if asked.reconfigure is not None:
            asked.reconfigure(self.refresher, self.publisher)
            vitals = replace(vitals, config_reloaded_at=time.time())
        self.refresher.vitals = vitals

    def _log_pass(self, files_before: int) -> None:
        vitals = self.refresher.vitals
        files = vitals.profiled_files - files_before
        level = logging.INFO if files else logging.DEBUG  # a pass without changes is not logged
        log.log(
            level, "pass done", extra={"files_read": files, "seconds": round(vitals.last_pass_seconds, 3)}
        )

    def _note_output_errors(self, before: Vitals, unwritten: tuple[str, ...]) -> None:
        """Count a pass as failed if any of its outputs was not published, and log which."""
        errors = dict(self.publisher.outputs.errors)
        gate = self.refresher.judge.keeper.errors > before.gate_errors
        if errors == self.refresher.vitals.output_errors and not unwritten and not gate:
            return
        if unwritten or gate:
            self.refresher.disown(before)
        lines = (*unwritten, *(["the gate's files cannot be written or read, see the log"] if gate else []))
        vitals = self.refresher.vitals
        self.refresher.vitals = replace(vitals, output_errors=errors, problems=(*lines, *vitals.problems))
        self.publisher.repost(self.refresher.vitals)
