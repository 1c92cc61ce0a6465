"""Real Prometheus and the report say the same of more than a hundred random histories."""

import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial

import pytest
from feeds import SETTINGS, TRENDS
from golden import ROOT
from histories import GAP_DAYS, LEAD_IN, LONGEST, History, make_history
from prometheus_server import Pages, Prometheus, run_prometheus, serve_pages
from running import until

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import State
from exporter.history.trend import Direction
from exporter.metrics.exposition import PartitionRenderer, render_vitals
from exporter.model import NANOSECONDS
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

BATCH = 25
BATCHES = 5
AS_OF_NS = 1_741_500_000 * NANOSECONDS
SHIPPED = {trend.name: trend.band for trend in TRENDS}
BANDS = SHIPPED | {
    "events": replace(SHIPPED["events"], direction=Direction.DROP),
    "checkouts": replace(SHIPPED["checkouts"], direction=Direction.RISE, min_change=2.0),
    "referrer_null_ratio": replace(
        SHIPPED["referrer_null_ratio"], sigma=1.5, min_deviation=0.05, max_deviation=0.2
    ),
}
CHECKS = load_catalogue(bands=BANDS)
RULES = Rules(SETTINGS, CHECKS, tuple(replace(trend, band=BANDS[trend.name]) for trend in TRENDS))
FIGURES = ("avg7d", "baseline_count", "baseline_avg", "baseline_stddev", "deviation_ratio", "zscore")
CHANGES = ("value", "day_over_day_ratio", "week_over_week_ratio")
TOLERANCE = 1e-9
ROUNDING = 64 * sys.float_info.epsilon

Verdict = tuple[str, str]  # severity, value as text
Found = dict[tuple[str, str, str], str]  # what, trend or check, partition -> what was said


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    """Serve what Prometheus scrapes."""
    with serve_pages() as served:
        yield served


