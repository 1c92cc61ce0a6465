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

CONFIG = "watch: {settle_seconds: 0.2, shrink_grace: 0s}\n"
# What fires before Prometheus has found Alertmanager is told when it is sent again, after a minute.
RESEND = "--rules.alert.resend-delay=1s"


@dataclass(frozen=True)
class World:
    """Everything that runs, and the newest day that is due."""

    exporter: Exporter
    prometheus: Prometheus
    sink: Sink
    newest: date

    def firing(self, day: date) -> set[str]:
        """Return the checks that Prometheus calls firing for a day."""
        query = f'ALERTS{{alertstate="firing",partition="{day}"}}'
        return {labels["check"] for labels, _ in self.prometheus.query(query)}

    def reported(self, day: date) -> set[str]:
        """Return the checks that the report calls firing for a day."""
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
    """Healthy days are silent; a broken day pages both people, tells Slack and mail once, and ends."""
    heartbeat(world)
    assert not world.sink.of(Channel.SLACK), "healthy days reach nobody"
    break_a_day(world)
    warn_of_a_day(world)
    repair(world)


def heartbeat(world: World) -> None:
    """See the heartbeat received, and nothing else."""
    assert until(lambda: bool(world.sink.of(Channel.WEBHOOK, "Watchdog")), 20)
    assert until(lambda: world.prometheus.query("puffy_report_alerts") != [], 10)
    assert world.firing(world.newest) == set()


def break_a_day(world: World) -> None:
    """Lose a column: one message on each way, without what follows from it."""
    write_day(world.exporter.data, world.newest, without=["referrer"])
    title = f"Puffy events {world.newest}: 1 critical"
    assert until(lambda: len(world.sink.of(Channel.PAGERDUTY, title)) == 2, 30)
    keys = {message.body["routing_key"] for message in world.sink.of(Channel.PAGERDUTY)}
    assert keys == {"demo-key-oncall", "demo-key-datalead"}
    assert until(lambda: bool(world.sink.of(Channel.SLACK, title)), 10)
    (mail,) = until_mailed(world, title)
    assert mail.body["to"] == ["data-engineering@example.com"]
    assert until(lambda: world.firing(world.newest) == world.reported(world.newest), 10)
    assert {"schema_mismatch", "reject_ratio", "revenue_gap", "referrer_null"} <= world.firing(world.newest)
    (told,) = world.sink.of(Channel.SLACK)
    assert headline(told).startswith(title)
    for words in (
        "schema_mismatch is 1, limit 1",
        "Owner: data-engineering",
        "1. See which column",
        "|Silence>",
    ):
        assert words in slack_text(told)
    for inhibited in ("`reject_ratio`", "`revenue_gap`", "`referrer_null`"):
        assert inhibited not in slack_text(told)


def until_mailed(world: World, title: str) -> list[object]:
    """Wait for the mail."""
    assert until(lambda: bool(world.sink.of(Channel.EMAIL, title)), 10)
    return list(world.sink.of(Channel.EMAIL))


def warn_of_a_day(world: World) -> None:
    """Reject more than normal: Slack is told and nobody woken."""
    day = world.newest - timedelta(days=1)
    put(world.exporter.data, day, Stage.CLEAN, content(day, 90, Stage.CLEAN))
    put(world.exporter.data, day, Stage.REJECTS, content(day, 10, Stage.REJECTS))
    assert until(lambda: "reject_ratio" in told(world, day), 30)
    assert str(day) not in json.dumps([message.body for message in world.sink.of(Channel.PAGERDUTY)])


def told(world: World, day: date) -> str:
    """Return all that Slack was told of a day."""
    return "\n".join(slack_text(m) for m in world.sink.of(Channel.SLACK, f"Puffy events {day}: "))


def repair(world: World) -> None:
    """Mend the day: the incidents are resolved, and Slack is told."""
    write_day(world.exporter.data, world.newest)
    clear = f"Puffy events {world.newest}: all clear"
    assert until(lambda: bool(world.sink.of(Channel.SLACK, clear)), 30)
    message = world.sink.of(Channel.SLACK, clear)[0]
    assert "fixed, acknowledged or aged out" in slack_text(message)
    assert until(lambda: len(world.sink.of(Channel.PAGERDUTY, '"resolve"')) == 2, 15)
    events = world.sink.of(Channel.PAGERDUTY)
    assert len({event.body["dedup_key"] for event in events}) == 1, "one incident, from trigger to resolve"
