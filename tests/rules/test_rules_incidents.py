"""The alerts of incidents in Prometheus' own test tool: that of one, of its end, the digest."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from promtool import FEED, Page, RuleTest, check_rules, series

from exporter.rules.incidents import DIGEST, ENDED, INCIDENT, MOST_LISTED

pytestmark = pytest.mark.server
HOUR = 3600
NOW = 1_741_500_000.0
AS_OF = {series("puffy_snapshot_as_of_timestamp_seconds", {"feed": FEED}): NOW}
AWAY: Page = {series("up", {"job": "puffy"}): 0.0}
UP: Page = {series("up", {"job": "puffy"}): 1.0}
RUNBOOK = "causes#column_missing"
CAUSE, OWNER = "schema_mismatch", "data-engineering"


def incident(
    name: str = "a1",
    severity: str = "warning",
    *,
    told: bool = True,
    is_open: bool = True,
    feed: str = FEED,
    since: float = NOW,
    days: int = 1,
) -> Page:
    """Return what the exporter says of an incident."""
    own = {"feed": feed, "incident": name}
    kind = {**own, "cause": CAUSE, "severity": severity, "owner": OWNER}
    words = {
        "headline": f"{feed} 2025-03-04: {name} is missing",
        "text": "One.\nTwo.",
        "next": "Ask.",
        "runbook": RUNBOOK,
    }
    return {
        **UP,
        **AS_OF,
        **({series("puffy_incident_notifiable", kind): 1.0} if told else {}),
        series("puffy_incident_open", {**kind, "subject": "referrer"}): float(is_open),
        series("puffy_incident_since_timestamp_seconds", own): since,
        series("puffy_incident_partitions", own): float(days),
        series("puffy_incident_info", {**own, **words}): 1.0,
    }


def ended(why: str, hours_ago: float, name: str = "a1") -> Page:
    """Return what the exporter says of an incident that has ended."""
    labels = {"feed": FEED, "incident": name, "why": why}
    page = incident(name, told=False, is_open=False)
    return {**page, series("puffy_incident_ended_timestamp_seconds", labels): NOW - hours_ago * HOUR}


def expect(
    test: RuleTest, minute: int, alert: str, *found: Mapping[str, str], by: str = "incident, severity"
) -> None:
    """Expect exactly these alerts of a name."""
    query = f'count by ({by}) (ALERTS{{alertstate="firing",alertname="{alert}"}})'
    test.expect(minute, query, {series("", labels): 1.0 for labels in found})


WARNING = {"incident": "a1", "severity": "warning"}
CRITICAL = {"incident": "a1", "severity": "critical"}


def test_an_incident_is_one_alert_and_one_more_once_it_gets_worse(promtool: str, tmp_path: Path) -> None:
    """The first alert goes on then; both end in the same evaluation. What opens as critical has no other."""
    test = RuleTest([(10, incident()), (10, incident(severity="critical")), (20, {**UP, **AS_OF})])
    expect(test, 0, INCIDENT)
    expect(test, 8, INCIDENT, WARNING)
    expect(test, 11, INCIDENT, WARNING, CRITICAL)
    expect(test, 24, INCIDENT, WARNING, CRITICAL)
    expect(test, 25, INCIDENT)
    grave = RuleTest([(10, incident(severity="critical")), (20, {**UP, **AS_OF})])
    expect(grave, 8, INCIDENT, CRITICAL)
    assert check_rules(promtool, tmp_path, [test, grave]) == ""


def test_what_has_got_worse_stays_open_while_nobody_can_see(promtool: str, tmp_path: Path) -> None:
    """Both alerts, since both have been sent."""
    test = RuleTest([(10, incident()), (10, incident(severity="critical")), (30, AWAY)])
    for minute in (20, 30, 49):
        expect(test, minute, INCIDENT, WARNING, CRITICAL)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_what_is_not_told_fires_nowhere(promtool: str, tmp_path: Path) -> None:
    """What was too old when it was found, or is only worth knowing, stands in the digest alone."""
    quiet = RuleTest([(10, {**incident(told=False), **incident("b2", "info", told=False)})])
    for alert in (INCIDENT, ENDED, DIGEST):
        expect(quiet, 8, alert)
    assert check_rules(promtool, tmp_path, [quiet]) == ""


def test_no_incident_ends_while_nobody_can_see(promtool: str, tmp_path: Path) -> None:
    """The exporter is away for an hour, or has nothing to judge: its alert goes on."""
    blind = {**UP, **AS_OF, series("puffy_exporter_blind", {"feed": FEED}): 1.0}
    tests = []
    for unseen in (AWAY, blind):
        test = RuleTest([(10, incident(severity="critical")), (60, unseen), (20, {**UP, **AS_OF})])
        for minute in (15, 40, 69):
            expect(test, minute, INCIDENT, CRITICAL)
        expect(test, 85, INCIDENT)
        tests.append(test)
    assert check_rules(promtool, tmp_path, tests) == ""


def test_a_scrape_that_fails_ends_nothing(promtool: str, tmp_path: Path) -> None:
    """Nor does a restart of the exporter, whatever it exposes first."""
    test = RuleTest([(10, incident()), (3, {**UP, **AS_OF}), (10, incident())])
    for minute in range(8, 20):
        expect(test, minute, INCIDENT, WARNING)
    assert check_rules(promtool, tmp_path, [test]) == ""


def test_an_end_is_told_where_somebody_brought_it_about(promtool: str, tmp_path: Path) -> None:
    """For six hours of the exporter's clock; a good day after a bad one repairs nothing."""
    tests = []
    for why, hours, found in (
        ("repaired", 0.1, True),
        ("acknowledged", 5.9, True),
        ("repaired", 6.1, False),
        ("next_day_good", 0.1, False),
        ("covered", 0.1, False),
    ):
        test = RuleTest([(10, ended(why, hours))])
        labels = {"feed": FEED, "incident": "a1", "cause": CAUSE, "owner": OWNER, "why": why}
        expect(test, 8, ENDED, *([labels] if found else []), by="feed, incident, cause, owner, why")
        tests.append(test)
    assert check_rules(promtool, tmp_path, tests) == ""


