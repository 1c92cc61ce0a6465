"""What the causes still say of their example days if something about the day is unknown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from feeds import altered
from golden import matches
from test_causes_kinds import FIRING, Found, case

from exporter.causes.cause import Case, Finding
from exporter.causes.known import CAUSES
from exporter.model import PartitionFacts, Stage

NO_FIGURES: dict[str, object] = {
    "figures": {},
    "looks": {},
    "missing": {},
    "placeholders": {},
    "constants": {},
}
UNKNOWN_TIMES: dict[str, object] = {
    "first_event_ns": None,
    "last_event_ns": None,
    "longest_silence_seconds": None,
    "silence_start_ns": None,
    "hours": (),
}
NO_ROWS: dict[str, object] = {
    **NO_FIGURES,
    **UNKNOWN_TIMES,
    "rows": 0,
    "malformed_rows": 0,
    "invalid_utf8_lines": 0,
    "duplicate_keys": None,
    "repeated_headers": 0,
    "odd_bytes": {},
    "packs": {},
}


def changed(day: PartitionFacts, **changes: object) -> PartitionFacts:
    """Return a day whose raw profile, if it has one, has these fields."""
    stage = day.stages.get(Stage.RAW)
    if stage is None or stage.profile is None:
        return day
    content = altered(stage.profile, **changes)
    return replace(day, stages={**day.stages, Stage.RAW: replace(stage, profile=content)})


def without(stage: Stage) -> Callable[[Case], Case]:
    """Return what takes the file of a stage away."""

    def less(whole: Case) -> Case:
        stages = {one: known for one, known in whole.facts.stages.items() if one is not stage}
        left = tuple(alert for alert in whole.alerts if alert.labels.get("stage") != stage)
        return replace(whole, facts=replace(whole.facts, stages=stages), alerts=left)

    return less


def unread(day: PartitionFacts) -> PartitionFacts:
    """Return a day whose files are there but were not read."""
    stages = {stage: replace(known, profile=None) for stage, known in day.stages.items()}
    return replace(day, stages=stages)


def today(**changes: object) -> Callable[[Case], Case]:
    """Return what changes the raw profile of the day itself."""
    return lambda whole: replace(whole, facts=changed(whole.facts, **changes))


def again(**changes: object) -> Callable[[Case], Case]:
    """Return what does so and judges the day again."""
    return lambda whole: case(changed(whole.facts, **changes), whole.earlier)


def before(change: Callable[[Sequence[PartitionFacts]], Sequence[PartitionFacts]]) -> Callable[[Case], Case]:
    """Return what changes the days before."""
    return lambda whole: replace(whole, earlier=tuple(change(whole.earlier)))


LESS: dict[str, Callable[[Case], Case]] = {
    "raw file": without(Stage.RAW),
    "clean file": without(Stage.CLEAN),
    "rejects file": without(Stage.REJECTS),
    "readable files": lambda whole: replace(whole, facts=unread(whole.facts)),
    "orders": today(packs={}),
    "rows": lambda whole: again(**NO_ROWS)(replace(whole, facts=replace(whole.facts, changes=None))),
    "well-formed rows": lambda whole: (
        again(malformed_rows=whole.raw.rows, **NO_FIGURES)(whole) if whole.raw else whole
    ),
    "columns": today(columns=()),
    "times": today(**UNKNOWN_TIMES),
    "event time": today(event_time=None),
    "figures of columns": today(**NO_FIGURES),
    "lines": today(malformed_lines=(), repeated_header_lines=()),
    "days before": before(lambda days: days[:0]),
    "more than two days before": before(lambda days: days[:2]),
    "more than four days before": before(lambda days: days[:4]),
    "readable days before": before(lambda days: list(map(unread, days))),
    "orders before": before(lambda days: [changed(day, packs={}) for day in days]),
    "rows before": before(lambda days: [changed(day, rows=0) for day in days]),
    "figures before": before(lambda days: [changed(day, figures={}, looks={}, columns=()) for day in days]),
    "times before": before(lambda days: [changed(day, **UNKNOWN_TIMES) for day in days]),
    "breaches": lambda whole: replace(whole, alerts=()),
}
"""Parts of what is known of a day. Its breaches remain where they can: each part is missed by itself."""


def said(findings: Sequence[Finding], usually: Sequence[Finding] = ()) -> str:
    """Return what findings say in one line; what they explain as well, unless it is as usual."""
    explains = [one.explains for one in findings]
    more = "" if explains == [one.explains for one in usually] else f" | explains {explains}"
    said = (f"{one.title}{f' [{one.subject}]' if one.subject else ''} | {one.seen}" for one in findings)
    return " || ".join(said) + (more if findings else "")


def fewest(name: str, whole: Case) -> int:
    """Return how many of the days before it takes."""
    days = whole.earlier
    enough = (replace(whole, earlier=days[:number]) for number in range(len(days) + 1))
    return next(number for number, one in enumerate(enough) if list(CAUSES[name].detect(one)))


def of_less(name: str, found: Found) -> Iterator[str]:
    """Yield what is still found of an example day, by what is unknown."""
    whole = case(found.day, found.earlier)
    full = tuple(CAUSES[name].detect(whole))
    unknown: dict[str, list[str]] = {"": []}
    for less, change in LESS.items():
        unknown.setdefault(said(tuple(CAUSES[name].detect(change(whole))), full), []).append(less)
    unknown.pop(said(full, full), None)
    yield f"  {full[0].title}"
    if days := fewest(name, whole):
        yield f"    days before: {days}"
    for text, parts in unknown.items():
        yield f"    without {', '.join(parts)}: {text or 'nothing'}"


def test_the_golden_file_has_what_is_found_of_less() -> None:
    """Nothing fails, and a sentence lacks the part that is unknown."""
    lines: list[str] = []
    for name in CAUSES:
        lines += [name, *(line for found in FIRING.get(name, ()) for line in of_less(name, found)), ""]
    assert matches("tests/causes/less.txt", "\n".join(lines))
