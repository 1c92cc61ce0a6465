"""What contracts add: two alerts judge any check and any trend, and say of each what the report says."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from contract_checks import VIEWS, WORDS, column_check, contract_check
from feeds import BANDS, SETTINGS, TRENDS
from made import CALENDAR, facts, profile
from promtool import RuleTest, check_rules, page_of, series

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Check, Severity
from exporter.history.trend import Trend
from exporter.model import NANOSECONDS, PartitionFacts
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.snapshot import Snapshot

pytestmark = pytest.mark.server

LAST = date(2025, 3, 12)
DUE = CALENDAR.due_ns(LAST)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
PAYMENTS = "payments"
LACKING = {"client_id": 9, "timestamp": 0, "event_name": 0}


def lacking(client_id: int, timestamp: int = 0) -> PartitionFacts:
    """Return a day that lacks so many values."""
    return facts(raw=profile(missing={"client_id": client_id, "timestamp": timestamp, "event_name": 0}))


def judged(
    lasts: list[PartitionFacts],
    checks: tuple[Check, ...],
    trends: tuple[Trend, ...] = (),
    *,
    feed: str = "events",
    after_due: int = 3600,
) -> Snapshot:
    """Judge ten days, of which the last ones are given, by checks of a contract alone."""
    known = [*[facts()] * (10 - len(lasts)), *lasts]
    partitions = [
        replace(
            one,
            day=CALENDAR.day(LAST - timedelta(days=9 - number)),
            due_ns=CALENDAR.due_ns(LAST - timedelta(days=9 - number)),
            alertable=one.alertable and number > 6,
        )
        for number, one in enumerate(known)
    ]
    now = DUE + after_due * NANOSECONDS
    rules = Rules(SETTINGS, checks, (*TRENDS, *trends))
    return replace(Assembler(rules).assemble((), partitions, as_of_ns=now, generated_ns=now), feed=feed)


def expect_all(test: RuleTest, minute: int, *snapshots: Snapshot) -> None:
    """Expect exactly the alerts that these snapshots call firing, with their values."""
    labels = "feed, partition, check, severity, owner, alertname, kind"
    test.expect(
        minute,
        f'count by ({labels}) (ALERTS{{alertstate="firing"}})',
        {
            series(
                "",
                {
                    "feed": snapshot.feed,
                    "partition": str(alert.partition),
                    "check": alert.check.name,
                    "severity": alert.severity,
                    "owner": alert.check.owner,
                    "kind": alert.check.kind,
                    "alertname": "PuffyContractCheck" if alert.check.value else "PuffyTrendAnomaly",
                },
            ): 1.0
            for snapshot in snapshots
            for alert in snapshot.firing
        },
    )


# compare, warning and critical limits, missing values -> severity that fires
CASES = [
    (">", (5, 9), {5: None, 6: WARNING, 9: WARNING, 10: CRITICAL}),
    (">=", (5, 9), {4: None, 5: WARNING, 8: WARNING, 9: CRITICAL}),
    ("<", (9, 5), {9: None, 8: WARNING, 5: WARNING, 4: CRITICAL}),
    ("<=", (9, 5), {10: None, 9: WARNING, 6: WARNING, 5: CRITICAL}),
    ("==", (3, 7), {4: None, 3: WARNING, 7: CRITICAL}),
]


@pytest.mark.parametrize(("compare", "limits", "found"), CASES)
def test_a_check_of_a_contract_is_silent_and_fires(
    promtool: str,
    tmp_path: Path,
    compare: str,
    limits: tuple[int, int],
    found: dict[int, Severity | None],
) -> None:
    """By each comparison, at the limit and beyond, with the severity of the worst limit that is crossed."""
    check = only_client_id(compare, warning=limits[0], critical=limits[1])
    tests = []
    for missing, severity in found.items():
        snapshot = judged([replace(lacking(missing), alertable=True)], (check,))
        newest = [alert for alert in snapshot.firing if alert.partition == LAST]
        assert [alert.severity for alert in newest] == ([severity] if severity else [])
        tests.append(RuleTest([(3, page_of(snapshot))]))
        expect_all(tests[-1], 2, snapshot)
    assert check_rules(promtool, tmp_path, tests) == ""


def only_client_id(compare: str, **limits: float) -> Check:
    """Return a check on missing values of one column."""
    labels = {"stage": "raw", "field": "client_id"}
    value = {"metric": "puffy_partition_missing_rows", "labels": labels}
    return contract_check("client_id_missing", value=value, compare=compare, limits=limits)


def test_a_value_that_must_be_one_thing(promtool: str, tmp_path: Path) -> None:
    """`!=` fires on either side, and not on the value itself."""
    check = only_client_id("!=", warning=3)
    tests = []
    for missing, fires in ((2, True), (3, False), (4, True)):
        snapshot = judged([lacking(3)] * 9 + [lacking(missing)], (check,))
        assert bool(snapshot.firing) is fires
        tests.append(RuleTest([(3, page_of(snapshot))]))
        expect_all(tests[-1], 2, snapshot)
    assert check_rules(promtool, tmp_path, tests) == ""


def test_the_worst_column_decides_and_all_in_breach_are_named(promtool: str, tmp_path: Path) -> None:
    """One alert for a day, with words, limit and columns; the owner is the contract's."""
    check = replace(column_check("no_values", ">", warning=5, critical=90), blocking=True)
    snapshot = judged([lacking(7, 8)], (check,))
    test = RuleTest([(3, page_of(snapshot))])
    expect_all(test, 2, snapshot)
    labels = {
        "feed": "events",
        "partition": str(LAST),
        "check": "no_values",
        "severity": "warning",
        "owner": "payments",
        "kind": "threshold",
    }
    silence = (
        f"%7Balertname%3D%22PuffyContractCheck%22%2Cfeed%3D%22events%22%2Cpartition%3D%22{LAST}%22"
        "%2Ccheck%3D%22no_values%22%7D"
    )
    words = {
        "summary": WORDS["summary"],
        "impact": WORDS["impact"],
        "description": "feed events: no_values is 8, a breach where > 5: client_id, timestamp",
        "resolution": (
            f"1. Compare the figure with other days: puffy-exporter explain {LAST} no_values\n"
            "2. Notify the owner of the contract that has the check.\n"
            "3. Acknowledge the day if the data is right, or have its files written again."
        ),
        "runbook_url": "http://localhost:10110/runbooks/checks#contract_check",
        "dashboard_url": f"http://localhost:3000/d/puffy-partition?var-feed=events&var-partition={LAST}",
        "page_url": f"http://localhost:10110/feeds/events/partitions/{LAST}",
        "silence_url": f"http://localhost:9093/#/silences/new?filter={silence}",
    }
    told = [{"exp_labels": labels, "exp_annotations": words | {"held": ""}}]
    test.alerts.append({"eval_time": "2m", "alertname": "PuffyContractCheck", "exp_alerts": told})
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_what_is_acknowledged_old_or_too_early_is_silent(promtool: str, tmp_path: Path) -> None:
    """As for the catalogue's checks."""
    early = contract_check(
        "clean_late",
        value={"metric": "puffy_partition_missing_rows", "labels": {"stage": "raw"}, "after_due": "2h"},
        limits={"warning": 5},
    )
    check = column_check("no_values", ">", warning=5)
    tests = []
    for lasts, after_due, count in (
        ([lacking(9)], 3600, 1),
        ([lacking(9)], 7201, 2),
        ([replace(lacking(9), acknowledged=frozenset({"no_values"}))], 7201, 1),
        ([lacking(9), facts(), facts(), facts()], 7201, 0),
        ([replace(lacking(9), alertable=False)], 7201, 0),
    ):
        snapshot = judged(lasts, (check, early), after_due=after_due)
        assert len(snapshot.firing) == count
        tests.append(RuleTest([(3, page_of(snapshot))]))
        expect_all(tests[-1], 2, snapshot)
    assert check_rules(promtool, tmp_path, tests) == ""


