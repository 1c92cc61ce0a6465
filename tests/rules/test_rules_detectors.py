"""What Prometheus' own engine makes of a page is what the exporter made of the facts."""

import math
import random
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from feeds import EVENTS
from made import CALENDAR, facts, profile
from prometheus_client.parser import text_string_to_metric_families

from exporter.checks.check import Kind, Origin, Severity
from exporter.config.load import build_config
from exporter.document import Document
from exporter.history.detection import Readiness
from exporter.links import Links
from exporter.metrics.exposition import PartitionRenderer
from exporter.model import PartitionFacts, Stage
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.snapshot import Snapshot
from exporter.rules.files import rule_files

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("promtool")]

FIRST = date(2025, 1, 1)
LEAD_IN, WINDOW = 34, 12
DAYS = [
    {"name": "sale", "dates": [FIRST + timedelta(days=40)], "expect": "rise"},
    {"name": "holiday", "dates": [FIRST + timedelta(days=42)]},
]
CASES = {  # what differs from the shipped configuration
    "shipped": {},
    "weekly": {},
    "one-sided": {"events": {"direction": "drop"}, "checkouts": {"tested_day": "inside", "sigma": 2}},
    "mixed": {
        "revenue": {"method": "average", "tested_day": "inside", "sigma": 1.5, "min_deviation": 0.01},
        "reject_ratio": {"method": "average"},
        "checkouts": {"score": 2, "level_score": 1, "min_spread": 0.3},
        "referrer_null_ratio": {"score": 1, "min_change": 0, "min_count": 500},
    },
}


