"""A soak's results as Markdown."""

from collections import Counter
from collections.abc import Iterator, Sequence

from trials.soak.drift import Slope
from trials.soak.journal import Record
from trials.soak.kills import Name
from trials.soak.notes import Heard
from trials.soak.troubles import Plan
from trials.soak.verdict import EXPLAINED, Holding, Verdict

MB = 1e6
HOUR = 3600.0


def lines(
    plan: Plan, record: Record, heard: Heard, verdict: Verdict, held: Sequence[Holding]
) -> Iterator[str]:
    """Yield the tables: the run, messages, acknowledgements, processes, and all faults."""
    yield from _table(("run", ""), _run(plan, record))
    yield from _table(
        (
            "message",
            "planned",
            "received",
            "lost",
            "lost, a known limit",
            "repeated",
            "repeated, as promised",
        ),
        _told(verdict),
    )
    yield f"Not in the plan: {len(verdict.unplanned)}. Digests: {heard.digests}. Heartbeats: {heard.beats}."
    yield ""
    yield from _table(("on the monitoring itself", "messages", "because"), _meta(heard))
    yield from _table(("acknowledgements", ""), _answers(plan, record))
    head = (
        "process",
        "longest life, without its first third",
        "RSS",
        "slope of RSS, 95% interval",
        "open files",
        "threads",
    )
    yield from _table(head, map(_process, held))
    yield f"Known limits: {len(verdict.limits)}"
    yield from (f"- {words}" for words in verdict.limits)
    yield ""
    yield f"Faults: {len(verdict.faults)}"
    yield from (f"- {fault}" for fault in verdict.faults)


def _run(plan: Plan, record: Record) -> Iterator[tuple[str, str]]:
    given = record.settings
    yield (
        "simulated",
        f"{given['days']} days of {given['feeds']} feeds, {given['speed']}-fold speed, seed {given['seed']}",
    )
    yield "scrapes, evaluations and passes", f"every {given['tick']:g} s"
    wall = given["days"] * 86_400 / given["speed"] / 60
    yield "wall time", f"{wall:.0f} min; nothing of the plan happened more than {record.lag:.1f} s late"
    troubles = Counter(str(trouble) for _, _, trouble in plan.troubles)
    yield "files in the plan", f"{len(plan.deliveries):,}"
    yield "troubles", _counted(troubles)
    killed = Counter({str(name): len(record.kills(name)) for name in Name})
    yield "kills", f"{killed.total()}: {_counted(killed)}"
    if record.output:
        (since, small), (until, large) = record.output[0], record.output[-1]
        yield (
            "output folder",
            f"{small / MB:.1f} MB after {since:.0f} s, {large / MB:.1f} MB after {until:.0f} s",
        )


def _told(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    lost, limits, repeated, promised = (
        Counter(words.partition(": ")[0] for words in found)
        for found in (verdict.lost, verdict.limits, verdict.repeated, verdict.promised)
    )
    for way in sorted(verdict.expected | verdict.received):
        counts = (verdict.expected, verdict.received, lost, limits, repeated, promised)
        yield way, *(str(count[way]) for count in counts)


def _meta(heard: Heard) -> Iterator[tuple[str, str, str]]:
    for name, count in sorted(heard.meta.items()):
        yield name, str(count), EXPLAINED.get(name, "**nothing explains it**")


def _answers(plan: Plan, record: Record) -> Iterator[tuple[str, str]]:
    yield "planned", str(len(plan.answers))
    yield "confirmed", str(sum(answered.confirmed for answered in record.answers))
    yield "tries in all", str(sum(answered.tries for answered in record.answers))


def _process(one: Holding) -> tuple[str, ...]:
    first, last = (size / MB for size in one.resident)
    return (
        one.name,
        f"{one.seconds / 60:.1f} min",
        f"{first:.1f} to {last:.1f} MB",
        _slope(one.slope),
        _span(one.files),
        _span(one.threads),
    )


def _slope(slope: Slope | None) -> str:
    if slope is None:
        return "too short"
    value, low, high = (bound * HOUR / MB for bound in (slope.value, slope.low, slope.high))
    return f"{value:+.2f} MB/h ({low:+.2f} to {high:+.2f})"


def _span(values: tuple[int, int]) -> str:
    least, most = values
    return str(least) if least == most else f"{least} to {most}"


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items()))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
