"""Every alert in Prometheus' own test tool: it fires where it should, and nowhere else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from check_cases import DUE, FIRING, SILENT, raw
from feeds import BANDS, EXPECTED_COLUMNS, RULES
from made import CALENDAR, facts, profile
from promtool import FEED, Page, RuleTest, check_rules, page_of, series

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Kind, Severity
from exporter.checks.held import held_words
from exporter.model import NANOSECONDS, SCHEMA_MISMATCH_REASON, PartitionFacts, Stage
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.snapshot import Snapshot

pytestmark = pytest.mark.server
CHECKS = {check.name: check for check in load_catalogue(BANDS)}
FIRST = date(2001, 1, 1)
LAST = date(2025, 3, 12)
WINDOW = 10
HOUR = 3600 * NANOSECONDS
EVENTS = {"feed": FEED}
AS_OF = "puffy_snapshot_as_of_timestamp_seconds"


def assemble(partitions: Sequence[PartitionFacts], as_of_ns: int = DUE + HOUR) -> Snapshot:
    """Judge partitions, oldest first."""
    return Assembler(RULES).assemble((), partitions, as_of_ns=as_of_ns, generated_ns=as_of_ns)


def days(*lasts: PartitionFacts | None) -> list[PartitionFacts]:
    """Return ten healthy days, of which the last ones are replaced, or taken away."""
    found: list[PartitionFacts | None] = [facts()] * (WINDOW - len(lasts))
    dated = []
    for number, known in enumerate((*found, *lasts)):
        if known is not None:
            day = LAST - timedelta(days=WINDOW - 1 - number)
            dated.append(replace(known, day=CALENDAR.day(day), alertable=number >= WINDOW - 3))
    return dated


def page(*lasts: PartitionFacts | None) -> Page:
    """Return the page of ten days."""
    return page_of(assemble(days(*lasts)))


BROKEN = facts(without=tuple(Stage))
SEVERE = [(LAST.isoformat(), "critical")]


def test_every_threshold_alert_is_silent_and_fires_as_its_check(promtool: str, tmp_path: Path) -> None:
    """All cases of a check stand on one page, each on a day of its own."""
    tests = []
    for name, check in CHECKS.items():
        if check.kind is Kind.THRESHOLD:
            silent = [(known, None) for known in SILENT[name]]
            cases = [*silent, *((known, severity) for known, severity, *_ in FIRING[name])]
            dated = {FIRST + timedelta(days=30 * number): case for number, case in enumerate(cases)}
            partitions = [replace(known, day=CALENDAR.day(day)) for day, (known, _) in dated.items()]
            tests.append(RuleTest([(10, page_of(assemble(partitions)))]))
            fired = [(str(day), severity) for day, (_, severity) in dated.items() if severity]
            tests[-1].expect_firing(5, check.alert, fired)
    assert check_rules(promtool, tmp_path, tests) == ""


def test_a_wrong_expectation_is_noticed(promtool: str, tmp_path: Path) -> None:
    """The test above can fail, in both directions."""
    for expected in ([], [(LAST.isoformat(), "warning")]):
        test = RuleTest([(10, page(BROKEN))])
        test.expect_firing(5, "PuffyPartitionMissing", expected)
        assert "FAILED" in check_rules(promtool, tmp_path, [test])


def test_a_missing_stage_fires_when_its_grace_is_over(promtool: str, tmp_path: Path) -> None:
    """Two hours after due, and not a second earlier."""
    partitions = days(facts(without=(Stage.CLEAN,)))
    tests = []
    for seconds, found in ((7200, []), (7201, [(LAST.isoformat(), "warning")])):
        tests.append(RuleTest([(10, page_of(assemble(partitions, DUE + seconds * NANOSECONDS)))]))
        tests[-1].expect_firing(5, "PuffyStageMissing", found)
    assert check_rules(promtool, tmp_path, tests) == ""


ANOMALOUS = {
    "events": facts(raw=profile(rows=400)),
    "revenue": raw(revenue=700.0),
    "clean_revenue": facts(clean=profile(Stage.CLEAN, 960, revenue=700.0)),
    "checkouts": raw(checkouts=5),
    "reject_ratio": facts(rejects=profile(Stage.REJECTS, 90, checkouts=0, revenue=0.0)),
    "missing_client_id_ratio": raw(missing={"client_id": 15, "timestamp": 0, "event_name": 0}),
    "referrer_null_ratio": raw(referrer_null=90),
    "referrer_synthetic_ratio": raw(referrer_synthetic=300),
}


@pytest.mark.parametrize("trend", ANOMALOUS)
def test_every_anomaly_alert_is_silent_and_fires(trend: str, promtool: str, tmp_path: Path) -> None:
    """A day like the others is not an anomaly; one far off is, with the baseline of the days before."""
    (check,) = (check for check in CHECKS.values() if check.trend == trend)
    calm, off = RuleTest([(10, page(facts()))]), RuleTest([(10, page(ANOMALOUS[trend]))])
    calm.expect_firing(5, check.alert, [])
    off.expect_firing(5, check.alert, [(LAST.isoformat(), "warning")])
    assert check_rules(promtool, tmp_path, [calm, off]) == ""


def test_every_anomaly_check_has_its_case() -> None:
    """A new trend needs one."""
    assert set(ANOMALOUS) == {check.trend for check in CHECKS.values() if check.kind is Kind.ANOMALY}


def test_averages_are_right_over_gaps_and_on_the_second_evaluation(promtool: str, tmp_path: Path) -> None:
    """Event time, not wall time: what is missing is left out, and no history of Prometheus is needed."""
    sizes = [100, 200, None, 400, 500, None, 700]
    partitions = [None if rows is None else facts(raw=profile(rows=rows)) for rows in sizes]
    test = RuleTest([(10, page(*partitions))])
    day = f'{{feed="{FEED}",metric="events",partition="{LAST}"}}'
    test.expect(1, f"partition:puffy_trend:avg7d{day}", {f"partition:puffy_trend:avg7d{day}": 380.0})
    test.expect(
        1, f"partition:puffy_trend:baseline_count{day}", {f"partition:puffy_trend:baseline_count{day}": 5.0}
    )
    test.expect(1, f"partition:puffy_trend:day_over_day_ratio{day}", {})
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_a_late_file_ends_the_alert_that_missed_it(promtool: str, tmp_path: Path) -> None:
    """Missing first; when the file comes that alert ends, and the other says how late it was."""
    late = facts()
    stage = replace(late.stages[Stage.RAW], arrival_ns=DUE + HOUR)
    late = replace(late, stages={**late.stages, Stage.RAW: stage})
    test = RuleTest([(10, page(BROKEN)), (20, page(late))])
    test.expect_firing(0, "PuffyPartitionMissing", [])
    test.expect_firing(9, "PuffyPartitionMissing", SEVERE)
    test.expect_firing(9, "PuffyPartitionLate", [])
    test.expect_firing(20, "PuffyPartitionMissing", [])
    test.expect_firing(20, "PuffyPartitionLate", [(LAST.isoformat(), "warning")])
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_a_repaired_partition_ends_its_alerts(promtool: str, tmp_path: Path) -> None:
    """Five minutes after the repair, which is the price of riding over a restart."""
    test = RuleTest([(10, page(raw(columns=("timestamp",)))), (20, page(facts()))])
    test.expect_firing(9, "PuffySchemaMismatch", SEVERE)
    test.expect_firing(13, "PuffySchemaMismatch", SEVERE)
    test.expect_firing(20, "PuffySchemaMismatch", [])
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_a_restart_of_the_exporter_resolves_nothing(promtool: str, tmp_path: Path) -> None:
    """However long there is no page: only one that says that all is well again ends the alert."""
    test = RuleTest([(10, page(BROKEN)), (4, {}), (10, page(BROKEN)), (300, {}), (30, page(facts()))])
    for minute in (*range(2, 24), 60, 120, 320):
        test.expect_firing(minute, "PuffyPartitionMissing", SEVERE)
    test.expect_firing(340, "PuffyPartitionMissing", [])
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_what_was_silent_stays_silent_while_nobody_can_see(promtool: str, tmp_path: Path) -> None:
    """Nor does what has ended come back."""
    test = RuleTest([(10, page(BROKEN)), (20, page(facts())), (60, {}), (10, page(facts()))])
    for minute in (5, 25, 40, 80, 95):
        test.expect_firing(minute, "PuffyPartitionMissing", SEVERE if minute == 5 else [])
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_an_exporter_with_nothing_to_judge_ends_nothing(promtool: str, tmp_path: Path) -> None:
    """It is scraped and knows of no partition: blind as if it were away."""
    blind = {series(AS_OF, EVENTS): 1.0, series("puffy_exporter_blind", EVENTS): 1.0}
    test = RuleTest([(10, page(BROKEN)), (60, blind), (20, page(facts()))])
    for minute, found in ((5, SEVERE), (60, SEVERE), (85, [])):
        test.expect_firing(minute, "PuffyPartitionMissing", found)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_acknowledged_and_old_partitions_are_silent(promtool: str, tmp_path: Path) -> None:
    """An acknowledgement concerns one check of one partition; what is not alertable notifies nobody."""
    acknowledged = series(
        "puffy_partition_acknowledged", {**EVENTS, "partition": str(LAST), "check": "partition_missing"}
    )
    before = (LAST - timedelta(days=1)).isoformat()
    told = RuleTest([(10, {**page(BROKEN, BROKEN), acknowledged: 1.0})])
    told.expect_firing(5, "PuffyPartitionMissing", [(before, "critical")])
    old = RuleTest([(10, page(BROKEN, facts(), facts(), facts()))])
    old.expect_firing(5, "PuffyPartitionMissing", [])
    assert check_rules(promtool, tmp_path, [told, old]) == ""


def test_only_days_that_may_alert_are_computed(promtool: str, tmp_path: Path) -> None:
    """However many others the page has, of the checks, of trends and of all steps on the way to them."""
    test = RuleTest([(10, page(facts()))])
    newest = {str(LAST - timedelta(days=back)) for back in range(3)}
    recorded = '{__name__=~"partition:puffy_(trend|check|contract_check):.+"}'
    counts = {f'{{partition="{day}"}}': 1.0 for day in newest}
    test.expect(5, f"group by (partition) ({recorded})", counts)
    windows = {f'{{member="{LAST - timedelta(days=back)}"}}': 1.0 for back in range(WINDOW)}
    test.expect(5, "group by (member) (member:puffy_trend:value)", windows)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_two_exporters_on_the_same_data_are_one_verdict(promtool: str, tmp_path: Path) -> None:
    """A pair gives no duplicate series, and each alert once."""
    shot = assemble(days(raw(revenue=700.0), BROKEN))
    pair = {**page_of(shot, instance="a"), **page_of(shot, instance="b")}
    test = RuleTest([(10, pair)])
    test.expect_firing(5, "PuffyPartitionMissing", SEVERE)
    test.expect_firing(5, "PuffyRevenueAnomaly", [((LAST - timedelta(days=1)).isoformat(), "warning")])
    test.expect(5, "count(partition:puffy_trend:value{metric='events'})", {"{}": 2.0})
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_a_baseline_of_zero_makes_any_other_value_an_anomaly(promtool: str, tmp_path: Path) -> None:
    """There is no deviation to divide for; zero itself stays silent."""
    nothing = raw(referrer_synthetic=0)
    for last, found in ((facts(), [(LAST.isoformat(), "warning")]), (nothing, [])):
        test = RuleTest([(10, page(*[nothing] * (WINDOW - 1), last))])
        test.expect_firing(5, "PuffyReferrerSyntheticRatioAnomaly", found)
        assert check_rules(promtool, tmp_path, [test]) == ""


def expect_words(test: RuleTest, name: str, severity: str, description: str) -> None:
    """Expect a check's alert after five minutes, word for word."""
    check = CHECKS[name]
    matchers = {"alertname": check.alert, "feed": FEED, "partition": str(LAST)}
    silence = quote("{" + ",".join(f'{label}="{text}"' for label, text in matchers.items()) + "}", safe="")
    labels = {"check": name, "severity": severity, "kind": "threshold", "owner": check.owner}
    held = {"held": held_words(str(LAST))} if check.blocks_at(Severity(severity)) else {}
    words = held | {
        "summary": check.summary,
        "description": f"feed {FEED}: {description}",
        "impact": check.impact,
        "resolution": "\n".join(f"{n}. {step}" for n, step in enumerate(check.resolution, 1)),
        "runbook_url": f"http://localhost:10110/runbooks/checks#{name}",
        "dashboard_url": f"http://localhost:3000/d/puffy-partition?var-feed={FEED}&var-partition={LAST}",
        "page_url": f"http://localhost:10110/feeds/{FEED}/partitions/{LAST}",
        "silence_url": f"http://localhost:9093/#/silences/new?filter={silence}",
    }
    found = [{"exp_labels": labels | EVENTS | {"partition": str(LAST)}, "exp_annotations": words}]
    test.alerts.append({"eval_time": "5m", "alertname": check.alert, "exp_alerts": found})


