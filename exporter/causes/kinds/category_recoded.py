"""Many rows of a category have values that no day before had: respelled, codes, or another column's."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from statistics import median
from unicodedata import normalize

from exporter.causes.about import about, are_most, listed
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.model import Profile

LEAST_DAYS = 5
LEAST_ROWS = 10
LEAST_SHARE = 0.1  # of rows with a new value
LEFT = 0.8  # of the usual rows have a known value, at most
TIMES = 5  # more than on any day before
MOST_NAMES = 3
NUMBER = re.compile(r"[0-9]{1,18}")

Values = Mapping[str, int]


def categories(raw: Profile, earlier: Sequence[Profile]) -> Iterator[tuple[str, Values, list[Values]]]:
    """Yield each category with its rows by value, today and on the days before, if all are known.

    None of a file that is cut off, mostly malformed or of another feed: what it lacks says nothing of them.
    """
    if raw.truncated or are_most(raw) or _is_other(raw, earlier):
        return
    for name, figures in raw.figures.items():
        before = [day.figures[name] for day in earlier if name in day.figures]
        if figures.type != "category" or len(before) < LEAST_DAYS or figures.values_overflow:
            continue
        if name not in raw.columns and any(name in day.columns for day in earlier):
            continue
        if not any(day.values_overflow or not day.values for day in before):
            yield name, figures.values, [day.values for day in before]


def _is_other(raw: Profile, earlier: Sequence[Profile]) -> bool:
    """Return whether most columns of the day before are missing."""
    known = set(earlier[0].columns) if earlier else set()
    return len(known - set(raw.columns)) > len(known) / 2


def is_recoded(values: Values, before: Sequence[Values]) -> bool:
    """Return whether far more rows have a new value than on any day before, instead of known ones."""
    rows, total = _new(values, before), sum(values.values())
    if rows < max(LEAST_ROWS, LEAST_SHARE * total) or is_release(values, before):
        return False
    if total - rows > LEFT * median([sum(day.values()) for day in before]):  # a value came in addition
        return False
    days = Counter(value for day in before for value in day)
    once = (sum(n for value, n in day.items() if days[value] == 1) / sum(day.values()) for day in before)
    first = (
        _new(day, before[place + 1 :]) / sum(day.values())
        for place, day in enumerate(before[: len(before) - LEAST_DAYS])
    )
    return rows >= TIMES * max((*once, *first)) * total


def is_release(values: Values, before: Sequence[Values]) -> bool:
    """Return whether the new values are versions that follow the known ones: ``5.2.0`` after ``5.1.0``."""
    new = new_values(values, before)
    known = {value for day in before for value in day}
    return bool(new) and all(_follows(value, known) for value in new)


def _follows(value: str, known: Collection[str]) -> bool:
    """Return whether a value has the form of known ones, of several numbers, and greater ones than theirs."""
    numbers = _numbers(value)
    alike = [_numbers(one) for one in known if NUMBER.sub("", one) == NUMBER.sub("", value)]
    return len(numbers) > 1 and bool(alike) and numbers > max(alike)


def _numbers(value: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in NUMBER.findall(value))


def _of_other_form(new: Sequence[str], before: Sequence[Values]) -> bool:
    """Return whether all new values are known ones in another form of Unicode, which looks the same."""
    known = {normalize("NFC", value) for day in before for value in day}
    return all(normalize("NFC", value) in known for value in new)


def new_values(values: Values, before: Sequence[Values]) -> list[str]:
    """Return the values that the days before did not have."""
    known = {value for day in before for value in day}
    return sorted(value for value in values if value not in known)


def gone_values(values: Values, before: Sequence[Values]) -> list[str]:
    """Return the values that every day before had in several rows, and this one has not."""
    every = set.intersection(*({value for value, n in day.items() if n >= LEAST_ROWS} for day in before))
    return sorted(every - values.keys())


def _new(values: Values, before: Sequence[Values]) -> int:
    """Return the rows with a value that the days before did not have."""
    return sum(values[value] for value in new_values(values, before))


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    every = {name: (values, before) for name, values, before in categories(raw, case.profiles())}
    found = {name: known for name, known in every.items() if is_recoded(*known)}
    swapped: set[str] = set()
    for name, (values, before) in found.items():
        other = next((one for one in found if one != name and _is_of(values, found[one][1])), None)
        if name in swapped:
            continue
        if other is not None and _is_of(found[other][0], before):
            swapped.add(other)
            yield _swapped(case, raw, (name, other), min(_new(values, before), _new(*found[other])))
        else:
            yield _recoded(case, raw, name, values, before)


def _is_of(values: Values, before: Sequence[Values]) -> bool:
    """Return whether most values are those of another column on the days before."""
    known = {value for day in before for value in day}
    return sum(rows for value, rows in values.items() if value in known) > sum(values.values()) / 2


def _swapped(case: Case, raw: Profile, names: tuple[str, str], rows: int) -> Finding:
    return Finding(
        title=f"the values of {names[0]} and {names[1]} are swapped",
        seen=f"In {rows:,} of {raw.good_rows:,} rows, {names[0]} has values that {names[1]} had on the days "
        "before, and the other way round.",
        subject=", ".join(names),
        evidence={"rows": raw.good_rows, "swapped": rows},
        likely_fix=f"Find the step that swapped {names[0]} and {names[1]}, and have the day exported again.",
        explains=tuple(about(case, names)),
    )


def _recoded(case: Case, raw: Profile, name: str, values: Values, before: Sequence[Values]) -> Finding:
    new, gone = new_values(values, before), gone_values(values, before)
    rows = sum(values[value] for value in new)
    lost = f"; {listed(gone, MOST_NAMES)} {'is' if len(gone) == 1 else 'are'} gone" if gone else ""
    shown, share = listed(new, MOST_NAMES), percentage(rows / raw.good_rows)
    if _of_other_form(new, before):
        title = f"{name} is in another Unicode form in {share} of rows: {shown}"
        seen = (
            f"In {rows:,} of {raw.good_rows:,} rows, {name} has a known value in another form of Unicode, "
            f"which looks the same and is not equal: {shown}."
        )
    else:
        title = f"{name} has new values in {share} of rows: {shown}"
        seen = (
            f"In {rows:,} of {raw.good_rows:,} rows, {name} has a value that no normal day before had: "
            f"{shown}{lost}."
        )
    return Finding(
        title=title,
        seen=seen,
        subject=name,
        evidence={"rows": raw.good_rows, "found": rows, "new": ", ".join(new), "gone": ", ".join(gone)},
        explains=tuple(about(case, (name,))),
    )


CAUSE = Cause(
    name="category_recoded",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Reports grouped by the column have new groups, and filters and joins by it lose rows.",
    resolution=(
        "Find the release that changed the spelling or the codes, and have the day exported again.",
        "If the values are permanent, map them to the old ones, and add them to the contract.",
    ),
    explains=(),
    detect=_detect,
    rank=2,
)
