"""Stores the trends' values of days before the window, so that baselines reach back further than files."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from exporter.feed import Feed
from exporter.gate.gate import Gate
from exporter.history.detection import event_of
from exporter.history.detectors.known import LONGEST_LAG
from exporter.history.trend import ROWS, Trend
from exporter.history.window import Day
from exporter.metric import Figures
from exporter.model import Partition, PartitionFacts
from exporter.pipeline.assemble import Rules
from exporter.pipeline.exclusion import Said, exclusion, new_level_trends
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.store.daybook import KeptDay
from exporter.store.state import State, StateError

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Daybook:
    """The values of the judged days. Without a state they are those of this process.

    Failed writes are retried at the next pass and counted in ``errors``.
    """

    state: State | None = None
    errors: int = 0
    days: Mapping[Partition, KeptDay] = field(default_factory=dict)
    _unsaved: dict[Partition, KeptDay | None] = field(default_factory=dict)
    _noted: tuple[PartitionView, ...] | None = None  # last

    def __post_init__(self) -> None:
        if self.state is not None:
            try:
                self.days = self.state.load_days()
            except StateError as error:
                self._complain(error)

    def before(self, first: Partition, gate: Gate, rules: Rules) -> Mapping[Partition, Day]:
        """Return the days before ``first`` that a baseline may reach, with current acknowledgements."""
        oldest = first - rules.figures.feed.service.period * LONGEST_LAG
        return {
            day: _recalled(day, kept, gate, rules) for day, kept in self.days.items() if oldest <= day < first
        }

    def note(self, snapshot: Snapshot, feed: Feed) -> None:
        """Store the days of a snapshot, replacing older values, and drop what is too old."""
        if not snapshot.views or snapshot.views is self._noted:
            self._save()
            return
        self._noted = snapshot.views
        there = {view.partition: view for view in snapshot.views if view.facts.is_readable}
        seen = {view.partition for view in snapshot.views}
        oldest = snapshot.views[0].partition - feed.service.period * LONGEST_LAG
        kept = {day: known for day, known in self.days.items() if day >= oldest and day not in seen}
        kept |= {
            day: kept_day(view.facts, view.figures, snapshot.trends, feed) for day, view in there.items()
        }
        for day in kept.keys() | self.days.keys():
            if kept.get(day) != self.days.get(day):
                self._unsaved[day] = kept.get(day)
        self.days = kept
        self._save()

    def _save(self) -> None:
        if self.state is None:
            self._unsaved.clear()
        if self.state is None or not self._unsaved:
            return
        changed = {day: kept for day, kept in self._unsaved.items() if kept is not None}
        try:
            self.state.note_days(changed, self._unsaved.keys() - changed.keys())
        except StateError as error:
            self._complain(error)
        else:
            self._unsaved.clear()

    def _complain(self, error: StateError) -> None:
        self.errors += 1
        log.error("trend values not stored", extra={"reason": str(error)})


def kept_day(facts: PartitionFacts, figures: Figures, trends: Sequence[Trend], feed: Feed) -> KeptDay:
    """Return what is stored of a day: values, and why they are unfit regardless of acknowledgements."""
    found = {(trend.metric, trend.labels): trend.value_in(figures) for trend in (*trends, ROWS)}
    values = {key: value for key, value in found.items() if value is not None}
    own = replace(facts, serves=None, held=False)
    return KeptDay(facts.content, values, exclusion(own, feed))


def _recalled(day: Partition, kept: KeptDay, gate: Gate, rules: Rules) -> Day:
    figures: dict[str, dict[tuple[str, ...], float]] = {}
    for (metric, labels), value in kept.values.items():
        figures.setdefault(metric, {})[labels] = value
    event = event_of(day, rules.events)
    said = Said(
        gate.serves(day, kept.content), kept.excluded, held=gate.is_held(day, kept.content), event=event
    )
    new = new_level_trends(gate.new_levels.get(day, frozenset()), rules.checks)
    return Day(figures, said.reason, event, new)
