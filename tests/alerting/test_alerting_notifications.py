"""What a real Alertmanager makes of alerts: words, grouping, inhibition."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alertmanager_server import (
    Alertmanager,
    Sink,
    headline,
    run_a_sink,
    run_alertmanager,
    slack_text,
    write_config,
)
from running import until
from servers import Generation

from exporter.sink.cards import card
from exporter.sink.message import Channel


class Running(NamedTuple):
    """An Alertmanager and what it sends."""

    alertmanager: Alertmanager
    sink: Sink


@pytest.fixture(scope="module")
def running(generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the configuration that ships against a sink."""
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    with run_a_sink() as sink:
        config = write_config(folder, sink)
        with run_alertmanager(generation.program("prometheus-alertmanager"), config) as alertmanager:
            yield Running(alertmanager, sink)


def alert(
    check: str,
    day: str,
    severity: str = "warning",
    owner: str = "data-engineering",
    *,
    feed: str = "events",
    ended: bool = False,
) -> dict[str, Any]:
    """Return an alert as the rules make it."""
    now = datetime.now(tz=UTC)
    found = {
        "labels": {
            "alertname": f"Puffy{check.title().replace('_', '')}",
            "feed": feed,
            "check": check,
            "partition": day,
            "severity": severity,
            "owner": owner,
            "kind": "threshold",
        },
        "annotations": {
            "summary": f"Summary of {check}.",
            "description": f"{check} is 12, limit 5",
            "impact": "Figures are wrong.",
            "resolution": "1. First step.\n2. Second step.\n3. Third step.",
            "runbook_url": f"https://docs.example.com/checks#{check}",
            "dashboard_url": f"http://localhost:3000/d/puffy-partition?var-feed={feed}&var-partition={day}",
            "report_url": "http://localhost:10110/api/v1/report",
            "silence_url": "http://localhost:9093/#/silences/new?filter=%7B%7D",
        },
        # An alert older than its group's wait would be told at once, before its fellows have come in.
        "startsAt": (now - timedelta(minutes=1) if ended else now).isoformat(),
    }
    return found | ({"endsAt": (now - timedelta(seconds=1)).isoformat()} if ended else {})


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_a_day_is_one_message_with_all_that_a_person_needs(running: Running) -> None:
    """The headline counts; a finding has value and limit, owner, two steps and links; the worst is first."""
    day = "2025-03-07"
    running.alertmanager.post(
        [
            alert("silence", day),
            alert("zero_revenue", day, "critical", "analytics"),
            alert("malformed_rows", day),
            alert("partition_empty", day, "critical"),
        ]
    )
    assert until(lambda: bool(running.sink.of(Channel.SLACK, day)), 15)
    (message,) = running.sink.of(Channel.SLACK, day)
    assert headline(message) == "Puffy events 2025-03-07: 2 critical, 2 warnings"
    text = slack_text(message)
    assert text.startswith("*CRITICAL*")
    assert text.index("partition_empty") < text.index("silence")
    assert text.index("zero_revenue") < text.index("malformed_rows")
    for words in (
        "`silence`: silence is 12, limit 5",
        "Owner: analytics",
        "1. First step.\n2. Second step.\n<",
    ):
        assert words in text
    assert "Third step" not in text
    for name in ("Runbook", "Dashboard", "Report", "Silence"):
        assert f"|{name}>" in text
    assert "2 critical, 2 warnings" in card(message).title


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_a_critical_pages_two_services_and_mails_its_owners(running: Running) -> None:
    """One incident for each service, one mail for each owner, each with what that person needs."""
    day = "2025-03-06"
    running.alertmanager.post(
        [
            alert("zero_revenue", day, "critical", "analytics"),
            alert("partition_empty", day, "critical"),
            alert("silence", day),
        ]
    )
    assert until(lambda: len(running.sink.of(Channel.PAGERDUTY, day)) == 2, 15)
    assert until(lambda: len(running.sink.of(Channel.EMAIL, day)) == 2, 10)
    pages = running.sink.of(Channel.PAGERDUTY, day)
    assert {page.body["routing_key"] for page in pages} == {"demo-key-oncall", "demo-key-datalead"}
    assert {page.body["payload"]["severity"] for page in pages} == {"critical"}
    assert headline(pages[0]) == f"Puffy events {day}: 2 critical - Summary of partition_empty."
    mails = {mail.body["to"][0]: mail for mail in running.sink.of(Channel.EMAIL, day)}
    assert mails.keys() == {"analytics@example.com", "data-engineering@example.com"}
    mine = mails["analytics@example.com"]
    assert mine.body["subject"] == f"Puffy events {day}: 1 critical"
    assert "zero_revenue is 12, limit 5" in mine.body["text"]
    assert "partition_empty" not in mine.body["text"]


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_what_follows_from_a_cause_is_not_told(running: Running) -> None:
    """Only the cause of the same partition silences; monitoring alerts, which have none, are left alone."""
    told = {
        "2025-03-01": ("partition_missing", ["stage_missing", "anomaly_events"], ["task_failed"]),
        "2025-03-02": ("partition_unreadable", ["dq_discrepancy", "revenue_gap"], ["silence"]),
        "2025-03-03": (
            "schema_mismatch",
            ["reject_ratio", "revenue_gap", "referrer_null", "anomaly_referrer_null_ratio"],
            ["missing_client_id", "anomaly_events"],
        ),
    }
    for day, (cause, follows, stands) in told.items():
        running.alertmanager.post([alert(cause, day, "critical")])
        running.alertmanager.post([alert(check, day) for check in (*follows, *stands)])
    running.alertmanager.post([alert("reject_ratio", "2025-03-04"), alert("silence", "2025-03-04")])
    running.alertmanager.post([alert("silence", "2025-03-04", "critical")])
    meta = {"owner": "data-engineering", "kind": "meta"}
    running.alertmanager.post(
        [
            {"labels": {"alertname": "PuffyRulesFailing", "severity": "critical", **meta}},
            {"labels": {"alertname": "PuffyRulesSlow", "severity": "warning", **meta}},
        ]
    )
    for day, (_, follows, _) in told.items():
        assert until(lambda: running.alertmanager.suppressed(partition=day) == set(follows), 15)  # noqa: B023  at once
    assert until(lambda: running.alertmanager.suppressed(partition="2025-03-04") == {"silence"}, 10)
    assert until(lambda: bool(running.sink.of(Channel.SLACK, "PuffyRulesSlow")), 10)
    assert running.alertmanager.suppressed(kind="meta") == set()


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_the_same_day_of_two_feeds_is_two_messages(running: Running) -> None:
    """Each names its feed; what fires in one silences nothing in the other, on days and on the monitoring."""
    day, feeds = "2025-02-27", ("orders", "payments")
    running.alertmanager.post([alert("partition_missing", day, "critical", feed="orders")])
    running.alertmanager.post([alert("partition_late", day, feed=feed) for feed in feeds])
    stale = {"alertname": "PuffySnapshotStale", "severity": "critical", "kind": "meta"}
    blind = stale | {"alertname": "PuffyBlind", "feed": "orders"}
    running.alertmanager.post([{"labels": blind}, *({"labels": stale | {"feed": feed}} for feed in feeds)])
    assert until(lambda: len(running.sink.of(Channel.SLACK, day)) == 2, 15)
    heads = {headline(message) for message in running.sink.of(Channel.SLACK, day)}
    assert heads == {f"Puffy orders {day}: 1 critical", f"Puffy payments {day}: 1 warning"}
    assert {page.body["payload"]["component"] for page in running.sink.of(Channel.PAGERDUTY, day)} == {
        f"orders {day}"
    }
    for feed, quiet in (("orders", {"partition_late"}), ("payments", set())):
        assert running.alertmanager.suppressed(partition=day, feed=feed) == quiet
    assert running.alertmanager.suppressed(kind="meta", feed="orders") == {"PuffySnapshotStale"}
    assert running.alertmanager.suppressed(kind="meta", feed="payments") == set()


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_the_end_says_why_it_may_have_come(running: Running) -> None:
    """A resolved day is all clear; one that is partly resolved says what stands and what does not."""
    day = "2025-02-28"
    running.alertmanager.post([alert("silence", day), alert("malformed_rows", day)])
    assert until(lambda: len(running.sink.of(Channel.SLACK, day)) == 1, 15)
    running.alertmanager.post([alert("silence", day, ended=True)])
    assert until(lambda: len(running.sink.of(Channel.SLACK, day)) == 2, 15)
    partly = running.sink.of(Channel.SLACK, day)[1]
    assert headline(partly) == f"Puffy events {day}: 1 warning"
    assert slack_text(partly).rstrip().endswith(f"(fixed, acknowledged or aged out):_\n• silence {day}")
    running.alertmanager.post([alert("malformed_rows", day, ended=True)])
    assert until(lambda: bool(running.sink.of(Channel.SLACK, f"Puffy events {day}: all clear")), 15)
    assert not running.sink.of(Channel.PAGERDUTY, day), "a warning wakes nobody"
