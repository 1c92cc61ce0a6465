"""Everything that the causes say of their example days, in one file: a change of words shows in its diff."""

from collections.abc import Iterator

from golden import matches
from test_causes_kinds import FIRING, Found, case

from exporter.causes.cause import Cause, Finding
from exporter.causes.known import CAUSES
from exporter.causes.problem import problems_of


def amount(value: float | str) -> str:
    """Write a piece of evidence, to six digits."""
    return f"{value:,.6g}" if isinstance(value, float) else f"{value}"


def declared(cause: Cause) -> Iterator[str]:
    """Yield what a cause's module declares; its prose stands in docs/causes.md."""
    severity = "information" if cause.severity is None else cause.severity.value
    yield f"{cause.name}: {cause.layer.name.lower()} {cause.rank}, {severity}, {cause.owner}"
    yield f"  explains {', '.join(cause.explains) or 'nothing'}"


def said(finding: Finding) -> Iterator[str]:
    """Yield all that a finding says."""
    yield f"    {finding.title}{f' [{finding.subject}]' if finding.subject else ''}"
    yield f"    {finding.seen}"
    if finding.likely_fix is not None:
        yield f"    Fix: {finding.likely_fix}"
    yield f"    {', '.join(f'{name} {amount(value)}' for name, value in finding.evidence.items()) or '-'}"
    more = [finding.confidence.value]
    more += [] if finding.explains is None else [f"explains {', '.join(finding.explains) or 'nothing'}"]
    more += ["ends the day"] if finding.ends else []
    yield f"    {'; '.join(more)}"


def on(name: str, found: Found) -> Iterator[str]:
    """Yield what is found on a day: the cause's own finding in full, the other problems by name."""
    problems = problems_of(case(found.day, found.earlier), acknowledged=frozenset())
    for problem in problems:
        severity = "info" if problem.severity is None else problem.severity.value
        alerts = ", ".join(alert.check.name for alert in problem.alerts)
        yield f"  {problem.name} {severity}{f' with {alerts}' if alerts else ''}"
        if problem.name == name and problem.finding is not None:
            yield from said(problem.finding)


def test_the_golden_file_has_all_that_causes_say() -> None:
    """In the order in which they are looked for."""
    lines: list[str] = []
    for name, cause in CAUSES.items():
        lines += [*declared(cause), *(line for found in FIRING.get(name, ()) for line in on(name, found)), ""]
    assert matches("tests/causes/found.txt", "\n".join(lines))
