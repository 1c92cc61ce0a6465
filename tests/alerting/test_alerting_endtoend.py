"""From a file in the data directory to what Slack, PagerDuty and the mail server receive."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alertmanager_server import (
    Sink,
    headline,
    run_a_sink,
    run_alertmanager,
    shipped_config,
    slack_text,
    write_config,
)
from prometheus_server import Prometheus, run_prometheus
from running import Exporter, until
from servers import Generation
from written import content, put, write_day

from exporter.model import Stage
from exporter.sink.message import Channel

# No digest: it would be sent at one hour of the day.
CONFIG = "watch: {settle_seconds: 0.2, shrink_grace: 0s}\nnotifications: {digest_hour: null}\n"
# What fires before Prometheus has found Alertmanager is delivered when resent, after a minute.
RESEND = "--rules.alert.resend-delay=1s"


@dataclass(frozen=True)
class World:
    """All running servers, and the newest due day."""

    exporter: Exporter
    prometheus: Prometheus
    sink: Sink
    newest: date

    def firing(self, day: date) -> set[str]:
        """Return the checks firing in Prometheus for a day."""
        query = f'ALERTS{{alertstate="firing",partition="{day}"}}'
        return {labels["check"] for labels, _ in self.prometheus.query(query)}

    def reported(self, day: date) -> set[str]:
        """Return the checks firing in the report for a day."""
        alerts = json.loads(self.exporter.get("/api/v1/alerts")[1])["alerts"]
        return {alert["check"] for alert in alerts if alert["partition"] == str(day)}


@pytest.fixture
def world(generation: Generation, tmp_path: Path) -> Iterator[World]:
    """Run exporter, Prometheus, Alertmanager and sink on ten healthy days."""
    newest = (datetime.now(tz=UTC) - timedelta(hours=6)).date() - timedelta(days=1)
    data = tmp_path / "data"
    for age in range(10):
        write_day(data, newest - timedelta(days=age))
    (tmp_path / "puffy.yml").write_text(CONFIG)
    with ExitStack() as stack:
        sink = stack.enter_context(run_a_sink())
        (tmp_path / "am").mkdir()
        alertmanager = stack.enter_context(
            run_alertmanager(
                generation.program("prometheus-alertmanager"), write_config(tmp_path / "am", sink)
            )
        )
        exporter = Exporter(tmp_path)
        stack.callback(exporter.stop)
        config = shipped_config(tmp_path, exporter.port, alertmanager.port)
        prometheus = stack.enter_context(
            run_prometheus(generation.program("prometheus"), tmp_path / "prometheus", config, RESEND)
        )
        yield World(exporter, prometheus, sink, newest)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.xdist_group("endtoend")
def test_a_broken_day_is_told_once_to_each_and_its_repair_as_well(world: World) -> None:
    """Healthy days are silent; a broken day pages both people, notifies Slack and mail once, and ends."""
    heartbeat(world)
    assert not world.sink.of(Channel.SLACK), "healthy days are silent"
    break_a_day(world)
    warn_of_a_day(world)
    repair(world)


def heartbeat(world: World) -> None:
    """Check that the heartbeat is received, and nothing else."""
    assert until(lambda: bool(world.sink.of(Channel.WEBHOOK, "Watchdog")), 20)
    assert until(lambda: world.prometheus.query("puffy_report_alerts") != [], 10)
    assert world.firing(world.newest) == set()


def break_a_day(world: World) -> None:
    """Lose a column: one message per channel, although many checks fire."""
    write_day(world.exporter.data, world.newest, without=["referrer"])
    title = f"events {world.newest}: column referrer is missing"
    assert until(lambda: len(world.sink.of(Channel.PAGERDUTY, f"{title}. Load is held.")) == 2, 40)
    keys = {message.body["routing_key"] for message in world.sink.of(Channel.PAGERDUTY)}
    assert keys == {"demo-key-oncall", "demo-key-datalead"}
    assert until(lambda: bool(world.sink.of(Channel.SLACK, title)), 10)
    assert until(lambda: bool(world.sink.of(Channel.EMAIL, title)), 10)
    (mail,) = world.sink.of(Channel.EMAIL)
    assert mail.body["to"] == ["data-engineering@example.com"]
    assert until(lambda: world.firing(world.newest) == world.reported(world.newest), 10)
    assert {"schema_mismatch", "reject_ratio", "revenue_gap", "referrer_null"} <= world.firing(world.newest)
    (told,) = world.sink.of(Channel.SLACK)
    assert headline(told) == f"CRITICAL {title}"
    for words in (
        "Column referrer is missing in all",
        f"Load of {world.newest} is held.",
        "*Next:* Find the release",
        "Owner: data-engineering",
        "|Silence>",
    ):
        assert words in slack_text(told)


def warn_of_a_day(world: World) -> None:
    """Reject more than normal: Slack is notified and nobody paged."""
    day = world.newest - timedelta(days=1)
    put(world.exporter.data, day, Stage.CLEAN, content(day, 90, Stage.CLEAN))
    put(world.exporter.data, day, Stage.REJECTS, content(day, 10, Stage.REJECTS))
    title = f"WARNING events {day}: The DQ step rejected more rows than is normal"
    assert until(lambda: bool(world.sink.of(Channel.SLACK, title)), 30)
    assert str(day) not in json.dumps([message.body for message in world.sink.of(Channel.PAGERDUTY)])


def repair(world: World) -> None:
    """Repair the day: both services' incidents are resolved, and Slack is notified once."""
    write_day(world.exporter.data, world.newest)
    title = f"Repaired: events {world.newest}: column referrer is missing"
    assert until(lambda: bool(world.sink.of(Channel.SLACK, title)), 30)
    assert until(lambda: len(world.sink.of(Channel.PAGERDUTY, '"resolve"')) == 2, 15)
    events = world.sink.of(Channel.PAGERDUTY)
    assert len({event.body["dedup_key"] for event in events}) == 1, "one incident, from trigger to resolve"
    assert len(world.sink.of(Channel.SLACK)) == 3
    assert len(world.sink.of(Channel.EMAIL)) == 1
    disagreeing = 'ALERTS{alertname=~"PuffyReportDisagrees|PuffyIncidentsDisagree"}'
    assert until(lambda: not world.prometheus.query(disagreeing), 20)
