"""Days in, incidents out: a pure function of the days and of the incidents known before.

Nothing ends by age, and nothing that is over opens again by it. What is known of a day that has left the
window, or cannot be read now, is kept.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from exporter.causes.problem import Problem, rank
from exporter.checks.check import Severity, State
from exporter.incidents.incident import DayState, Incident, Standing, Why, incident_id
from exporter.incidents.words import Words
from exporter.model import Partition

BRIDGED_DAYS = 2  # good days within an incident: it paused, it is not over
STANDING_DAYS = 7  # consecutive bad days: a limit that the feed crosses every day

Key = tuple[str, str]
Answered = tuple[str, Partition]  # an incident and one of its days


@dataclass(frozen=True, slots=True)
class Day:
    """One due day, as far as incidents need it.

    ``seen``: its raw file was read and is not changing, so what is not wrong with it is good. ``doubtful``:
    something critical about it waits for an answer, or it is held, so it does not show that anything is over.
    ``covered`` are the checks in breach that are explained otherwise: neither good nor a separate problem.
    """

    partition: Partition
    due_ns: int
    problems: tuple[Problem, ...]
    words: Mapping[Key, Words]
    seen: bool
    covered: frozenset[str] = frozenset()
    settled: bool = True  # its files are complete: problems while a file is being written are not reported
    doubtful: bool = False
    came_ns: int = 0  # when its content came, if known: its files' first one, or the newest replacement
    replaced_ns: int = 0  # when that replaced earlier content, if it did
    accepts: frozenset[tuple[Key, Partition]] = frozenset()  # problems of days that are on its accepted level

    @property
    def known_ns(self) -> int:
        """When it could be judged as it is now."""
        return max(self.due_ns, self.came_ns, self.replaced_ns)


@dataclass(slots=True)
class _Track:
    """The window's days for one kind of problem."""

    bad: dict[Partition, tuple[Problem, Words]] = field(default_factory=dict)
    begun: dict[Partition, int] = field(default_factory=dict)  # since when a bad day is known as it is
    replaced: dict[Partition, int] = field(default_factory=dict)  # when a bad day was replaced, if it was
    good: dict[Partition, int] = field(default_factory=dict)  # since when the day is known as it is
    free: set[Partition] = field(default_factory=set)  # of this kind of problem, whatever else is wrong
    accepted: set[Partition] = field(default_factory=set)  # bad days whose level is that of a day without
    covered: set[Partition] = field(default_factory=set)
    window: set[Partition] = field(default_factory=set)
    unsettled: set[Partition] = field(default_factory=set)


def fold(
    feed: str,
    days: Sequence[Day],
    known: Iterable[Incident],
    now_ns: int,
    answered: frozenset[Answered] = frozenset(),
) -> tuple[Incident, ...]:
    """Return the current incidents: open ones first, then worst first, then newest first.

    ``days`` are those of the window, oldest first; ``known`` is the last result; ``answered`` says which
    days of which incidents are acknowledged, for days older than the window: newer ones know it themselves.
    """
    window = {day.partition for day in days}
    known = [_answered_since(incident, window, answered) for incident in known]
    before: dict[Key, list[Incident]] = {}
    for incident in known:
        before.setdefault((incident.name, incident.subject), []).append(incident)
    keys = {problem.key for day in days for problem in day.problems} | before.keys()
    found = [
        _judged(incident, over, track, now_ns)
        for key in keys
        for track in (_track(key, days),)
        for incident, over in _grow(feed, key, track, before.get(key, []))
    ]
    return tuple(sorted(found, key=_order))


def _answered_since(
    incident: Incident, window: Collection[Partition], answered: frozenset[Answered]
) -> Incident:
    """Apply acknowledgements made after a day left the window: otherwise the incident could never end."""
    left = {day for day in incident.bad if day not in window and (incident.id, day) in answered}
    return replace(
        incident,
        days={day: DayState.ANSWERED if day in left else state for day, state in incident.days.items()},
    )


