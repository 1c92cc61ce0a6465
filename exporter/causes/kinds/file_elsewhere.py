"""The day's file is missing, and one that speaks of the day lies under a name that no pattern matches."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer

MOST_NAMES = 3


def _detect(case: Case) -> Iterator[Finding]:
    if case.alert("partition_missing") is None or not case.facts.beside:
        return
    names = case.facts.beside[:MOST_NAMES]
    more = len(case.facts.beside) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more else "")
    what = next(iter(case.facts.beside_is), "")
    is_what = f", {what}" if what else ""
    pattern = case.feed.raw.path.spelled
    yield Finding(
        title=f"raw file is missing, but {names[0]} lies there{is_what}",
        seen=f"No raw file of the day is named as {pattern} says. {listed} speaks of it and is not read"
        f"{f': {names[0]} is {what}' if what else ''}.",
        evidence={"unmatched_files": len(case.facts.beside), "name": names[0]},
        likely_fix=f"Rename {names[0]} the way {pattern} says, or change the contract's path.",
        confidence=Confidence.LIKELY,
        ends=True,
    )


CAUSE = Cause(
    name="file_elsewhere",
    layer=Layer.PLACE,
    severity=None,
    owner="data-engineering",
    impact="Dashboards and marketing spend for this day rest on nothing, though its data may be there.",
    resolution=("Look at the file that lies there, and rename it or change the contract's path.",),
    explains=("partition_missing", "partition_late", "stage_missing", "anomaly_*"),
    detect=_detect,
)
