"""Many feeds in one Prometheus: each is judged by its own limits, and sees nothing of the others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from check_cases import DUE, FIRING
from feeds import BANDS, RULES, SETTINGS, TRENDS
from made import CALENDAR, facts, profile
from promtool import Page, RuleTest, check_rules, page_of, series

from exporter.checks.catalogue import load_catalogue
from exporter.history.trend import Direction
from exporter.model import NANOSECONDS, PartitionFacts, Stage
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.snapshot import Snapshot

pytestmark = pytest.mark.server

FIRST, LAST = date(2001, 1, 1), date(2025, 3, 12)
NOW = DUE + 3600 * NANOSECONDS
EVENTS, PAYMENTS = "events", "payments"
BLIND, AS_OF = "puffy_exporter_blind", "puffy_snapshot_as_of_timestamp_seconds"
BROKEN = facts(without=tuple(Stage))


def shot(partitions: Sequence[PartitionFacts], feed: str = EVENTS, rules: Rules | None = None) -> Snapshot:
    """Judge a feed's partitions."""
    judged = Assembler(rules or RULES).assemble((), partitions, as_of_ns=NOW, generated_ns=NOW)
    return replace(judged, feed=feed)


def days(*lasts: PartitionFacts) -> list[PartitionFacts]:
    """Return ten days, all healthy but the last ones."""
    known = [*[facts()] * (10 - len(lasts)), *lasts]
    return [
        replace(one, day=CALENDAR.day(LAST - timedelta(days=9 - number)), alertable=number > 6)
        for number, one in enumerate(known)
    ]


def both(events: Snapshot, payments: Snapshot) -> Page:
    """Return what one scrape says of two feeds."""
    return {**page_of(events), **page_of(payments)}


def limited(overrides: dict[str, Any], **band: Any) -> Rules:
    """Return the catalogue with changes, and a trend of events with another band."""
    bands = {**BANDS, "events": replace(BANDS["events"], **band)}
    trends = tuple(replace(trend, band=bands[trend.name]) for trend in TRENDS)
    return Rules(SETTINGS, load_catalogue(bands, overrides), trends)


def expect_all(test: RuleTest, minute: int, *snapshots: Snapshot) -> None:
    """Expect exactly the alerts that these snapshots call firing."""
    test.expect(
        minute,
        'count by (feed, partition, check, severity) (ALERTS{alertstate="firing"})',
        {
            f'{{feed="{snapshot.feed}", partition="{alert.partition}", check="{alert.check.name}", '
            f'severity="{alert.severity}"}}': 1.0
            for snapshot in snapshots
            for alert in snapshot.firing
        },
    )


def test_a_breach_of_one_feed_never_shows_on_another(promtool: str, tmp_path: Path) -> None:
    """Every threshold check in turn, on the same day of two feeds of which one is healthy."""
    broken: dict[str, list[PartitionFacts]] = {EVENTS: [], PAYMENTS: []}
    for number, case in enumerate(cases[-1][0] for cases in FIRING.values() if cases):
        day = CALENDAR.day(FIRST + timedelta(days=30 * number))
        pair = (case, facts()) if number % 2 else (facts(), case)
        for feed, one in zip(broken, pair, strict=True):
            broken[feed].append(replace(one, day=day))
    events, payments = (shot(partitions, feed) for feed, partitions in broken.items())
    assert {view.partition for view in events.views} == {view.partition for view in payments.views}
    assert len(events.firing) > 15
    assert len(payments.firing) > 15
    test = RuleTest([(3, both(events, payments))])
    expect_all(test, 2, events, payments)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_trends_of_two_feeds_have_their_own_baselines(promtool: str, tmp_path: Path) -> None:
    """The same figure is normal in a large feed and an anomaly in a small one; averages do not mix."""
    large = facts(raw=profile(rows=5000, checkouts=100))
    events, payments = shot(days(large)), shot(days(*[large] * 10), PAYMENTS)
    test = RuleTest([(3, both(events, payments))])
    expect_all(test, 2, events, payments)
    for feed, average in ((EVENTS, 1000.0), (PAYMENTS, 5000.0)):
        name = f'partition:puffy_trend:baseline_avg{{feed="{feed}",metric="events",partition="{LAST}"}}'
        test.expect(2, name, {name: average})
    assert "anomaly_events" in {alert.check.name for alert in events.firing}
    assert "anomaly_events" not in {alert.check.name for alert in payments.firing}
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_limits_differ_by_feed(promtool: str, tmp_path: Path) -> None:
    """The rules are the same for both: another limit, a check that is off, a side that does not count."""
    off = facts(raw=profile(rows=5000), rejects=profile(Stage.REJECTS, 300, checkouts=0, revenue=0.0))
    lenient = limited({"reject_ratio": {"limits": {"warning": 0.4}}}, direction=Direction.DROP)
    without = limited({"reject_ratio": {"enabled": False}, "anomaly_events": {"enabled": False}})
    for rules in (lenient, without, limited({"anomaly_events": {"confirmed": None}})):
        events, payments = shot(days(off)), shot(days(off), PAYMENTS, rules)
        test = RuleTest([(3, both(events, payments))])
        expect_all(test, 2, events, payments)
        assert {alert.check.name for alert in events.firing} >= {"anomaly_events", "unaccounted_rows"}
        assert len(payments.firing) <= len(events.firing)
        assert check_rules(promtool, tmp_path, [test]) == ""