def test_an_end_that_was_told_is_not_told_again_after_an_absence(promtool: str, tmp_path: Path) -> None:
    """It keeps firing, so that its return is not reported."""
    test = RuleTest([(10, ended("repaired", 0.1)), (60, AWAY), (10, ended("repaired", 0.1))])
    for minute in (8, 20, 69, 75):
        expect(test, minute, ENDED, {"incident": "a1", "severity": "none"})
    assert check_rules(promtool, tmp_path, [test]) == ""


DUE = {"puffy_digest_due": 1.0}
NOT_DUE = {"puffy_digest_due": 0.0}


def test_the_digest_fires_in_its_hour_where_something_is_open(promtool: str, tmp_path: Path) -> None:
    """Once for all feeds, and once more when it is due again."""
    two = {**incident(), **incident("b2", feed="payments", told=False)}
    test = RuleTest(
        [(10, {**two, **NOT_DUE}), (60, {**two, **DUE}), (90, {**two, **NOT_DUE}), (60, {**two, **DUE})]
    )
    one = {"severity": "none"}
    expect(test, 9, DIGEST)
    expect(test, 15, DIGEST, one, by="severity")
    expect(test, 140, DIGEST)
    expect(test, 170, DIGEST, one, by="severity")
    closed = RuleTest([(10, {**incident(is_open=False), **DUE})])
    expect(closed, 9, DIGEST)
    assert check_rules(promtool, tmp_path, [test, closed]) == ""


def test_a_restart_in_the_hour_makes_no_second_digest(promtool: str, tmp_path: Path) -> None:
    """Of the exporter, for half of it."""
    page = {**incident(), **DUE}
    test = RuleTest([(10, page), (30, AWAY), (20, page), (10, {**incident(), **NOT_DUE})])
    for minute in (8, 15, 39, 50, 65):
        expect(test, minute, DIGEST, {"severity": "none"}, by="severity")
    assert check_rules(promtool, tmp_path, [test]) == ""


