"""How a real Alertmanager handles alerts: texts, grouping, inhibition."""

import re
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
from golden import ROOT
from running import until
from servers import Generation

from exporter.rules.incidents import TOLD_ENDS
from exporter.sink.cards import card
from exporter.sink.message import Channel

HELD = "Load of 2025-03-07 is held. To release it: puffy-exporter gate ack 2025-03-07 --by NAME --reason TEXT"


class Running(NamedTuple):
    """An Alertmanager and its messages."""

    alertmanager: Alertmanager
    sink: Sink


@pytest.fixture(scope="module")
def running(generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the shipped configuration against a sink."""
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    with run_a_sink() as sink:
        config = write_config(folder, sink)
        with run_alertmanager(generation.program("prometheus-alertmanager"), config) as alertmanager:
            yield Running(alertmanager, sink)


def alert(
    name: str,
    severity: str = "warning",
    *,
    alertname: str = "PuffyIncident",
    feed: str = "events",
    owner: str = "data-engineering",
    why: str = "",
    text: str = f"Every row is rejected & <!here> counts.\n{HELD}",
    ended: bool = False,
) -> dict[str, Any]:
    """Return an incident's alert as created by the rules."""
    now = datetime.now(tz=UTC)
    labels = {
        "alertname": alertname,
        "feed": feed,
        "incident": name,
        "cause": "schema_mismatch",
        "severity": severity,
        "owner": owner,
        "kind": "incident",
    }
    found = {
        "labels": labels | ({"why": why} if why else {}),
        "annotations": {
            "summary": f"{feed} 2025-03-04: {name} is missing",
            "description": text,
            "next": "Ask upstream to write it again.",
            "runbook_url": "https://docs.example.com/checks#incident",
            "dashboard_url": f"http://localhost:3000/d/puffy-overview?var-feed={feed}",
            "page_url": f"http://localhost:10110/feeds/{feed}/incidents/{name}",
            "silence_url": "http://localhost:9093/#/silences/new?filter=%7B%7D",
        },
        # An alert older than its group's wait would be sent at once, before the others have arrived.
        "startsAt": (now - timedelta(minutes=1) if ended else now).isoformat(),
    }
    return found | ({"endsAt": (now - timedelta(seconds=1)).isoformat()} if ended else {})


def both(name: str, **others: Any) -> list[dict[str, Any]]:
    """Return the two alerts of an incident that has become critical."""
    return [alert(name, severity, **others) for severity in ("warning", "critical")]


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_a_warning_is_one_message_with_all_that_a_person_needs(running: Running) -> None:
    """Severity and headline first, then the text, the next step, the owner and links; nobody is paged."""
    running.alertmanager.post([alert("warned", text="Every row is rejected & <!here> counts.\nSo it goes.")])
    assert until(lambda: bool(running.sink.of(Channel.SLACK, "warned")), 15)
    (message,) = running.sink.of(Channel.SLACK, "warned")
    assert headline(message) == "WARNING events 2025-03-04: warned is missing"
    text = slack_text(message)
    assert text.startswith(
        "Every row is rejected &amp; &lt;!here&gt; counts.\nSo it goes.\n*Next:* Ask upstream"
    )
    assert "Owner: data-engineering" in text
    for name in ("Runbook", "Page", "Dashboard", "Silence"):
        assert f"|{name}>" in text
    assert message.body["attachments"][0]["color"] == "warning"
    assert (
        message.body["attachments"][0]["title_link"] == "http://localhost:10110/feeds/events/incidents/warned"
    )
    shown = card(message)
    assert (shown.title, shown.tone) == ("WARNING events 2025-03-04: warned is missing", "warning")
    assert not running.sink.of(Channel.PAGERDUTY, "warned")
    assert not running.sink.of(Channel.EMAIL, "warned")


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_a_critical_incident_pages_two_services_and_mails_its_owner(running: Running) -> None:
    """One message in Slack, one event per service, one mail; the page says that the load is held."""
    grave = alert("grave", "critical", owner="analytics")
    running.alertmanager.post([grave, alert("free", "critical", text="Nothing waits.")])
    for name in ("grave", "free"):
        assert until(lambda: len(running.sink.of(Channel.PAGERDUTY, name)) == 2, 15)  # noqa: B023  at once
        assert until(lambda: bool(running.sink.of(Channel.EMAIL, name)), 10)  # noqa: B023
    pages = running.sink.of(Channel.PAGERDUTY, "grave")
    assert {page.body["routing_key"] for page in pages} == {"demo-key-oncall", "demo-key-datalead"}
    assert {page.body["payload"]["severity"] for page in pages} == {"critical"}
    assert {page.body["payload"]["component"] for page in pages} == {"events schema_mismatch"}
    assert headline(pages[0]) == "events 2025-03-04: grave is missing. Load is held."
    assert HELD in pages[0].body["payload"]["custom_details"]["findings"]
    assert headline(running.sink.of(Channel.PAGERDUTY, "free")[0]) == "events 2025-03-04: free is missing"
    (mail,) = running.sink.of(Channel.EMAIL, "grave")
    assert mail.body["to"] == ["analytics@example.com"]
    assert mail.body["subject"] == "CRITICAL events 2025-03-04: grave is missing"
    for words in (HELD, "Next:      Ask upstream", "Owner:     analytics", "Silence:   http"):
        assert words in mail.body["text"]
    (told,) = running.sink.of(Channel.SLACK, "grave")
    assert headline(told) == "CRITICAL events 2025-03-04: grave is missing"
    assert slack_text(told).count("Every row") == 1
    assert told.body["attachments"][0]["color"] == "danger"


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_what_gets_worse_is_one_message_more_on_each_way(running: Running) -> None:
    """Its end is sent where it needs to be: only PagerDuty gets a resolve."""
    sink, name = running.sink, "rising"
    running.alertmanager.post([alert(name)])
    assert until(lambda: len(sink.of(Channel.SLACK, name)) == 1, 15)
    running.alertmanager.post(both(name))
    assert until(lambda: len(sink.of(Channel.PAGERDUTY, name)) == 2, 15)
    assert until(lambda: len(sink.of(Channel.SLACK, name)) == 2, 15)
    assert until(lambda: len(sink.of(Channel.EMAIL, name)) == 1, 15)
    running.alertmanager.post(both(name, ended=True))
    running.alertmanager.post([alert(name, "none", alertname="PuffyIncidentEnded", why="repaired")])
    assert until(lambda: len(sink.of(Channel.PAGERDUTY, name)) == 4, 15)
    assert until(lambda: len(sink.of(Channel.SLACK, name)) == 3, 15)
    events = sink.of(Channel.PAGERDUTY, name)
    assert [event.body["event_action"] for event in events] == ["trigger"] * 2 + ["resolve"] * 2
    assert len({event.body["dedup_key"] for event in events}) == 1, "one incident, from trigger to resolve"
    ended = sink.of(Channel.SLACK, name)[2]
    assert headline(ended) == "Repaired: events 2025-03-04: rising is missing"
    assert ended.body["attachments"][0]["color"] == "good"
    assert len(sink.of(Channel.EMAIL, name)) == 1


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_verdicts_on_checks_are_told_to_nobody(running: Running) -> None:
    """However severe: the incident covers them."""
    labels = {"alertname": "PuffyPartitionMissing", "check": "partition_missing", "partition": "2025-03-07"}
    verdict = {"labels": labels | {"feed": "events", "severity": "critical", "owner": "data-engineering"}}
    running.alertmanager.post([verdict, alert("after-verdicts")])
    assert until(lambda: bool(running.sink.of(Channel.SLACK, "after-verdicts")), 15)
    assert not [
        message for message in running.sink.inbox.newest() if "partition_missing" in str(message.body)
    ]


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_the_same_incident_of_two_feeds_is_two_messages(running: Running) -> None:
    """Each names its feed; meta alerts of one inhibit nothing in the other."""
    feeds = ("orders", "payments")
    running.alertmanager.post([alert("twin", feed=feed) for feed in feeds])
    stale = {"alertname": "PuffySnapshotStale", "severity": "critical", "kind": "meta"}
    blind = stale | {"alertname": "PuffyBlind", "feed": "orders"}
    running.alertmanager.post([{"labels": blind}, *({"labels": stale | {"feed": feed}} for feed in feeds)])
    assert until(lambda: len(running.sink.of(Channel.SLACK, "twin")) == 2, 15)
    heads = {headline(message) for message in running.sink.of(Channel.SLACK, "twin")}
    assert heads == {f"WARNING {feed} 2025-03-04: twin is missing" for feed in feeds}
    assert until(lambda: bool(running.sink.of(Channel.SLACK, "Puffy payments PuffySnapshotStale")), 15)
    assert running.alertmanager.suppressed(kind="meta", feed="orders") == {"PuffySnapshotStale"}
    assert running.alertmanager.suppressed(kind="meta", feed="payments") == set()


STALE, DISAGREES, STALLED = DERIVED = ("PuffySnapshotStale", "PuffyReportDisagrees", "PuffyPipelineStalled")


def meta(name: str, **labels: str) -> dict[str, Any]:
    """Return an alert on the monitoring itself, with the labels that its rule gives it."""
    return {"labels": {"alertname": name, "severity": "critical", "kind": "meta"} | labels}


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_an_exporter_that_is_down_explains_its_own_figures_alone(running: Running) -> None:
    """What other exporters' feeds have is notified: only if none is left it follows from that."""
    of_one = (meta(STALE, feed="one", instance="a:10110"), meta(STALLED, feed="one"))
    of_two = (
        meta(STALE, feed="two", instance="b:10110"),
        meta(DISAGREES, feed="two"),
        meta(STALLED, feed="two"),
    )
    down = meta("PuffyExporterDown", job="puffy", instance="a:10110")
    running.alertmanager.post([down, *of_one, *of_two])
    assert until(lambda: all(running.sink.of(Channel.SLACK, f"Puffy two {name}") for name in DERIVED), 15)
    assert running.alertmanager.suppressed(kind="meta", feed="one") == {STALE}
    assert running.alertmanager.suppressed(kind="meta", feed="two") == set()
    absent = meta("PuffyExporterAbsent", job="puffy")
    running.alertmanager.post([absent, meta(STALE, feed="three", instance="c:10110")])
    assert until(lambda: running.alertmanager.suppressed(kind="meta", feed="two") == set(DERIVED), 15)
    assert running.alertmanager.suppressed(kind="meta", feed="three") == {STALE}
    running.alertmanager.post([absent | {"endsAt": datetime.now(tz=UTC).isoformat()}])


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_the_digest_is_one_list_in_slack(running: Running) -> None:
    """It has no colour for good or bad, and pages nobody."""
    labels = {"alertname": "PuffyDigest", "severity": "none", "kind": "incident"}
    words = {"summary": "2 incidents are open", "description": "CRITICAL events 2025-03-04: x\nINFO y < z"}
    running.alertmanager.post([{"labels": labels, "annotations": words}])
    assert until(lambda: bool(running.sink.of(Channel.SLACK, "2 incidents are open")), 15)
    (message,) = running.sink.of(Channel.SLACK, "2 incidents are open")
    assert headline(message) == "Puffy: 2 incidents are open"
    assert slack_text(message).startswith("CRITICAL events 2025-03-04: x\nINFO y &lt; z\n")
    assert card(message).tone == "quiet"
    assert not running.sink.of(Channel.EMAIL, "incidents are open")


@pytest.mark.server
@pytest.mark.xdist_group("notifications")
def test_trouble_with_the_monitoring_is_told_as_ever(running: Running) -> None:
    """Data engineering is notified of it and of its end, and paged if the monitoring is blind."""
    meta = {
        "alertname": "PuffyRulesFailing",
        "owner": "data-engineering",
        "kind": "meta",
        "severity": "critical",
    }
    words = {
        "summary": "Rules fail.",
        "impact": "Checks may be in breach.",
        "resolution": "1. One.\n2. Two.\n3. Three.",
    }
    trouble = {"labels": meta, "annotations": words, "startsAt": datetime.now(tz=UTC).isoformat()}
    running.alertmanager.post([trouble])
    assert until(lambda: len(running.sink.of(Channel.PAGERDUTY, "PuffyRulesFailing")) == 1, 15)
    assert until(lambda: bool(running.sink.of(Channel.EMAIL, "PuffyRulesFailing")), 15)
    (page,) = running.sink.of(Channel.PAGERDUTY, "PuffyRulesFailing")
    assert headline(page) == "Puffy PuffyRulesFailing: 1 critical - Rules fail."
    (told,) = running.sink.of(Channel.SLACK, "PuffyRulesFailing")
    assert "1. One.\n2. Two.\n" in slack_text(told)
    assert "Three" not in slack_text(told)
    running.alertmanager.post([trouble | {"endsAt": datetime.now(tz=UTC).isoformat()}])
    assert until(lambda: bool(running.sink.of(Channel.SLACK, "Puffy PuffyRulesFailing: all clear")), 15)
    assert until(lambda: bool(running.sink.of(Channel.EMAIL, "Puffy PuffyRulesFailing: all clear")), 15)


def test_no_template_uses_a_function_that_messages_share() -> None:
    """Alertmanager's ``title`` has one buffer for all: of two ends at once, one was called AAkowldge."""
    templates = (ROOT / "alertmanager" / "templates").glob("*.tmpl")
    text = "".join(re.sub(r"(?s)\{\{-? /\*.*?\*/ -?\}\}", "", path.read_text()) for path in templates)
    assert "puffy.why" in text
    assert not re.search(r"\btitle\b", text)


def test_every_end_that_people_are_told_of_has_a_word() -> None:
    """The template names each reason."""
    text = (ROOT / "alertmanager" / "templates" / "puffy.tmpl").read_text()
    for why in TOLD_ENDS:
        assert f'eq .CommonLabels.why "{why}" }}}}{why.capitalize()}{{{{' in text