def test_it_stays_while_nobody_can_see(promtool: str, tmp_path: Path) -> None:
    """Both alerts, with all their labels, until a look says that all is well."""
    views = contract_check("anomaly_views", VIEWS.band, trend="views")
    checks = (column_check("no_values", ">", warning=5), views)
    off = facts(raw=profile(events={"page_viewed": 9000}, missing=LACKING))
    broken, well = (judged([last], checks, (VIEWS,)) for last in (off, facts()))
    assert {alert.check.name for alert in broken.firing} == {"no_values", "anomaly_views"}
    test = RuleTest([(4, page_of(broken)), (16, {}), (12, page_of(well))])
    for minute in (3, 10, 19):
        expect_all(test, minute, broken)
    expect_all(test, 31, well)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_an_anomaly_of_a_trend_that_a_contract_adds(promtool: str, tmp_path: Path) -> None:
    """Silent and firing, and only in the feed whose contract has it."""
    views = contract_check("anomaly_views", VIEWS.band, trend="views")
    off = facts(raw=profile(events={"page_viewed": 9000, "checkout_completed": 20}))
    tests = []
    for last in (facts(), off):
        one = judged([last], (views,), (VIEWS,), feed=PAYMENTS)
        other = judged([last], load_catalogue(BANDS))
        tests.append(RuleTest([(3, {**page_of(one), **page_of(other)})]))
        expect_all(tests[-1], 2, one)
    assert [alert.check.name for alert in one.firing] == ["anomaly_views"]
    assert not other.firing
    metric = 'count by (metric) (ALERTS{alertstate="firing",alertname="PuffyTrendAnomaly"})'
    tests[-1].expect(2, metric, {'{metric="views"}': 1.0})
    assert check_rules(promtool, tmp_path, tests) == ""


def test_a_contract_may_follow_a_trend_that_the_catalogue_knows(promtool: str, tmp_path: Path) -> None:
    """Its alert is the contract's in that feed, and the catalogue's in the others: never both."""
    own = contract_check("our_events", TRENDS[0].band, trend="events", severity="critical")
    off = facts(raw=profile(rows=9000, events={"page_viewed": 980}))
    payments = judged([off], (own,), feed=PAYMENTS)
    events = judged([off], load_catalogue(BANDS))
    test = RuleTest([(3, {**page_of(payments), **page_of(events)})])
    test.expect_told(
        2, "PuffyTrendAnomaly", [{"feed": PAYMENTS, "partition": str(LAST), "severity": "critical"}]
    )
    test.expect_firing(2, "PuffyEventsAnomaly", [(str(LAST), "warning")])
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_two_feeds_with_a_check_of_one_name(promtool: str, tmp_path: Path) -> None:
    """Limit, comparison and severity are each feed's own."""
    strict = column_check("no_values", ">", critical=5)
    other = column_check("no_values", "<", warning=3)
    one, two = judged([lacking(9, 9)], (strict,)), judged([lacking(9, 9)], (other,), feed=PAYMENTS)
    assert {alert.severity for alert in one.firing} == {CRITICAL}
    assert {alert.severity for alert in two.firing} == {WARNING}
    test = RuleTest([(3, {**page_of(one), **page_of(two)})])
    expect_all(test, 2, one, two)
    assert check_rules(promtool, tmp_path, [test]) == ""
