"""Malformed rows are so many that the day's figures lack them."""

from collections.abc import Iterator

from exporter.causes.about import are_json_lines, are_most, in_lines
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Alert
from exporter.model import Profile

ENOUGH = 0.01  # share of the rows
TIMES = 3.0  # how much more than their share the lost rows may change a figure


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if not (raw and raw.rows and case.alert("malformed_rows")):
        return
    if are_json_lines(case.feed.raw):
        yield _of_lines(case, raw)
        return
    if raw.malformed_rows < ENOUGH * raw.rows:
        return
    share = raw.malformed_rows / raw.rows
    follow = [alert.check.name for alert in case.alerts if _is_small(alert, TIMES * share)]
    if not follow:
        return  # the check alone says the same
    where = in_lines(raw.malformed_lines, raw.malformed_rows)
    fields = sorted(raw.malformed_fields.items(), key=lambda one: (-one[1], one[0]))
    widths = f" Most have {fields[0][0]} field{'s' * (fields[0][0] != '1')}." if fields else ""
    yield Finding(
        title=f"{raw.malformed_rows:,} of {raw.rows:,} raw rows are malformed{where}",
        seen=f"{raw.malformed_rows:,} of {raw.rows:,} rows have more or fewer fields than the header's "
        f"{len(raw.columns)}{where}.{widths} Figures lack those rows.",
        evidence={"rows": raw.rows, "malformed": raw.malformed_rows},
        explains=("malformed_rows", *follow),
    )


def _of_lines(case: Case, raw: Profile) -> Finding:
    """Describe lines that are not an object each; the check speaks of a header's fields."""
    where = in_lines(raw.malformed_lines, raw.malformed_rows)
    share = raw.malformed_rows / raw.rows
    return Finding(
        title=f"{raw.malformed_rows:,} of {raw.rows:,} raw lines are not one JSON object each{where}",
        seen=f"{raw.malformed_rows:,} of {raw.rows:,} lines are not one JSON object each{where}. "
        "Figures lack those rows.",
        evidence={"rows": raw.rows, "malformed": raw.malformed_rows},
        likely_fix="Have the producer write one JSON object per line, and the day exported again.",
        explains=(
            "malformed_rows",
            *(["truncated", "anomaly_*"] if are_most(raw) else []),
            *(alert.check.name for alert in case.alerts if _is_small(alert, TIMES * share)),
        ),
    )


def _is_small(alert: Alert, most: float) -> bool:
    """Return whether an anomaly is no larger than what the lost rows can change."""
    found = alert.deviation
    expected = None if found is None else found.expected
    return bool(expected) and expected is not None and abs(alert.value / expected - 1) <= most


CAUSE = Cause(
    name="rows_malformed",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="Those rows are missing from every figure, and the load cannot read them.",
    resolution=(
        "Look for an unquoted comma or an unclosed quote in the lines named.",
        "Have the producer quote its fields, and the day exported again.",
    ),
    explains=("malformed_rows", "anomaly_*"),
    detect=_detect,
    rank=4,
)
