"""Where Prometheus and the report differ, and the tolerance."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from histories import History
from served import said_by_prometheus
from verdicts import RULE_FILES, Found, Key, assemble, page_of, said_by_report

TOLERANCE = 1e-9
ROUNDING = 64 * sys.float_info.epsilon


@dataclass(frozen=True, slots=True)
class Judged:
    """Histories as judged by the report, and their page: both are the same for every Prometheus."""

    histories: tuple[History, ...]
    found: Mapping[str, Found]  # by feed, in the histories' order
    page: bytes


def judge(histories: Sequence[History]) -> Judged:
    """Judge histories, each as a feed of its own."""
    snapshots = [assemble(history, f"history-{place}") for place, history in enumerate(histories)]
    found = {snapshot.feed: said_by_report(snapshot) for snapshot in snapshots}
    return Judged(tuple(histories), found, page_of(snapshots))


def differences_of(program: str, judged: Judged, rules: Mapping[str, str] = RULE_FILES) -> list[list[str]]:
    """Return each history's differences between Prometheus and the report."""
    by_feed: dict[str, dict[Key, str]] = {feed: {} for feed in judged.found}
    for key, value in said_by_prometheus(program, judged.page, rules).items():
        by_feed[key.feed][key] = value
    return [compare(by_feed[feed], found) for feed, found in judged.found.items()]


def compare(said: Found, judged: Found) -> list[str]:
    """Return a line for each difference."""
    return [
        f"{key.day} {key.name} {key.what}: Prometheus {said.get(key)}, report {judged.get(key)}"
        for key in sorted(said.keys() | judged.keys())
        if not _equal(said.get(key), judged.get(key), _rounding(key, judged))
    ]


def _equal(one: str | None, other: str | None, rounding: float) -> bool:
    if one is None or other is None:
        return one is other
    if one == other:
        return True
    (*word, value), (*other_word, other_value) = one.split(), other.split()
    return word == other_word and _close(value, other_value, rounding)


def _close(one: str, other: str, rounding: float) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=rounding)
    except ValueError:  # words
        return False


def _rounding(key: Key, judged: Found) -> float:
    """Return a figure's tolerance for cancellation between large numbers.

    Of a value that equals its baseline to the eighth digit, eight digits of the difference are rounding.
    """
    where, _, figure = key.what.partition(" ")
    if where != "recorded":  # figures that are only exposed are the report's own
        return 0.0
    if figure.endswith("_ratio"):
        return ROUNDING
    average, spread = (
        abs(float(judged.get(Key(key.feed, key.day, key.name, f"recorded {name}"), 0)))
        for name in ("baseline_avg", "baseline_stddev")
    )
    if figure == "zscore":
        return ROUNDING * average / spread if spread else 0.0
    return ROUNDING * average if figure == "baseline_stddev" else 0.0
