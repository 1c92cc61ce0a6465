"""The day's file is missing, and a file with the day in its name matches no pattern."""

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
        title=f"raw file is missing, but {names[0]} exists{is_what}",
        seen=f"No raw file of the day matches {pattern}. Found but not read: {listed}"
        f"{f'; {names[0]} is {what}' if what else ''}.",
        evidence={"unmatched_files": len(case.facts.beside), "name": names[0]},
        likely_fix=f"Rename {names[0]} to match {pattern}, or change the contract's path.",
        confidence=Confidence.LIKELY,
        ends=True,
    )


CAUSE = Cause(
    name="file_elsewhere",
    layer=Layer.PLACE,
    severity=None,
    owner="data-engineering",
    impact="Everything downstream has no data for this day, although its data may exist.",
    resolution=("Inspect the file found, and rename it or change the contract's path.",),
    explains=("partition_missing", "partition_late", "stage_missing", "anomaly_*"),
    detect=_detect,
)
