"""Many rows have a placeholder, a word, a number or a date, that no day before had."""

from collections.abc import Iterator, Mapping
from functools import partial

from exporter.causes.about import about, most
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.volumes import repeats
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.feed import Column
from exporter.model import Profile
from exporter.profiling.missing import placeholder_of
from exporter.profiling.order_tally import orders_of

REFERRER = "referrer"
OF_REFERRER = ("anomaly_referrer_null_ratio",)  # fewer are empty
LEAST_ROWS = 5
LEAST_SHARE = 0.01
TIMES = 5  # more than on any day before


def _words(profile: Profile, column: Column) -> Mapping[str, float]:
    """Return rows by placeholder, for a column whose figures include them."""
    if column.name in profile.placeholders:
        return {f"{word!r}": rows for word, rows in profile.placeholders[column.name].items()}
    figures = profile.figures.get(column.name)
    orders = orders_of(profile)
    if figures is None and orders is not None and column.name == REFERRER:
        return {f"{word!r}": float(rows) for word, rows in orders.referrer_words.items()}
    if figures is None:
        return {}
    words = {
        f"{value!r}": float(rows)
        for value, rows in figures.values.items()
        if placeholder_of(value) is not None
    }
    if not column.event_time:  # see times_placeholder
        words |= {f"{day!r}": float(rows) for day, rows in figures.placeholders.items()}
    numbers = figures.numbers
    if numbers.get("zero_rows"):
        words["0"] = numbers["zero_rows"]
    if figures.type == "integer" and numbers.get("minimum") == -1:  # so all negative numbers are that one
        words["-1"] = numbers["negative_rows"]
    return words


def _share(column: Column, word: str, day: Profile) -> float:
    return _words(day, column).get(word, 0.0) / day.rows


def _repeated(case: Case, column: Column) -> Iterator[str]:
    """Yield the checks on repeated keys, if the column is part of the key."""
    if column.name in case.feed.raw.key:
        yield from repeats(case, (column.name,))


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.rows:
        return
    for column in case.feed.raw.columns:
        allowed = column.limits.values or ()
        for word, rows in sorted(_words(raw, column).items(), key=lambda one: (-one[1], one[0])):
            before = most(case, partial(_share, column, word))
            share = rows / raw.rows
            if before is None or rows < LEAST_ROWS or share < max(LEAST_SHARE, TIMES * before):
                continue
            if word.strip("'") in allowed:
                continue
            usually = "in none" if before == 0 else f"in {percentage(before)} at most"
            yield Finding(
                title=f"{column.name} is {word} in {percentage(share)} of rows",
                seen=f"{rows:,.0f} of {raw.rows:,} rows have {word} for {column.name}, usually {usually}: "
                "a placeholder that counts as a value.",
                subject=column.name,
                evidence={"rows": raw.rows, "placeholder": word, "found": rows, "most_before": before},
                confidence=Confidence.LIKELY,
                explains=(
                    *about(case, (column.name,)),
                    *(OF_REFERRER if column.name == REFERRER else ()),
                    *_repeated(case, column),
                ),
            )
            break  # one finding per column


CAUSE = Cause(
    name="column_placeholder",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="analytics",
    impact="Rows without a value are counted as if they had one: distinct counts and joins are wrong.",
    resolution=("Have the producer leave the value empty, or add the word to data.missing_values.",),
    explains=(),
    detect=_detect,
    rank=1,
)