def _order(incident: Incident) -> tuple[bool, int, int, str]:
    ended = incident.state is not Standing.OPEN
    return ended, rank(incident.severity), -incident.last.toordinal(), incident.id


def _track(key: Key, days: Sequence[Day]) -> _Track:
    track = _Track()
    for day in days:
        track.window.add(day.partition)
        if not day.settled:
            track.unsettled.add(day.partition)
        problem = next((problem for problem in day.problems if problem.key == key), None)
        if problem is not None:
            track.bad[day.partition] = (problem, day.words[key])
            track.begun[day.partition] = day.known_ns
            track.replaced[day.partition] = day.replaced_ns
        elif key[0] in day.covered:
            track.covered.add(day.partition)
        elif day.seen:
            track.free.add(day.partition)
            track.accepted |= {there for name, there in day.accepts if name == key}
            if not day.doubtful:
                track.good[day.partition] = day.known_ns
    return track


def _grow(
    feed: str, key: Key, track: _Track, known: Sequence[Incident]
) -> Iterator[tuple[Incident, Why | None]]:
    """Yield the incidents of one kind with the current state of their days, and why they were over before."""
    runs: dict[str, list[Partition]] = {}
    current: str | None = None
    for day in sorted(track.bad):
        own = next((one.id for one in known if day in one.days), None)
        if own is None and current is not None and _bridges(track, runs[current][-1], day):
            own = current
        if own is None:
            own = next((one.id for one in known if one.touched and _touches(track, one, day)), None)
        current = own if own is not None else incident_id(feed, *key, day)
        runs.setdefault(current, []).append(day)
    by_id = {incident.id: incident for incident in known}
    for name in runs.keys() | by_id.keys():
        run, before = runs.get(name, []), by_id.get(name)
        grown = _begun(name, run, track) if before is None else _grown(before, run, track)
        if grown.days:
            yield grown, None if before is None else _over(before, run, track)


def _touches(track: _Track, incident: Incident, day: Partition) -> bool:
    """Return whether a day belongs to an incident that ended shortly before it, or began shortly after it."""
    return _bridges(track, incident.last, day) or _bridges(track, day, incident.touched[0])


def _bridges(track: _Track, last: Partition, day: Partition) -> bool:
    return last < day and sum(last < good < day for good in track.good) <= BRIDGED_DAYS


def _begun(name: str, run: Sequence[Partition], track: _Track) -> Incident:
    problem, words = track.bad[run[0]]
    nothing = Incident(
        id=name,
        name=problem.name,
        subject=problem.subject,
        severity=problem.severity,
        owner=problem.owner,
        since=run[0],
        days={},
        state=Standing.OPEN,
        why=None,
        notified=False,
        words=words,
        checks={},
    )
    return _grown(nothing, run, track)


def _grown(before: Incident, run: Sequence[Partition], track: _Track) -> Incident:
    days = dict(before.days)
    for day in before.days:
        if day in track.free:
            days[day] = DayState.REPAIRED
        elif day in track.covered and not before.notified:
            del days[day]
    checks: dict[Partition, tuple[str, ...]] = {}  # days that have left the window are not judged
    severity, notified, words, owner = before.severity, before.notified, before.words, before.owner
    for day in run:
        problem, words = track.bad[day]
        days[day] = _state_of(problem, before.days.get(day))
        checks[day] = tuple(alert.check.name for alert in problem.alerts if alert.state is State.FIRING)
        if rank(problem.severity) < rank(severity):  # another owner is another alert: only if it is worse
            severity, owner = problem.severity, problem.owner
        notified = notified or (
            problem.severity is not None and problem.state is State.FIRING and day not in track.unsettled
        )
    return replace(
        before,
        severity=severity,
        owner=owner,
        since=min(days, default=before.since),
        days=days,
        notified=notified,
        words=words,
        checks={day: names for day, names in checks.items() if names and days.get(day) is DayState.BAD},
        held_by={
            day: names
            for day, names in (*_held_before(before, track), *_held_now(run, track))
            if days.get(day) is DayState.BAD
        },
    )