def test_the_words_name_value_and_limit(promtool: str, tmp_path: Path) -> None:
    """In their units, with the partition in the links, and with the reasons behind the rejects."""
    rejected = facts(rejects=profile(Stage.REJECTS, 90, checkouts=0, revenue=0.0))
    test = RuleTest([(10, page(rejected))])
    expect_words(test, "reject_ratio", "warning", "reject_ratio is 9%, limit 5%: missing_client_id")
    assert check_rules(promtool, tmp_path, [test]) == ""


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_the_words_name_the_columns_that_are_missing(promtool: str, tmp_path: Path, lost: int) -> None:
    """Where upstream alone says that the schema differs there are none to name."""
    columns = EXPECTED_COLUMNS[Stage.RAW]
    missing = sorted(columns)[:lost]
    kept = tuple(column for column in columns if column not in missing)
    reasons = {SCHEMA_MISMATCH_REASON: 1}
    test = RuleTest(
        [(10, page(facts(raw=profile(columns=kept), rejects=profile(Stage.REJECTS, 1, reasons=reasons))))]
    )
    named = f": {', '.join(missing)}" if missing else ""
    expect_words(test, "schema_mismatch", "critical", f"schema_mismatch is 1, limit 1{named}")
    assert check_rules(promtool, tmp_path, [test]) == ""