def told_words(test: RuleTest, alert: str, labels: Mapping[str, str], **words: str) -> None:
    """Expect an alert after eight minutes, word for word."""
    found = [{"exp_labels": labels, "exp_annotations": words}]
    test.alerts.append({"eval_time": "8m", "alertname": alert, "exp_alerts": found})


def places(section: str) -> dict[str, str]:
    """Return where a person can go from an incident's alert."""
    return {
        "runbook_url": f"http://localhost:10110/runbooks/{section}",
        "dashboard_url": f"http://localhost:3000/d/puffy-overview?var-feed={FEED}",
        "page_url": f"http://localhost:10110/feeds/{FEED}/incidents/a1",
        "silence_url": "http://localhost:9093/#/silences/new?filter="
        f"%7Bfeed%3D%22{FEED}%22%2Cincident%3D%22a1%22%7D",
    }


def test_the_words_are_the_exporters(promtool: str, tmp_path: Path) -> None:
    """Headline, text, next step; where it is away, the alert says so."""
    labels = {"feed": FEED, "incident": "a1", "cause": CAUSE, "owner": OWNER, "kind": "incident"}
    words = {"summary": f"{FEED} 2025-03-04: a1 is missing", "description": "One.\nTwo."}
    test = RuleTest([(10, incident())])
    told_words(test, INCIDENT, {**labels, "severity": "warning"}, **words, next="Ask.", **places(RUNBOOK))
    end = RuleTest([(10, ended("repaired", 1))])
    told_words(end, ENDED, {**labels, "severity": "none", "why": "repaired"}, **words, **places(RUNBOOK))
    away = RuleTest([(3, incident()), (10, AWAY)])
    told_words(
        away,
        INCIDENT,
        {**labels, "severity": "warning"},
        summary=f"{FEED}: incident a1",
        description="as last seen; the monitoring is blind, so this may have changed",
        next="Open the runbook.",
        **places("incidents#puffyincident"),
    )
    assert check_rules(promtool, tmp_path, [test, end, away]) == ""


def test_the_digest_lists_the_worst_first_and_counts_the_rest(promtool: str, tmp_path: Path) -> None:
    """Of the same severity the oldest first, with the number of days where there are several."""
    severities = [("c3", "info", 1), ("w2", "warning", 2), ("w1", "warning", 1), ("c1", "critical", 3)]
    few: dict[str, float] = {}
    for name, severity, place in severities:
        few |= incident(name, severity, since=NOW + place * HOUR, days=place)
    many: dict[str, float] = {}
    for number in range(MOST_LISTED + 3):
        many |= incident(f"i{number:02}", since=NOW + number)
    lines = {
        "few": "CRITICAL {0}: c1 is missing, 3 days\n"
        "WARNING {0}: w1 is missing\n"
        "WARNING {0}: w2 is missing, 2 days\n"
        "INFO {0}: c3 is missing",
        "many": "\n".join(f"WARNING {{0}}: i{number:02} is missing" for number in range(MOST_LISTED))
        + "\nand 3 more",
    }
    tests = []
    for name, page in (("few", few), ("many", many)):
        test = RuleTest([(10, {**page, **DUE})])
        told_words(
            test,
            DIGEST,
            {"severity": "none", "kind": "incident"},
            summary=f"{4 if name == 'few' else MOST_LISTED + 3} incidents are open",
            description=lines[name].format(f"{FEED} 2025-03-04"),
            runbook_url="http://localhost:10110/runbooks/incidents#puffydigest",
            dashboard_url="http://localhost:3000/d/puffy-overview",
            page_url="http://localhost:10110/incidents/",
        )
        tests.append(test)
    assert check_rules(promtool, tmp_path, tests) == ""