def day(number: int, chance: random.Random) -> PartitionFacts:
    """Return a day with a weekly rhythm and, often, something wrong."""
    rhythm = 1.3 if number % 7 > 4 else 1.0
    fault = chance.choice((1.0, 1.0, 1.0, 1.0, 0.6, 1.5, 0.0)) if number > 30 else 1.0
    rows = round(2000 * rhythm * chance.lognormvariate(0, 0.05) * fault)
    revenue = (
        9000 * rhythm * chance.lognormvariate(0, 0.2) * chance.choice((1, 1, 1, 0 if number > 30 else 1))
    )
    rejects = min(rows, round(rows * chance.choice((0.04, 0.04, 0.05, 0.2))))
    content = profile(
        rows=rows,
        revenue=revenue,
        checkouts=round(30 * rhythm),
        missing={"client_id": rows // 80, "timestamp": 0, "event_name": 0},
        referrer_null=round(rows * chance.uniform(0.45, 0.55)),
        referrer_synthetic=rows // 10 if number != 41 else rows // 2,
    )
    if number in {20, 21}:
        content = replace(content, columns=tuple(name for name in content.columns if name != "referrer"))
    return facts(
        FIRST + timedelta(days=number),
        raw=content,
        clean=profile(Stage.CLEAN, rows - rejects, revenue=revenue * chance.choice((1, 1, 0.7))),
        rejects=profile(Stage.REJECTS, rejects, checkouts=0, revenue=0.0),
        without=(Stage.REJECTS,) if number == 38 else (),
    )


def spread(day: date, period: int) -> date:
    """Return the day as many periods after the first as it is days after it."""
    return FIRST + (day - FIRST) * period


def shot(seed: int, case: str, origin: Origin) -> tuple[Snapshot, dict[str, str]]:
    """Return a snapshot and the rules that belong to its configuration."""
    period = 7 if case == "weekly" else 1  # between days: the same values, a week apart
    service = replace(EVENTS.service, weekdays=frozenset({"Wed"})) if case == "weekly" else EVENTS.service
    calendar = {"events": [{**one, "dates": [spread(one["dates"][0], period)]} for one in DAYS]}
    config = build_config(
        Document("test", {"trends": CASES[case], "calendar": calendar}), replace(EVENTS, service=service)
    )
    chance = random.Random(seed)
    gone = {5, 9, 33, 37}
    known = [day(number, chance) for number in range(LEAD_IN + WINDOW) if number not in gone]
    lead_in = [facts for facts in known if facts.partition < FIRST + timedelta(days=LEAD_IN)]
    placed = [spread(facts.partition, period) for facts in known]
    known = [
        replace(facts, day=CALENDAR.day(day), due_ns=CALENDAR.due_ns(day))
        for facts, day in zip(known, placed, strict=True)
    ]
    checks = tuple(replace(check, origin=origin) for check in config.checks)
    rules = Rules(config.figures, checks, config.trends, config.events)
    now = known[-1].due_ns + 1
    lead_in = known[: len(lead_in)]
    snapshot = Assembler(rules).assemble(lead_in, known[len(lead_in) :], as_of_ns=now, generated_ns=now)
    return snapshot, dict(rule_files(config.checks, Links()))


def series(snapshot: Snapshot) -> list[dict[str, str]]:
    """Return every sample of the page as a series of one value."""
    found = []
    for family in text_string_to_metric_families(PartitionRenderer().render(snapshot).text.decode()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found.append({"series": f"{sample.name}{{{labels}}}", "values": repr(sample.value)})
    return found


def differing(recorded: str, exported: str) -> list[str]:
    """Return expressions that are empty if two series are equal, to 1e-9, and equally many."""
    may_alert = "and on (feed, partition) puffy_partition_alertable == 1"
    exported = f"max by (feed, metric, partition) ({exported} {may_alert})"
    recorded = f"({recorded} and partition:puffy_trend:value)"
    return [
        f"abs({recorded} - {exported}) > 1e-9 * (abs({exported}) > 1 or {exported} * 0 + 1)",
        f"{recorded} unless {exported}",
        f"{exported} unless {recorded}",
    ]


def run(promtool: str, folder: Path, snapshot: Snapshot, files: dict[str, str]) -> None:
    """Let promtool evaluate the rules on the page, and compare."""
    for name, text in files.items():
        (folder / name).write_text(text)
    same = [
        *differing("partition:puffy_trend:level_score", 'puffy_trend_score{after="level"}'),
        *differing("partition:puffy_trend:lower", "puffy_trend_lower"),
        *differing("partition:puffy_trend:upper", "puffy_trend_upper"),
    ]
    anomalies = 'count by (check, partition, severity) (ALERTS{alertstate="firing",kind="anomaly"})'
    firing = [
        {
            "labels": f'{{check="{alert.check.name}",partition="{alert.partition}",'
            f'severity="{alert.severity}"}}',
            "value": 1,
        }
        for alert in snapshot.firing
        if alert.check.kind is Kind.ANOMALY
    ]
    tests = [{"expr": expr, "eval_time": "1m", "exp_samples": []} for expr in same]
    tests.append({"expr": anomalies, "eval_time": "1m", "exp_samples": firing})
    document = {
        "rule_files": sorted(files),
        "evaluation_interval": "30s",
        "tests": [{"interval": "1m", "input_series": series(snapshot), "promql_expr_test": tests}],
    }
    path = folder / "test.yml"
    path.write_text(yaml.safe_dump(document, width=100_000))
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[:6000]


@pytest.mark.parametrize(
    ("seed", "case", "origin"),
    [
        (0, "shipped", Origin.CATALOGUE),
        (0, "weekly", Origin.CATALOGUE),
        (2, "one-sided", Origin.CATALOGUE),
        (2, "mixed", Origin.CATALOGUE),
        (2, "mixed", Origin.CONTRACT),
    ],
)
def test_verdicts_are_prometheus_own(
    promtool: str, tmp_path: Path, seed: int, case: str, origin: Origin
) -> None:
    """Weekly rhythm, gaps, excluded days, zeros, an empty day, a missing stage and events included.

    Where a contract has the checks the one alert of all trends says what the alerts of single ones would.
    """
    snapshot, files = shot(seed, case, origin)
    detections = [known for view in snapshot.window for known in (view.window.detections or {}).values()]
    assert {known.readiness for known in detections} >= {Readiness.ARMED, Readiness.EMPTY}
    assert sum(known.score is not None for known in detections) > 40
    assert all(math.isfinite(known.score or 0) for known in detections)
    severities = {alert.severity for alert in snapshot.firing if alert.check.kind is Kind.ANOMALY}
    assert severities == {Severity.WARNING, Severity.CRITICAL}, "the draws must hold both"
    run(promtool, tmp_path, snapshot, files)