def _held_before(before: Incident, track: _Track) -> Iterator[tuple[Partition, tuple[str, ...]]]:
    """Yield what holds days that have left the window: their holds last until they are acknowledged."""
    yield from ((day, names) for day, names in before.held_by.items() if day not in track.window)


def _held_now(run: Sequence[Partition], track: _Track) -> Iterator[tuple[Partition, tuple[str, ...]]]:
    """Yield what holds days of the window, whether it is still reported or not."""
    for day in run:
        names = tuple(alert.check.name for alert in track.bad[day][0].alerts if alert.blocks)
        if names:
            yield day, names


def _over(before: Incident, run: Sequence[Partition], track: _Track) -> Why | None:
    """Return why an incident had ended, ``None`` if it had not, or if a bad day opens it again.

    The days that ended it may have left the window, or be unreadable now. A day that was replaced after the
    end and is still bad fires again, so it opens it again, too.
    """
    if before.ended_ns is None:
        return None
    again = any(
        track.bad[day][0].state is State.FIRING and track.replaced[day] > before.ended_ns for day in run
    )
    stays = not run if before.why is Why.COVERED else all(day in before.touched for day in run)
    return before.why if stays and not again else None


def _state_of(problem: Problem, before: DayState | None) -> DayState:
    """Return the state of a day that is still bad; too old to alert, acknowledged days stay acknowledged."""
    if problem.state is State.ACKNOWLEDGED or (problem.state is State.PAST and before is DayState.ANSWERED):
        return DayState.ANSWERED
    return DayState.BAD


def _judged(incident: Incident, over: Why | None, track: _Track, now_ns: int) -> Incident:
    """Return its state; its end time is kept as long as the reason is the same."""
    last, first = incident.last, incident.since
    begun = max((track.begun.get(day, 0) for day in incident.bad), default=0) if incident.notified else 0
    # Days that were good before the bad one came do not show that it is over.
    good = sorted(day for day, known_ns in track.good.items() if day > last and known_ns >= begun)
    unbroken = not any(first < day < last for day in track.free)
    incident = replace(incident, unbroken=unbroken)
    state, why = _standing(incident, over, track, good=bool(good))
    if state is Standing.OPEN:
        return replace(incident, state=state, why=None, good_days=len(good), ended_ns=None)
    if incident.ended_ns is not None and incident.why is why:
        ended = incident.ended_ns
    else:
        ended = track.good[good[0]] if why is Why.NEXT_DAY_GOOD else now_ns
    known = incident.good_days if over is Why.NEXT_DAY_GOOD else 0
    return replace(
        incident, state=state, why=why, good_days=max(known, len(good)), ended_ns=ended, held_by={}
    )


def _standing(
    incident: Incident, over: Why | None, track: _Track, *, good: bool
) -> tuple[Standing, Why | None]:
    if not incident.touched:
        return Standing.RESOLVED, Why.REPAIRED
    if not incident.bad:
        return Standing.ACKNOWLEDGED, Why.ACKNOWLEDGED
    if over is Why.COVERED or all(day in track.covered for day in incident.bad):
        return Standing.RESOLVED, Why.COVERED
    accepted = over is None and all(day in track.accepted for day in incident.bad)
    if over is Why.ACCEPTED or accepted:
        return Standing.RESOLVED, Why.ACCEPTED
    # A critical incident that people were paged for needs an acknowledgement or a repair.
    must_be_answered = incident.severity is Severity.CRITICAL and incident.notified
    if (good or over is Why.NEXT_DAY_GOOD) and not must_be_answered:
        return Standing.RESOLVED, Why.NEXT_DAY_GOOD
    return Standing.OPEN, None