@pytest.fixture
def server(prometheus: str, pages: Pages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Run Prometheus with the committed rules, for each batch anew: what it has seen slows it down."""
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(ROOT / "prometheus" / "rules" / f"{name}.yml") for name in ("trends", "checks")],
        "scrape_configs": [
            {"job_name": "puffy", "static_configs": [{"targets": [f"127.0.0.1:{pages.port}"]}]},
        ],
    }
    with run_prometheus(prometheus, tmp_path_factory.mktemp("prometheus"), config) as running:
        yield running


@pytest.mark.server
@pytest.mark.xdist_group("parity")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_prometheus_and_the_report_agree(server: Prometheus, pages: Pages, batch: int) -> None:
    """The same verdict for every check and partition, the same figure for every trend."""
    histories = make_batch(batch)
    snapshot = assemble(histories)
    show(pages, snapshot, histories, batch)
    settle(server, batch)
    differing = {}
    said, judged = said_by_prometheus(server), said_by_report(snapshot, histories)
    for history in histories:
        days = {known.partition.isoformat() for known in (*history.lead_in, *history.exposed)}
        differences = compare(
            {key: value for key, value in said.items() if key[2] in days},
            {key: value for key, value in judged.items() if key[2] in days},
        )
        if differences:
            differing[history.seed] = (len(days), differences)
    smallest = min(differing, key=lambda seed: differing[seed][0], default=None)
    assert smallest is None, (
        f"{len(differing)} of {len(histories)} histories differ; "
        f"the smallest, seed {smallest}, has {differing[smallest][0]} days:\n"
        + "\n".join(differing[smallest][1][:20])
    )


def test_the_histories_are_worth_comparing() -> None:
    """Every check is breached and kept silent somewhere; every figure is known and unknown somewhere."""
    breached: set[str] = set()
    known: set[str] = set()
    unknown: set[str] = set()
    for batch in range(BATCHES):
        for view in assemble(make_batch(batch)).window:
            breached |= {alert.check.name for alert in view.alerts if alert.state is State.FIRING}
            for trend in (view.window.trends or {}).values():
                for name, value in asdict(trend).items():
                    (unknown if value is None else known).add(name)
    assert breached == {check.name for check in CHECKS}
    assert known == {*FIGURES, *CHANGES}
    assert unknown == known - {"value", "baseline_count"}


def test_a_difference_is_found() -> None:
    """The comparison fails on a figure that is off by more than it may be, and on a missing verdict."""
    key = ("zscore", "events", "2000-01-01")
    assert not compare({key: "3.0"}, {key: repr(3.0 + 1e-9)})
    assert compare({key: "3.0"}, {key: repr(3.0 + 1e-8)})
    assert compare({}, {key: "3.0"})
    assert compare({key: "3.0"}, {})
    assert compare({key: "warning 3.0"}, {key: "critical 3.0"})


def make_batch(batch: int) -> list[History]:
    """Make the histories of one batch, on days that no other batch has."""
    span = timedelta(days=LEAD_IN + LONGEST + GAP_DAYS)
    seeds = range(batch * BATCH, (batch + 1) * BATCH)
    return [make_history(seed, date(1971, 1, 1) + seed * span, AS_OF_NS, CHECKS) for seed in seeds]


def assemble(histories: Sequence[History]) -> Snapshot:
    """Look at all histories as if they were one directory."""
    lead_in = [known for history in histories for known in history.lead_in]
    exposed = [known for history in histories for known in history.exposed]
    return Assembler(RULES).assemble(lead_in, exposed, as_of_ns=AS_OF_NS, generated_ns=AS_OF_NS)


def show(pages: Pages, snapshot: Snapshot, histories: Sequence[History], batch: int) -> None:
    """Put the page of the histories where Prometheus scrapes it."""
    page = PartitionRenderer().render(snapshot) + render_vitals(snapshot, Vitals())
    lines = [
        f'puffy_partition_acknowledged{{feed="events",partition="{day}",check="{check}"}} 1'
        for history in histories
        for day, checks in history.acknowledged.items()
        for check in sorted(checks)
    ]
    lines.append(f"test_batch {batch}\n")
    pages.bodies["/metrics"] = page.text + "\n".join(lines).encode()


def settle(server: Prometheus, batch: int) -> None:
    """Wait until every rule has seen the batch: the trends' once, then the checks' that build on them."""
    assert until(lambda: [value for _, value in server.query("test_batch")] == [batch], 30)
    for group in ("puffy_trends", "puffy_checks"):
        seen = time.time()
        assert until(partial(_evaluated_since, server, group, seen), 120), group
    for group in server.groups().values():
        assert [rule.get("lastError") for rule in group["rules"] if rule["health"] != "ok"] == []


def _evaluated_since(server: Prometheus, name: str, moment: float) -> bool:
    group = server.groups()[name]
    text, _, fraction = group["lastEvaluation"].removesuffix("Z").partition(".")
    begun = time.mktime(time.strptime(text + " UTC", "%Y-%m-%dT%H:%M:%S %Z")) - time.timezone
    return begun + float(f"0.{fraction or 0}") > moment


def said_by_prometheus(server: Prometheus) -> Found:
    """Return the recorded figures, and the alerts with severity and value."""
    found: Found = {}
    for figure in (*FIGURES, *CHANGES):
        for labels, value in server.query(f"partition:puffy_trend:{figure}"):
            found[figure, labels["metric"], labels["partition"]] = repr(value)
    for alert in server.get("alerts")["alerts"]:
        labels = alert["labels"]
        key = ("verdict", labels["check"], labels["partition"])
        assert key not in found, f"two alerts for {key}"
        found[key] = f"{labels['severity']} {float(alert['value'])!r}"
    return found


def said_by_report(snapshot: Snapshot, histories: Sequence[History]) -> Found:
    """Return the same of the snapshot that the report is written from."""
    acknowledged = {day: checks for history in histories for day, checks in history.acknowledged.items()}
    found: Found = {}
    for view in snapshot.window:
        day = view.partition.isoformat()
        for name, trend in (view.window.trends or {}).items():
            for figure, value in asdict(trend).items():
                if value is not None:
                    found[figure, name, day] = repr(float(value))
        for alert in view.alerts:
            told = alert.check.name in acknowledged.get(view.partition, ())
            if alert.state is State.FIRING and not told:
                found["verdict", alert.check.name, day] = f"{alert.severity} {alert.value!r}"
    return found


def compare(said: Found, judged: Found) -> list[str]:
    """Return a line for each difference."""
    keys = sorted(said.keys() | judged.keys(), key=lambda key: (key[2], key))
    return [
        f"{key[2]} {key[1]} {key[0]}: Prometheus {said.get(key)}, report {judged.get(key)}"
        for key in keys
        if not _equal(said.get(key), judged.get(key), _rounding(key, judged))
    ]


def _equal(one: str | None, other: str | None, rounding: float) -> bool:
    if one is None or other is None:
        return one is other
    (*word, value), (*other_word, other_value) = one.split(), other.split()
    close = math.isclose(float(value), float(other_value), rel_tol=TOLERANCE, abs_tol=rounding)
    return word == other_word and close


def _rounding(key: tuple[str, str, str], judged: Found) -> float:
    """Return what a figure may be off by because it is the small difference of large numbers.

    Of a value that equals its baseline to the eighth digit, eight digits of the difference are rounding.
    """
    figure, *where = key
    if figure.endswith("_ratio"):
        return ROUNDING
    average, spread = (
        abs(float(judged.get((name, *where), 0))) for name in ("baseline_avg", "baseline_stddev")
    )
    if figure == "zscore":
        return ROUNDING * average / spread if spread else 0.0
    return ROUNDING * average if figure == "baseline_stddev" else 0.0
