"""Keeps a feed's incidents across passes and restarts."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from exporter.incidents.codec import decode_incident, encode_incident
from exporter.incidents.fold import Answered, Day, fold
from exporter.incidents.incident import Incident, Standing
from exporter.model import NANOSECONDS, Partition
from exporter.store.state import State, StateError

log = logging.getLogger(__name__)

LISTED_SECONDS = 14 * 86_400  # for which an incident stays listed after its end


@dataclass(slots=True)
class Ledger:
    """The incidents of one feed. Without a state they start over at each start.

    Failed writes are retried at the next pass and counted in ``errors``.
    """

    state: State | None = None
    past: bool = False  # as of an instant other than now
    errors: int = 0
    incidents: tuple[Incident, ...] = ()
    _unsaved: bool = False

    def __post_init__(self) -> None:
        if self.state is None:
            return
        try:
            bodies = self.state.load_incidents().values()
        except StateError as error:
            self._complain(error)
        else:
            found = (decode_incident(body) for body in bodies)
            self.incidents = tuple(incident for incident in found if incident is not None)

    def update(
        self, feed: str, days: Sequence[Day], now_ns: int, answered: frozenset[Answered] = frozenset()
    ) -> tuple[Incident, ...]:
        """Merge the window's days and acknowledgements into the known incidents, and store the result."""
        incidents = fold(
            feed, days, self._known_at(now_ns) if self.past else self.incidents, now_ns, answered
        )
        first = min((day.partition for day in days), default=None)
        kept = tuple(incident for incident in incidents if _is_kept(incident, first, now_ns))
        if kept != self.incidents:  # the same object signals that nothing needs to be rendered again
            self.incidents, self._unsaved = kept, True
        self._save()
        return self.incidents

    def again(self) -> tuple[Incident, ...]:
        """Return the last result for unchanged days and acknowledgements; write it if that failed before."""
        self._save()
        return self.incidents

    def _known_at(self, now_ns: int) -> tuple[Incident, ...]:
        """Return what was known at that instant: a what-if knows nothing of what came later."""
        today = datetime.fromtimestamp(now_ns / NANOSECONDS, UTC).date()
        later = any(
            max(incident.days) > today or (incident.ended_ns or 0) > now_ns for incident in self.incidents
        )
        return () if later else self.incidents

    def _save(self) -> None:
        if self.state is None:
            self._unsaved = False
        elif self._unsaved:
            try:
                self.state.note_incidents({one.id: encode_incident(one) for one in self.incidents})
            except StateError as error:
                self._complain(error)
            else:
                self._unsaved = False

    def _complain(self, error: StateError) -> None:
        self.errors += 1
        log.error("incidents not stored", extra={"reason": str(error)})


def _is_kept(incident: Incident, first: Partition | None, now_ns: int) -> bool:
    """Return whether it is kept: outside the window only if it is open or ended recently."""
    return is_listed(incident, now_ns) or (first is not None and incident.last >= first)


def is_listed(incident: Incident, now_ns: int) -> bool:
    """Return whether it is open or ended recently."""
    if incident.state is Standing.OPEN or incident.ended_ns is None:
        return True
    return now_ns - incident.ended_ns <= LISTED_SECONDS * NANOSECONDS
