"""The postmortem of an incident, with all known facts filled in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exporter.triage.explain import Json
from exporter.triage.timeline import Moment

OPEN = "_To be written._"


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a postmortem: a heading, the known facts, and their time.

    ``gaps`` are records that the timeline lacks.
    """

    heading: str
    as_of: str
    words: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def postmortem(about: Subject, days: Sequence[Json], timeline: Sequence[Moment]) -> str:
    """Return a postmortem in Markdown from the explanations of its days, oldest first, and a timeline.

    It never contains values of rows.
    """
    return "\n".join(_lines(about, days, timeline)) + "\n"


def _lines(about: Subject, days: Sequence[Json], timeline: Sequence[Moment]) -> Iterator[str]:
    checks = list({check["check"]: check for explanation in days for check in explanation["checks"]}.values())
    yield f"# Postmortem: {about.heading}\n"
    yield f"Generated from what was known at {about.as_of}. Times are UTC. Look for causes, not culprits.\n"
    yield from (f"{line}\n" for line in about.words)
    statuses = ", ".join(f"{_day(explanation, days)}**{explanation['status']}**" for explanation in days)
    yield f"- Status now: {statuses or 'unknown'}"
    yield f"- In breach now: {', '.join(check['check'] for check in checks) or 'nothing'}"
    yield f"- Owners: {', '.join(sorted({check['owner'] for check in checks})) or 'none'}"
    yield f"- First alert: {_first(timeline, 'fires')}"
    yield "- Written by: \n"
    yield f"## Summary\n\n{OPEN} What happened, to whom and for how long, in three sentences.\n"
    yield "## Impact\n"
    yield from _impacts(checks)
    yield f"\n{OPEN} Which readers and which decisions were affected.\n"
    yield "## Timeline\n"
    yield from (f"Incomplete: {gap}.\n" for gap in about.gaps)
    yield "| UTC | what |\n|---|---|"
    yield from (f"| {moment.at:%Y-%m-%d %H:%M:%S} | {_cell(moment.what)} |" for moment in timeline)
    yield "\n## What the figures say\n"
    for explanation in days:
        yield from (f"- {_day(explanation, days)}{line}" for line in _figures(explanation))
    yield f"\n## Root cause\n\n{OPEN} Ask why until the answer is something that can be changed.\n"
    yield f"## Detection\n\n{OPEN} What alerted us, how long after the cause, and what could be faster.\n"
    yield f"## Repair\n\n{OPEN} What was done, by whom, and how it was checked.\n"
    yield "## Prevention\n\n| action | owner | until |\n|---|---|---|"
    yield from (
        f"| Prevention in [{check['check']}]({check['runbook_url']}) | {check['owner']} |  |"
        for check in checks
    )
    yield "|  |  |  |"


def _impacts(checks: Sequence[Json]) -> Iterator[str]:
    by_impact: dict[str, list[str]] = {}
    for check in checks:
        by_impact.setdefault(check["impact"], []).append(check["check"])
    yield from (f"- {impact} ({', '.join(names)})" for impact, names in by_impact.items())


def _day(explanation: Json, days: Sequence[Json]) -> str:
    """Name a day if it is one of several."""
    return f"{explanation['partition']} " if len(days) > 1 else ""


def _figures(explanation: Json) -> Iterator[str]:
    yield from (f"`{check['check']}`: {check['why']}" for check in explanation["checks"])
    yield from _repaired(explanation)
    yield from (
        f"rejected: {known['rows']:,} rows ({known['share']:.1%}) for `{_cell(known['reason'])}`"
        for known in explanation["reject_reasons"]
    )


def _repaired(explanation: Json) -> Iterator[str]:
    if "repaired" in explanation:
        for side, words in (("before", "before the files were replaced"), ("after", "since then")):
            content = explanation["repaired"][side]
            yield f"{words}: {content['status']}, {', '.join(content['checks']) or 'nothing'}"


def _first(timeline: Sequence[Moment], ending: str) -> str:
    found = (f"{moment.at:%Y-%m-%d %H:%M:%S}" for moment in timeline if moment.what.endswith(f") {ending}"))
    return next(found, "none in the kept reports")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
