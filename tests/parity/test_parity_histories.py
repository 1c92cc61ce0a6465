"""Two generations of real Prometheus and the report agree on random histories.

``PUFFY_PARITY=0:1000`` chooses seeds, here the first 200; one number reproduces one history.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np
import pytest
from compared import Judged, compare, differences_of, judge
from histories import History
from servers import GENERATIONS, find_generation
from shrunk import described, shrink
from verdicts import CHECKS, FIGURES, RULE_FILES, Found, Key, assemble, histories_from

from exporter.checks.check import State
from exporter.history import window

BATCH = 40  # more would wait longer for one scrape and one evaluation, fewer for servers to start
VARIED = 100  # histories that have everything in them
WORKERS = 2
BROKEN_BY = range(6)  # enough seeds to find what was broken on purpose


def chosen() -> range:
    """Return the seeds to test."""
    first, _, end = os.environ.get("PUFFY_PARITY", "0:200").rpartition(":")
    return range(int(first or 0), int(end)) if first else range(int(end), int(end) + 1)


def batches() -> list[object]:
    """Return the seeds that share a page; both generations run on one worker, which judges them once."""
    seeds = chosen()
    some = [seeds[first : first + BATCH] for first in range(0, len(seeds), BATCH)]
    return [
        pytest.param(
            generation,
            batch,
            marks=pytest.mark.xdist_group(f"parity-{number % WORKERS}"),
            id=f"{generation}-{batch[0]}-{batch[-1]}",
        )
        for number, batch in enumerate(some)
        for generation in GENERATIONS
    ]


@pytest.mark.server
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("generation", "seeds"), batches())
def test_prometheus_and_the_report_agree(generation: str, seeds: range) -> None:
    """The same verdict for every check and day, the same figures, the same incidents."""
    program = find_generation(generation).program("prometheus")
    differing = find_differing(program, judged_from(seeds))
    if differing:
        history = min(differing, key=lambda known: known.days)
        smallest = shrink(history, lambda some: list(map(bool, differences_of(program, judge(some)))))
        (lines,) = differences_of(program, judge([smallest]))
        pytest.fail(told(history, smallest, lines, len(differing), len(seeds)))


@lru_cache(maxsize=1)
def judged_from(seeds: range) -> Judged:
    """Judge the histories of some seeds."""
    return judge(histories_from(seeds))


def find_differing(program: str, judged: Judged, rules: Mapping[str, str] = RULE_FILES) -> list[History]:
    """Return the histories on which Prometheus and the report differ."""
    found = differences_of(program, judged, rules)
    return [history for history, lines in zip(judged.histories, found, strict=True) if lines]


def told(history: History, smallest: History, lines: list[str], differing: int, count: int) -> str:
    """Return what is needed to debug a difference."""
    return "\n".join(
        (
            f"{differing} of {count} histories differ; PUFFY_PARITY={history.seed} makes one of them.",
            f"Of its {history.days} days these are left where nothing more can be taken away:",
            described(smallest),
            "where",
            *lines[:20],
        )
    )


@pytest.mark.server
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("parity-0")
@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("trends", "_count / (partition:puffy_trend:baseline_count - 1)", "_count / 1"),
        ("checks", '{check="silence"} >', '{check="silence"} >='),
    ],
    ids=["a figure", "a verdict"],
)  # fmt: skip
def test_a_rule_that_is_broken_on_purpose_is_found(file: str, right: str, wrong: str) -> None:
    """A missing divisor, and an inclusive limit."""
    assert right in RULE_FILES[file]
    broken = {**RULE_FILES, file: RULE_FILES[file].replace(right, wrong)}
    program = find_generation("system").program("prometheus")
    assert find_differing(program, judged_from(BROKEN_BY), broken)


@pytest.mark.server
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("parity-1")
def test_arithmetic_that_is_broken_on_purpose_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report's spread divided by n instead of n - 1."""
    right = window._sample_stddev

    def wrong(stacked: window.Array, average: window.Array, members: window.Array) -> window.Array:
        with np.errstate(all="ignore"):
            return right(stacked, average, members) * np.sqrt((members - 1) / members)

    monkeypatch.setattr(window, "_sample_stddev", wrong)
    program = find_generation("system").program("prometheus")
    assert find_differing(program, judge(histories_from(BROKEN_BY)))


def test_the_histories_are_worth_comparing() -> None:
    """Every check is in breach and held somewhere; every figure is known and unknown somewhere."""
    breached: set[str] = set()
    known: set[str] = set()
    unknown: set[str] = set()
    for history in histories_from(range(VARIED)):
        for view in assemble(history, "history").window:
            breached |= {alert.check.name for alert in view.alerts if alert.state is State.FIRING}
            for trend in (view.window.trends or {}).values():
                for name, value in asdict(trend).items():
                    (unknown if value is None else known).add(name)
    assert breached == {check.name for check in CHECKS}
    assert known == set(FIGURES)
    assert unknown == known - {"value", "baseline_count"}


def test_a_difference_is_found() -> None:
    """The comparison fails on a figure outside its tolerance, and on a missing verdict."""
    key = Key("feed", "2000-01-01", "events", "recorded zscore")

    def differs(said: Found, judged: Found) -> bool:
        return compare(said, judged) != []

    assert not differs({key: "3.0"}, {key: repr(3.0 + 1e-9)})
    assert differs({key: "3.0"}, {key: repr(3.0 + 1e-8)})
    assert differs({}, {key: "3.0"})
    assert differs({key: "3.0"}, {})
    assert differs({key: "warning 3.0"}, {key: "critical 3.0"})


def shrinks_to(history: History, differs: Callable[[History], bool]) -> History:
    """Shrink with a predicate that needs no server, and check that the result still differs."""
    assert differs(history)
    found = shrink(history, lambda some: list(map(differs, some)))
    assert differs(found)
    return found


def test_a_history_shrinks_to_the_day_that_matters() -> None:
    """Everything irrelevant is removed: other days, files, tasks, summaries, answers."""
    history = max(histories_from(range(40)), key=lambda known: known.days)
    wanted = history.exposed[len(history.exposed) // 2].partition
    found = shrinks_to(history, lambda one: any(known.partition == wanted for known in one.exposed))
    (left,) = found.exposed
    assert (found.lead_in, left.partition) == ((), wanted)
    assert (left.stages, left.dq, left.tasks, left.acknowledged) == ({}, None, {}, frozenset())


def test_days_that_only_differ_together_are_both_kept() -> None:
    """A trend needs the days before it."""
    history = max(histories_from(range(40)), key=lambda known: known.days)
    found = shrinks_to(history, lambda one: len(one.lead_in) >= 4 and len(one.exposed) >= 1)
    assert (len(found.lead_in), len(found.exposed)) == (4, 1)


def test_a_shrunk_history_can_be_read() -> None:
    """A line for each day, with its files."""
    (history,) = histories_from([3])
    assert len(described(history).splitlines()) == history.days
    alone = replace(history, lead_in=(), exposed=history.exposed[:1])
    assert described(alone).startswith(f"{alone.exposed[0].partition} judged")
