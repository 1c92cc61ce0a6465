"""The overview's first answers, on days that are missing, bad, held and not due yet."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from boards import panel_queries
from prometheus_server import Prometheus, run_prometheus

pytestmark = pytest.mark.server

DAY, HOUR = 86_400, 3600
TITLES = ("Newest day that is due", "Newest day fit for use", "Overdue days")
NAMES = ("2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04")


@dataclass(frozen=True)
class Day:
    """What is known of one day."""

    here: bool = True
    worst: int = 0
    held: bool = False


GOOD, WARNED, BAD, MISSING = Day(), Day(worst=1), Day(worst=2), Day(here=False)
EARLY = Day(worst=2)  # the last one is not due yet


@dataclass(frozen=True)
class Case:
    """Four days, the last of them not due yet, and the overview's expected tiles."""

    days: tuple[Day, Day, Day, Day]
    newest: tuple[str, int]
    fit: str | None
    overdue: int


CASES: Mapping[str, Case] = {
    "all is well": Case((GOOD, GOOD, GOOD, MISSING), (NAMES[2], 0), NAMES[2], 0),
    "a warning": Case((GOOD, GOOD, WARNED, MISSING), (NAMES[2], 1), NAMES[2], 0),
    "yesterday is bad": Case((GOOD, GOOD, BAD, MISSING), (NAMES[2], 2), NAMES[1], 0),
    "yesterday is missing": Case((GOOD, GOOD, MISSING, MISSING), (NAMES[2], 3), NAMES[1], 1),
    "a day is held": Case((GOOD, Day(held=True), BAD, MISSING), (NAMES[2], 2), NAMES[0], 0),
    "today came early and is bad": Case((GOOD, GOOD, GOOD, EARLY), (NAMES[2], 0), NAMES[2], 0),
    "nothing is fit": Case((BAD, BAD, MISSING, MISSING), (NAMES[2], 3), None, 1),
}


@pytest.fixture(scope="module")
def server(prometheus: str, promtool: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Run a Prometheus with a feed for each case, in blocks that promtool made."""
    folder = tmp_path_factory.mktemp("trust")
    written = folder / "days.om"
    written.write_text("\n".join([*_lines(int(time.time()) - 60), "# EOF", ""]))
    made = [promtool, "tsdb", "create-blocks-from", "openmetrics", written, folder / "tsdb"]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    with run_prometheus(prometheus, folder, {"scrape_configs": []}) as running:
        yield running


def _lines(moment: int) -> Iterator[str]:
    samples: dict[str, list[str]] = {}
    for place, case in enumerate(CASES.values()):
        for series, value in _samples(f"case{place}", case, moment):
            samples.setdefault(series.partition("{")[0], []).append(f"{series} {value} {moment}")
    for name, lines in samples.items():
        yield f"# TYPE {name} gauge"
        yield from lines


def _samples(feed: str, case: Case, moment: int) -> Iterator[tuple[str, float]]:
    yield f'puffy_snapshot_as_of_timestamp_seconds{{feed="{feed}"}}', moment
    yield f'puffy_exporter_refresh_success_timestamp_seconds{{feed="{feed}"}}', moment
    for place, (name, day) in enumerate(zip(NAMES, case.days, strict=True)):
        labels, due = f'feed="{feed}",partition="{name}"', moment + DAY * (place - 2)
        yield f"puffy_partition_start_timestamp_seconds{{{labels}}}", due - DAY
        yield f"puffy_partition_due_timestamp_seconds{{{labels}}}", due
        yield f'puffy_partition_present{{{labels},stage="raw"}}', float(day.here)
        yield f'puffy_partition_check_status{{{labels},check="a"}}', day.worst
        yield f'puffy_partition_check_status{{{labels},check="b"}}', 0
        if day.held:
            yield f'puffy_gate_hold{{{labels},reason="a"}}', 1


@pytest.mark.parametrize("name", CASES)
def test_the_first_screen_tells_what_may_be_trusted(server: Prometheus, name: str) -> None:
    """The newest day that is due, missing or not; up to where days are fit; how many are overdue."""
    case = CASES[name]
    newest, fit, overdue = (asked(server, name, title) for title in TITLES)
    assert newest == [({"partition": case.newest[0]}, case.newest[1])]
    assert [labels["partition"] for labels, _ in fit] == ([] if case.fit is None else [case.fit])
    assert [value for _, value in overdue] == [case.overdue]


def test_while_nobody_looks_nothing_is_all_right(server: Prometheus) -> None:
    """An hour after the exporter's last sample no tile shows a verdict; the figures' age says why."""
    later = str(int(time.time()) + HOUR)
    assert [asked(server, "all is well", title, time=later) for title in TITLES] == [[], [], []]
    ((_, age),) = asked(server, "all is well", "Figures are from", time=later)
    assert HOUR <= age <= 2 * HOUR


def asked(server: Prometheus, name: str, title: str, **when: str) -> list[tuple[dict[str, str], float]]:
    """Return what a tile of the overview shows in a case."""
    (query,) = (q for q in panel_queries() if q.where == f"puffy-overview: {title} (A)")
    return server.query(query.expression.replace("$feed", f"case{list(CASES).index(name)}"), **when)
