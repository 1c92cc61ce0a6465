"""One incident: description, state of its days, what to do, acknowledgements, and the form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exporter.causes.kinds import level_shift
from exporter.causes.known import CAUSES
from exporter.causes.problem import Problem
from exporter.checks.units import finding_words
from exporter.errors import UserError
from exporter.gate.days import runs_of_days
from exporter.gate.incident import find_id
from exporter.incidents.incident import DayState, Incident, Standing
from exporter.incidents.texts import ENDS, held_line, severity_name, texts_of
from exporter.links import CHECKS, INCIDENTS
from exporter.model import Partition
from exporter.pages.answer import Asking, Form, Values, read_words
from exporter.pages.answers import answers_to
from exporter.pages.html import instant, render
from exporter.pages.site import Document, Kind, MovedError, NotFoundError, Site, Visit
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.plain import LONGEST_LINE, plain
from exporter.triage.aftermath import checks_of

MOST_DAYS = 60  # that are listed, the newest
FATES: Mapping[DayState, tuple[str, str]] = {  # what is said, and the colour
    DayState.BAD: ("bad", ""),
    DayState.ANSWERED: ("acknowledged", "quiet"),
    DayState.REPAIRED: ("repaired", "ok"),
}
TAKEN_IN = ("acknowledged, takes effect at the next pass", "quiet")


@dataclass(frozen=True, slots=True)
class DayLine:
    """The state of one day. A day no longer ``judged`` has no page."""

    day: Partition
    fate: str
    tone: str
    held: bool  # even if repaired, until it is acknowledged
    judged: bool
    seen: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check in breach that the incident explains, on the newest day."""

    name: str
    severity: str
    found: str
    summary: str
    runbook: str  # the address


@dataclass(frozen=True, slots=True)
class _Subject:
    """An incident, with its problems on judged days."""

    incident: Incident
    snapshot: Snapshot
    views: Mapping[Partition, PartitionView]

    @classmethod
    def find(cls, snapshot: Snapshot, text: str) -> "_Subject":
        known = {one.id: one for one in snapshot.incidents}
        try:
            incident = known[find_id(text, known)]
        except UserError as error:
            raise NotFoundError(str(error)) from None
        views = {view.partition: view for view in snapshot.window if view.partition in incident.days}
        return cls(incident, snapshot, views)

    @property
    def names(self) -> frozenset[str]:
        return checks_of(self.incident, self.views.values()) | {self.incident.name}

    def problem(self, day: Partition) -> Problem | None:
        key = (self.incident.name, self.incident.subject)
        view = self.views.get(day)
        return next((one for one in view.problems if one.key == key), None) if view else None

    @property
    def newest(self) -> Problem | None:
        """The problem on the newest day that still has it."""
        found = (self.problem(day) for day in sorted(self.views, reverse=True))
        return next((problem for problem in found if problem is not None), None)


def _make(site: Site, visit: Visit) -> Document:
    subject = _Subject.find(site.snapshot, visit.values["id"])
    incident = subject.incident
    if visit.values["id"] != incident.id and visit.returned is None:
        raise MovedError(incident.id)  # so that it has a single address
    here = PAGE.here if visit.returned is None else FORM.here
    root = here + site.root
    said = texts_of(site.snapshot.feed, incident)
    answers = answers_to(site, incident, subject.names)
    newest = subject.newest
    return Document(
        render(
            "incident.html",
            site=site,
            here=here,
            root=root,
            incident=incident,
            severity=severity_name(incident.severity),
            headline=said.headline.removeprefix(f"{site.snapshot.feed} "),
            lines=[line for line in said.text.splitlines() if line not in ("", held_line(incident))],
            state=_state(incident, answers.days),
            held=", ".join(runs_of_days(set(incident.held) - answers.days)),
            tone=severity_name(incident.severity) if incident.state is Standing.OPEN else "quiet",
            days=tuple(_days(subject, answers.days)),
            older=max(0, len(incident.days) - MOST_DAYS),
            evidence=tuple(_evidence(newest)),
            confidence="" if newest is None or newest.finding is None else newest.finding.confidence,
            checks=tuple(_checks(newest, site, root)),
            steps=_steps(subject),
            runbook=site.runbook(incident.words.page, incident.words.runbook, root),
            answers=answers,
            asking=_asking(site, visit, incident, here)
            if visit.returned is not None or set(incident.bad) - answers.days
            else None,
        )
    )


def _asking(site: Site, visit: Visit, incident: Incident, here: str) -> Asking:
    action = f"{here}{INCIDENTS}/{incident.id}/acknowledge"
    is_level = incident.name == level_shift.CAUSE.name
    return Asking.of(
        site, visit, action=action, name=incident.id, takes_later_days=not is_level, is_level=is_level
    )


def _state(incident: Incident, answered: frozenset[Partition]) -> str:
    if incident.state is Standing.OPEN or incident.why is None:
        left = set(incident.bad) - answered
        return "open: its bad days are not acknowledged" if left else f"open, but {TAKEN_IN[0]}"
    return f"{ENDS[incident.why]}, {instant(incident.ended_ns)}"


def _days(subject: _Subject, answered: frozenset[Partition]) -> Iterator[DayLine]:
    incident, names = subject.incident, subject.names
    held = {one.partition for one in subject.snapshot.gate.holds if one.check in names} - answered
    for day in sorted(incident.days, reverse=True)[:MOST_DAYS]:
        problem, view = subject.problem(day), subject.views.get(day)
        state = incident.days[day]
        fate, tone = TAKEN_IN if state is DayState.BAD and day in answered else FATES[state]
        yield DayLine(
            day=day,
            fate=fate,
            tone=tone or severity_name(incident.severity if problem is None else problem.severity),
            held=day in held,
            judged=view is not None,
            seen="" if problem is None or view is None else view.words[problem.key].seen,
            checks=() if problem is None else tuple(alert.check.name for alert in problem.alerts),
        )


def _evidence(problem: Problem | None) -> Iterator[tuple[str, str]]:
    """Yield the known counts and names behind the finding."""
    if problem is None or problem.finding is None:
        return
    for name, value in problem.finding.evidence.items():
        text = plain(value, LONGEST_LINE) if isinstance(value, str) else f"{value:,.10g}"
        if text:
            yield name.replace("_", " "), text


def _checks(problem: Problem | None, site: Site, root: str) -> Iterator[CheckLine]:
    for alert in () if problem is None else problem.alerts:
        yield CheckLine(
            name=alert.check.name,
            severity=alert.severity.value,
            found=finding_words(alert),
            summary=alert.check.summary,
            runbook=site.runbook(CHECKS, alert.check.runbook, root),
        )


def _steps(subject: _Subject) -> tuple[str, ...]:
    """Return what to do: first what is specific to this case, then general steps."""
    incident = subject.incident
    known = {check.name: check.resolution for check in subject.snapshot.checks}
    cause = CAUSES.get(incident.name)
    usual = known.get(incident.name, ()) if cause is None else cause.resolution
    return tuple(dict.fromkeys((incident.words.next_step, *usual)))


def _read(values: Values, typed: Values) -> Mapping[str, object]:
    said = {"standing": "standing" in typed, "new_level": "new_level" in typed}
    return {"incident": values["id"], **said, **read_words(typed)}


PAGE: Kind[Site] = Kind("incidents/{id}", _make, is_personal=True)
FORM = Form("incidents/{id}/acknowledge", PAGE, _read)