def test_a_blind_feed_keeps_its_own_alerts_and_no_others(promtool: str, tmp_path: Path) -> None:
    """Its firing alerts stay; what was repaired in the other feed ends, and new breaches there fire."""
    told = both(shot(days(BROKEN)), shot(days(BROKEN), PAYMENTS))
    blind = {
        series(AS_OF, {"feed": PAYMENTS}): NOW / NANOSECONDS,
        series(BLIND, {"feed": PAYMENTS}): 1.0,
    }
    mended, broken = page_of(shot(days(facts()))), page_of(shot(days(BROKEN)))
    test = RuleTest([(4, told), (16, {**mended, **blind}), (5, {**broken, **blind})])
    for minute, feeds in ((3, (EVENTS, PAYMENTS)), (19, (PAYMENTS,)), (24, (EVENTS, PAYMENTS))):
        expect_missing(test, minute, *feeds)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_everything_stays_while_the_exporter_is_gone(promtool: str, tmp_path: Path) -> None:
    """For every feed, and ends when a look says so."""
    told = both(shot(days(BROKEN)), shot(days(BROKEN), PAYMENTS))
    mended = both(shot(days(facts())), shot(days(BROKEN), PAYMENTS))
    test = RuleTest([(4, told), (20, {}), (10, mended)])
    for minute, feeds in ((3, (EVENTS, PAYMENTS)), (22, (EVENTS, PAYMENTS)), (33, (PAYMENTS,))):
        expect_missing(test, minute, *feeds)
    test.expect(
        20,
        "puffy:blind",
        {f'puffy:blind{{feed="{feed}"}}': 1.0 for feed in (EVENTS, PAYMENTS)} | {"puffy:blind": 1.0},
    )
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_one_of_two_exporters_is_gone(promtool: str, tmp_path: Path) -> None:
    """Its feeds' alerts stay, while the other's come and go; a feed that was taken away has none."""
    up, down = (dict.fromkeys(('up{job="puffy",instance="b"}',), value) for value in (1.0, 0.0))
    here = {**page_of(shot(days(facts()))), 'up{job="puffy",instance="a"}': 1.0}
    there = page_of(shot(days(BROKEN), PAYMENTS))
    for state, feeds in ((down, (PAYMENTS,)), (up, ())):
        test = RuleTest([(4, {**here, **there, **up}), (16, {**here, **state})])
        expect_missing(test, 3, PAYMENTS)
        expect_missing(test, 19, *feeds)
        assert check_rules(promtool, tmp_path, [test]) == ""


def expect_missing(test: RuleTest, minute: int, *feeds: str) -> None:
    """Expect that the newest day is told to be missing, in these feeds."""
    told = [{"feed": feed, "partition": str(LAST), "severity": "critical"} for feed in feeds]
    test.expect_told(minute, "PuffyPartitionMissing", told)


def test_series_of_an_exporter_without_the_label_are_a_feed_too(promtool: str, tmp_path: Path) -> None:
    """PromQL takes the label for an empty one; beside feeds that have it nothing is mixed."""
    off = facts(raw=profile(rows=5000))
    mended = page_of(shot(days(facts()), PAYMENTS))
    old = {
        name.replace('feed="events",', "").replace('feed="events"', ""): value
        for name, value in page_of(shot(days(off, BROKEN))).items()
    }
    assert not [name for name in old if "feed=" in name]
    test = RuleTest([(4, {**mended, **old}), (14, {})])
    for minute in (3, 17):
        expect_missing(test, minute, "")
    before = (LAST - timedelta(days=1)).isoformat()
    test.expect_firing(3, "PuffyEventsAnomaly", [(before, "warning")], feed="")
    assert check_rules(promtool, tmp_path, [test]) == ""
