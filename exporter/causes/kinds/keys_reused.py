"""Rows repeat the key of another although there are no more rows than usual: the key is wrong."""

from collections.abc import Iterator

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.kinds.rows_twice import are_added, repeated_keys
from exporter.causes.volumes import repeats
from exporter.checks.check import Severity


def _detect(case: Case) -> Iterator[Finding]:
    raw, repeated = case.raw, repeated_keys(case)
    if raw is None or not repeated or are_added(case, raw, repeated):
        return
    key, rows = case.feed.raw.key, usual(case, lambda day: day.rows)
    odd = max((sum(raw.placeholders.get(name, {}).values()) for name in key), default=0)
    if odd >= repeated or set(key).intersection(raw.constants):
        return  # column_placeholder or column_constant names the column
    columns = " and ".join(key)
    many = "" if rows is None else f"; there are {raw.rows:,} rows, usually about {rows:,.0f}"
    so = ": keys were used again rather than rows added" if many else ""
    yield Finding(
        title=f"{repeated:,} of {raw.rows:,} rows repeat an earlier {columns}",
        seen=f"{repeated:,} of {raw.rows:,} rows repeat the key of another, so only {raw.rows - repeated:,} "
        f"keys differ{many}{so}.",
        subject=key[0] if len(key) == 1 else "",
        evidence={"rows": raw.rows, "repeated": repeated} | ({} if rows is None else {"usual_rows": rows}),
        confidence=Confidence.LIKELY,
        explains=(*CAUSE.explains, *repeats(case, key)),
    )


CAUSE = Cause(
    name="keys_reused",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="A load that merges rows by their key overwrites all but one of each.",
    resolution=(
        "Find the step that sets the key (a counter that restarts, an id cut short).",
        "Have the day exported again with keys that differ.",
    ),
    explains=("duplicate_keys",),
    detect=_detect,
    rank=4,
)
