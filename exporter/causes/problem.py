"""What is wrong with a day, each problem once: causes with what they explain, and unexplained checks."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from types import MappingProxyType

from exporter.causes.carried import carried
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.known import CAUSES
from exporter.causes.volumes import adds_up
from exporter.checks.check import Alert, Kind, Severity, State
from exporter.checks.deviation import Side, side_of
from exporter.history.contributions import Breakdown
from exporter.model import Partition
from exporter.plain import plain

log = logging.getLogger(__name__)

NOWHERE: Mapping[str, frozenset[Partition]] = MappingProxyType({})
_STATES = (State.FIRING, State.ACKNOWLEDGED, State.PAST)  # one that fires represents all


@dataclass(frozen=True, slots=True)
class Problem:
    """A cause that was found, or a check that no cause explains.

    ``alerts`` are the breaches that belong to it: for a lone check its own first, then those that follow.
    ``severity`` is ``None`` for information.
    """

    name: str  # of the cause, or of the check
    subject: str
    severity: Severity | None
    state: State
    owner: str
    alerts: tuple[Alert, ...]
    cause: Cause | None = None
    finding: Finding | None = None
    breakdown: Breakdown | None = None  # the value behind the change, for a deviating volume

    @property
    def key(self) -> tuple[str, str]:
        """What problems of several days must share to be one incident."""
        return self.name, self.subject

    @property
    def names(self) -> tuple[str, ...]:
        """What an acknowledgement of it covers: the cause or check, and the checks that belong to it."""
        return tuple(dict.fromkeys((self.name, *(alert.check.name for alert in self.alerts))))

    @property
    def sides(self) -> frozenset[Side]:
        """To which side its checks, and the cause itself if it can be on either, deviate."""
        alerts = ((alert.check.name, side_of(alert.value, alert.limit)) for alert in self.alerts)
        found = (*alerts, (self.name, None if self.finding is None else self.finding.side))
        return frozenset((name, side) for name, side in found if side is not None)

    @property
    def blocks(self) -> bool:
        """Whether the day must not be loaded."""
        return any(alert.blocks for alert in self.alerts)


def problems_of(
    case: Case, *, acknowledged: frozenset[str], found_before: Mapping[str, frozenset[Partition]] = NOWHERE
) -> tuple[Problem, ...]:
    """Return what is wrong with a day, worst first.

    ``acknowledged`` are the names of the checks and causes acknowledged for this content; ``found_before``
    the earlier days on which a cause was found, by its name.
    """
    left = list(case.alerts)
    parts: list[_Part] = []
    deeper: list[Cause] = []
    for cause in CAUSES.values():
        # A check explained by a deeper cause is not evidence for another one.
        differing = found_before.get(cause.name, frozenset())
        findings = _findings_of(
            cause, replace(case, alerts=tuple(left), found=tuple(deeper), differing=differing)
        )
        deeper += [cause] if findings else []
        for finding in findings:
            patterns = cause.explains if finding.explains is None else finding.explains
            explained = tuple(alert for alert in left if matches(alert.check.name, patterns))
            left = [alert for alert in left if alert not in explained]
            _add(_Part(cause, finding, explained), parts, case)
        if any(finding.ends for finding in findings):
            break
    found = [_of_cause(part.cause, part.finding, part.explained, case, acknowledged) for part in parts]
    found.extend(_of_checks(left, case))
    found = [_answered_when_young(problem, acknowledged) for problem in found]
    return tuple(sorted(found, key=lambda problem: (rank(problem.severity), problem.key)))


@dataclass(frozen=True, slots=True)
class _Part:
    """A finding, and the breaches that it explains."""

    cause: Cause
    finding: Finding
    explained: tuple[Alert, ...]


def _add(part: _Part, parts: list[_Part], case: Case) -> None:
    """Add a finding; one about a column of which a deeper one is told only adds what it explains to that."""
    if part.cause.layer is Layer.VALUES and case.feed.raw.column(part.finding.subject) is not None:
        for place, other in enumerate(parts):
            is_deeper = rank(other.cause.severity) <= rank(part.cause.severity)
            if is_deeper and part.finding.subject in other.finding.subject.split(", "):
                parts[place] = replace(other, explained=(*other.explained, *part.explained))
                return
    parts.append(part)


def _findings_of(cause: Cause, case: Case) -> tuple[Finding, ...]:
    """Return what a cause finds, nothing if it fails: verdicts must not depend on who explains them."""
    try:
        return tuple(cause.detect(case))
    except Exception:  # any: a cause is code that nothing else depends on
        log.exception(
            "cause failed; the day's checks are reported without it",
            extra={"cause": cause.name, "partition": case.facts.partition.isoformat()},
        )
        return ()


def _answered_when_young(problem: Problem, acknowledged: frozenset[str]) -> Problem:
    """Keep acknowledged problems acknowledged on a day too old to alert, even if they are found again."""
    own = {alert.check.name for alert in problem.alerts} or {problem.name}
    if problem.state is State.PAST and own <= acknowledged:
        return replace(problem, state=State.ACKNOWLEDGED)
    return problem


def rank(severity: Severity | None) -> int:
    """Order of severities, worst first; information comes last."""
    return len(Severity) if severity is None else severity.rank


@cache
def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a check matches one of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _of_cause(
    cause: Cause, finding: Finding, explained: tuple[Alert, ...], case: Case, acknowledged: frozenset[str]
) -> Problem:
    severity = min((alert.severity for alert in explained), key=rank, default=cause.severity)
    if explained:
        state = min((alert.state for alert in explained), key=_STATES.index)
    elif not case.facts.alertable:
        state = State.PAST
    else:
        state = State.ACKNOWLEDGED if cause.name in acknowledged else State.FIRING
    subject = plain(finding.subject)
    return Problem(
        cause.name, subject, severity, state, cause.owner, explained, cause, finding, finding.breakdown
    )


def _of_checks(alerts: Sequence[Alert], case: Case) -> Iterator[Problem]:
    """Yield the checks that no cause explains, each with those that follow from it."""
    follows: dict[str, Alert] = {}
    for alert in alerts:
        for other in alerts:
            # If two checks explain each other, the first represents both.
            follows_it = alert.follows_from(other) or adds_up(alert, other, case)
            if follows_it and _root(other, follows) is not alert:
                follows[alert.check.name] = other
                break
    for alert in alerts:
        if alert.check.name in follows:
            continue
        is_anomaly = alert.check.kind is Kind.ANOMALY
        own = (alert, *(other for other in alerts if other is not alert and _root(other, follows) is alert))
        yield Problem(
            name=alert.check.name,
            subject="",  # its labels are those of the worst sample, which may be another one tomorrow
            severity=min((one.severity for one in own), key=rank),
            state=min((one.state for one in own), key=_STATES.index),
            owner=alert.check.owner,
            alerts=own,
            breakdown=carried(case, own) if is_anomaly else None,
        )


def _root(alert: Alert, follows: dict[str, Alert]) -> Alert:
    while alert.check.name in follows:
        alert = follows[alert.check.name]
    return alert
