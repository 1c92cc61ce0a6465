"""Facts in, snapshot out: a pure function of the facts and the instant."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exporter.causes.cause import Case
from exporter.causes.problem import Problem, problems_of
from exporter.checks.check import Alert, Check
from exporter.checks.deviation import Side
from exporter.checks.judge import judge
from exporter.figures.table import compute_figures
from exporter.gate.entry import Limits
from exporter.history.detection import Event, event_of
from exporter.history.names import LEAST_DAYS, LOOKS_BACK_DAYS, compare_events
from exporter.history.norm import normal_days
from exporter.history.trend import PartitionTrends, Trend
from exporter.history.window import Day, TrendMemory
from exporter.incidents.texts import severity_name
from exporter.incidents.words import words_of
from exporter.metric import Figures, Settings, profile_of
from exporter.model import NANOSECONDS, EventChanges, Partition, PartitionFacts, Stage
from exporter.pipeline.exclusion import exclusion, new_level_trends
from exporter.pipeline.repair import compare_contents
from exporter.pipeline.snapshot import PartitionView, Snapshot, subject_of

NO_TRENDS = PartitionTrends()
FoundBefore = Mapping[str, frozenset[Partition]]  # earlier days on which a cause was found, by its name
_Basis = tuple[PartitionFacts, tuple[PartitionFacts, ...], FoundBefore]  # of a day's causes
NOTHING: Mapping[Partition, Day] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rules:
    """What to compute and how to judge it."""

    figures: Settings
    checks: tuple[Check, ...]
    trends: tuple[Trend, ...]
    events: tuple[Event, ...] = ()  # days known in advance to differ


@dataclass(slots=True)
class Assembler:
    """Turns facts into snapshots; results of unchanged facts are kept."""

    rules: Rules
    _kept: dict[Partition, tuple[PartitionFacts, Figures]] = field(default_factory=dict)
    _views: tuple[PartitionView, ...] = ()
    _found: Mapping[Partition, FoundBefore] = field(default_factory=dict)  # by which the views were explained
    _ahead: dict[Partition, tuple[_Basis, frozenset[str]]] = field(default_factory=dict)
    _last: Snapshot | None = None
    _judged_at_ns: int = 0
    _trends: TrendMemory = field(init=False)
    _graces_ns: frozenset[float] = field(init=False)

    def __post_init__(self) -> None:
        self._trends = TrendMemory(self.rules.trends, self.rules.figures.feed.service.period)
        graces = (check.value.after_due_seconds for check in self.rules.checks if check.value)
        self._graces_ns = frozenset(grace * NANOSECONDS for grace in graces if grace is not None)

    def repeat(self, *, as_of_ns: int, generated_ns: int) -> Snapshot | None:
        """Return the last snapshot as of another instant, or ``None`` if a check has become due since.

        For unchanged facts: apart from them verdicts depend only on the clock.
        """
        if self._last is None or not all(self._stands(view.facts, as_of_ns) for view in self._last.window):
            return None
        self._judged_at_ns = as_of_ns
        return replace(self._last, as_of_ns=as_of_ns, generated_ns=generated_ns)

    def assemble(
        self,
        lead_in: Sequence[PartitionFacts],
        exposed: Sequence[PartitionFacts],
        *,
        as_of_ns: int,
        generated_ns: int,
        past: Mapping[Partition, Day] = NOTHING,
    ) -> Snapshot:
        """Compute, window and judge all partitions, given oldest first.

        ``past`` are days before all of them, of which only the trends' values are known.
        """
        everything = (*lead_in, *exposed)
        self._kept = {facts.partition: (facts, self._figures(facts)) for facts in everything}
        figures = {partition: known for partition, (_, known) in self._kept.items()}
        there = {facts.partition: facts for facts in everything if facts.is_readable}
        days = {day: self._day(facts, figures[day]) for day, facts in there.items()}
        windows = self._trends.compute({**past, **days}, [facts.partition for facts in exposed])
        ahead = [
            PartitionView(facts, figures[facts.partition], PartitionTrends(), (), lead_in=True)
            for facts in lead_in
        ]
        before = {view.partition: view for view in self._views if not view.lead_in}
        by_day = {facts.partition: facts for facts in everything}
        changes = self._changes((*lead_in, *exposed), days)
        causes = self._causes_of(lead_in, figures, by_day)
        found_before: dict[Partition, FoundBefore] = {}
        judged = []
        for facts in exposed:
            day, changed = facts.partition, changes.get(facts.partition)
            known = facts if changed is None else replace(facts, changes=changed)
            own = figures[day] if changed is None else compute_figures(known, self.rules.figures)
            found_before[day] = self._found_before(day, causes)
            kept = before.get(day) if found_before[day] == self._found.get(day) else None
            view = self._judged(known, own, windows, as_of_ns, kept)
            if view is not kept:
                view = self._explained(view, by_day, windows, as_of_ns, found_before[day])
            causes[day] = _names_of(view.problems)
            judged.append(view)
        self._found = found_before
        views = (*ahead, *judged)
        stand = all(self._stands(facts, as_of_ns) for facts in exposed)
        if views != self._views or not stand:  # the same object: nothing needs to be rendered again
            self._views = views
        self._judged_at_ns = as_of_ns
        self._last = Snapshot(
            as_of_ns,
            generated_ns,
            self._views,
            self.rules.checks,
            self.rules.trends,
            feed=self.rules.figures.feed.id,
            stages=self.rules.figures.feed.stages,
            tables=self.rules.figures.feed.tables,
            revenue=bool(self.rules.figures.feed.raw.packs),
        )
        return self._last

    def day_of(self, facts: PartitionFacts) -> Day:
        """Return what the baselines of later days need of a day."""
        return self._day(facts, compute_figures(facts, self.rules.figures))

    def _day(self, facts: PartitionFacts, figures: Figures) -> Day:
        event = event_of(facts.partition, self.rules.events)
        new = new_level_trends(facts.new_level, self.rules.checks)
        return Day(figures, exclusion(facts, self.rules.figures.feed, event), event, new)

    def _figures(self, facts: PartitionFacts) -> Figures:
        kept = self._kept.get(facts.partition)
        return kept[1] if kept and kept[0] == facts else compute_figures(facts, self.rules.figures)

    def _days_before(self, day: Partition) -> Iterator[Partition]:
        """Yield the days that a day is compared with, as far as they are known, newest first."""
        period = self.rules.figures.feed.service.period
        yield from (day - period * lag for lag in range(1, LOOKS_BACK_DAYS + 1))

    def _changes(
        self, everything: Sequence[PartitionFacts], days: Mapping[Partition, Day]
    ) -> Mapping[Partition, EventChanges]:
        """Return how each day's events differ from those of the normal days in its baseline."""
        profiles = {facts.partition: profile_of(facts, Stage.RAW) for facts in everything}
        found: dict[Partition, EventChanges] = {}
        differing: set[Partition] = set()
        for day, today in profiles.items():
            serving = [one for one in self._days_before(day) if one in days and days[one].excluded is None]
            before = [profiles[one] for one in normal_days(serving, differing.__contains__)]
            earlier = [profile for profile in before if profile is not None]
            if today is None:
                continue
            changes = compare_events(today, earlier, self.rules.figures.known_events)
            if changes is not None:
                found[day] = changes
                if len(earlier) >= LEAST_DAYS:  # of the first days of a feed everything is new
                    differing.add(day)
        return found

    def _found_before(self, day: Partition, causes: Mapping[Partition, frozenset[str]]) -> FoundBefore:
        """Return on which of the days before each cause was found."""
        found: dict[str, set[Partition]] = {}
        for earlier in self._days_before(day):
            for name in causes.get(earlier, ()):
                found.setdefault(name, set()).add(earlier)
        return {name: frozenset(days) for name, days in found.items()}

    def _causes_of(
        self,
        lead_in: Sequence[PartitionFacts],
        figures: Mapping[Partition, Figures],
        by_day: Mapping[Partition, PartitionFacts],
    ) -> dict[Partition, frozenset[str]]:
        """Return the causes of the days just before the judged ones, which matter only for these."""
        causes: dict[Partition, frozenset[str]] = {}
        known, self._ahead = self._ahead, {}
        for facts in lead_in[-LOOKS_BACK_DAYS:]:
            day = facts.partition
            there = (by_day[one] for one in self._days_before(day) if one in by_day)
            earlier = tuple(one for one in there if one.is_readable)
            basis = (facts, earlier, self._found_before(day, causes))
            kept = known.get(day)
            if kept is None or kept[0] != basis:
                case = Case(facts, (), self.rules.figures.feed, earlier, figures[day])
                problems = problems_of(case, acknowledged=frozenset(), found_before=basis[2])
                kept = (basis, _names_of(problems))
            self._ahead[day], causes[day] = kept, kept[1]
        return causes

    def _judged(
        self,
        facts: PartitionFacts,
        figures: Figures,
        windows: Mapping[Partition, PartitionTrends],
        as_of_ns: int,
        before: PartitionView | None,
    ) -> PartitionView:
        window = windows.get(facts.partition, NO_TRENDS)
        if (
            before is not None
            and before.facts == facts
            and before.window is window
            and self._stands(facts, as_of_ns)
        ):
            return before
        subject = subject_of(facts, figures, window, as_of_ns)
        alerts = judge(self.rules.checks, subject)
        view = PartitionView(facts, figures, window, alerts)
        # Acknowledging a check covers what follows from it.
        view = self._answered(view, explained(alerts, facts.acknowledged), as_of_ns)
        return replace(
            view, repair=compare_contents(view.facts, self.rules.checks, self.rules.figures, as_of_ns)
        )

    def _answered(self, view: PartitionView, names: frozenset[str], as_of_ns: int) -> PartitionView:
        """Judge again with more acknowledged names."""
        if names <= view.facts.acknowledged:
            return view
        facts = replace(view.facts, acknowledged=view.facts.acknowledged | names)
        figures = compute_figures(facts, self.rules.figures)
        alerts = judge(self.rules.checks, subject_of(facts, figures, view.window, as_of_ns))
        return replace(view, facts=facts, figures=figures, alerts=alerts)

    def _explained(
        self,
        view: PartitionView,
        by_day: Mapping[Partition, PartitionFacts],
        windows: Mapping[Partition, PartitionTrends],
        as_of_ns: int,
        found_before: FoundBefore,
    ) -> PartitionView:
        """Add a day's problems, each once, and those acknowledged in advance."""
        problems = self._problems(view, by_day, windows, found_before)
        beforehand = _answered_beforehand(problems, view.facts.standing)
        if beforehand - view.facts.acknowledged:
            view = self._answered(view, beforehand | explained(view.alerts, beforehand), as_of_ns)
            problems = self._problems(view, by_day, windows, found_before)
        trends, detections = view.window.trends or {}, view.window.detections or {}
        words = {problem.key: words_of(problem, trends, detections) for problem in problems}
        return replace(view, problems=problems, words=words)

    def _problems(
        self,
        view: PartitionView,
        by_day: Mapping[Partition, PartitionFacts],
        windows: Mapping[Partition, PartitionTrends],
        found_before: FoundBefore,
    ) -> tuple[Problem, ...]:
        period = self.rules.figures.feed.service.period
        days = (view.partition - period * lag for lag in range(LOOKS_BACK_DAYS + 1))
        case = Case(
            facts=view.facts,
            alerts=view.alerts,
            feed=self.rules.figures.feed,
            earlier=tuple(
                by_day[member.partition]
                for member in view.window.members
                if 0 < member.lag <= LOOKS_BACK_DAYS and member.partition in by_day
            ),
            figures=view.figures,
            trends=view.window.trends or {},
            windows={day: windows[day] for day in days if day in windows},
            baseline=tuple(
                by_day[member.partition]
                for member in view.window.members
                if member.serves and member.partition in by_day
            ),
        )
        return problems_of(case, acknowledged=view.facts.acknowledged, found_before=found_before)

    def _stands(self, facts: PartitionFacts, as_of_ns: int) -> bool:
        """Return whether the same checks are not due yet as at the last judgement."""
        now, before = as_of_ns - facts.due_ns, self._judged_at_ns - facts.due_ns
        return all((now > grace) == (before > grace) for grace in self._graces_ns)


def _names_of(problems: Sequence[Problem]) -> frozenset[str]:
    """Return the causes among problems."""
    return frozenset(problem.cause.name for problem in problems if problem.cause is not None)


def _answered_beforehand(
    problems: Sequence[Problem], standing: Mapping[tuple[str, str], Sequence[tuple[str, Collection[Side]]]]
) -> frozenset[str]:
    """Return what standing acknowledgements cover: problems that are no worse, and to the same side."""
    return frozenset(
        name
        for problem in problems
        if any(
            Limits(*one).allow(severity_name(problem.severity), problem.sides)
            for one in standing.get(problem.key, ())
        )
        for name in problem.names
    )


def explained(alerts: Sequence[Alert], acknowledged: frozenset[str]) -> frozenset[str]:
    """Return the checks in breach that follow from acknowledged ones, however old the day is."""
    causes = [alert for alert in alerts if alert.check.name in acknowledged]
    return frozenset(alert.check.name for cause in causes for alert in alerts if alert.follows_from(cause))
