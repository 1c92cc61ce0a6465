"""Collect the facts of each day: its files, what upstream reports, how its tasks went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exporter.discover.calendar import Calendar, Window
from exporter.discover.deliveries import Unmatched
from exporter.discover.listing import Listing
from exporter.discover.upstream import Claims, ReportCache, newest_claims, parse_dq_summary, parse_task_run
from exporter.gate.content import content_of
from exporter.history.runs import place_runs
from exporter.model import Partition, PartitionFacts, Stage, StageFacts, TaskRun
from exporter.pipeline.intake import Intake, Taken
from exporter.pipeline.oddities import MOST_NAMES, oddity
from exporter.profiling.aside import describe


@dataclass(slots=True)
class Gatherer:
    """Collects facts pass by pass; upstream's files are read once."""

    intake: Intake
    _contents: dict[Partition, tuple[Mapping[Stage, StageFacts], str]] = field(default_factory=dict)  # last
    _claims: ReportCache[tuple[Claims, tuple[str, ...]]] = field(init=False)
    _runs: ReportCache[tuple[Partition, TaskRun]] = field(default_factory=lambda: ReportCache(parse_task_run))

    def __post_init__(self) -> None:
        self._claims = ReportCache(lambda path: parse_dq_summary(self.intake.reading.feed.raw, path))

    def gather(
        self,
        calendar: Calendar,
        window: Window,
        listing: Listing,
        taken: Taken,
        problems: list[str],
        *,
        now_ns: int,
        unended_after: float,
    ) -> dict[Partition, PartitionFacts]:
        """Return the facts of the window's days; unreadable files are added to ``problems``.

        After ``unended_after`` seconds a task without an end counts as hanging. Raises PlaceError if
        upstream's files cannot be read now.
        """
        claims = newest_claims(self._claims.read(listing.dq_summaries, problems), problems)
        recorded = self._runs.read(listing.task_runs, problems)
        runs = place_runs(recorded, now_ns=now_ns, unended_after=unended_after)
        chosen = (*window.lead_in, *window.exposed)
        stages = _by_day(taken, chosen, problems)
        self._contents = {day: self._contents[day] for day in chosen if day in self._contents}
        beside = _beside(listing)
        return {
            day: PartitionFacts(
                day=calendar.day(day),
                due_ns=calendar.due_ns(day),
                alertable=day in window.alertable,
                stages=stages.get(day, {}),
                dq=claims.get(day),
                tasks=runs.get(day, {}),
                content=self._content(day, stages.get(day, {})),
                beside=tuple(found.shown for found in beside.get(day, ())),
                beside_is=tuple(
                    describe(found.path)
                    for found in beside.get(day, ())[:MOST_NAMES]
                    if Stage.RAW not in stages.get(day, {}) and day in window.alertable
                ),
                unsettled=day in taken.unsettled,
                replaced=self.intake.replaced_of(day),
                gone=self.intake.gone_of(day, stages.get(day, {})),
            )
            for day in chosen
        }

    def _content(self, partition: Partition, stages: Mapping[Stage, StageFacts]) -> str:
        """Return the name of a partition's content; if nothing changed, that of the last pass."""
        known = self._contents.get(partition)
        if known is None or known[0] != stages:
            known = self._contents[partition] = (stages, content_of(stages))
        return known[1]


def _by_day(
    taken: Taken, chosen: Sequence[Partition], problems: list[str]
) -> dict[Partition, dict[Stage, StageFacts]]:
    stages: dict[Partition, dict[Stage, StageFacts]] = {}
    for stage, partition in ((stage, partition) for stage in Stage for partition in chosen):
        known = taken.stages.get((partition, stage))
        if known is None:
            continue
        stages.setdefault(partition, {})[stage] = known
        words = oddity(stage, partition, known)
        if words is not None:
            problems.append(words)
    return stages


def _beside(listing: Listing) -> dict[Partition, list[Unmatched]]:
    """Return the files of each day that are named almost like its raw file."""
    beside: dict[Partition, list[Unmatched]] = {}
    for found in listing.unmatched:
        if found.stage is Stage.RAW:
            beside.setdefault(found.partition, []).append(found)
    return beside
