"""Nobody can see: what fired stays open, and the only new message is that the monitoring is blind.

Simulated: a minute is 0.3 seconds, so that an hour and a half away is 27.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alertmanager_server import Alertmanager, Sink, run_a_sink, shipped_config, write_config
from golden import ROOT
from prometheus_server import LOOPBACK, Prometheus, free_port
from running import Exporter, until
from servers import Generation
from written import write_day

from exporter.sink.message import Channel

MINUTE = 0.3
AWAY = (1 * MINUTE + 1.5, 10 * MINUTE, 90 * MINUTE)  # the first one misses a scrape at least
# Prometheus takes five seconds, which do not shrink, to find Alertmanager: earlier nobody is sent anything.
HOLD = 6
RESEND = 35 * MINUTE + HOLD
TOLD = (Channel.SLACK, Channel.PAGERDUTY, Channel.EMAIL)


@dataclass
class World:
    """Everything that runs, and can be stopped and started again."""

    folder: Path
    generation: Generation
    sink: Sink
    day: date
    alertmanager_config: Path
    ports: dict[str, int] = field(default_factory=dict)
    exporter: Exporter | None = None
    prometheus: Prometheus | None = None
    alertmanager: Alertmanager | None = None

    def start_exporter(self) -> None:
        """Start the exporter where Prometheus looks for it."""
        self.exporter = Exporter(self.folder, "--web.listen-address", f"{LOOPBACK}:{self.ports['exporter']}")

    def start_prometheus(self) -> None:
        """Start Prometheus on the data that it had."""
        config = shipped_config_again(self.folder, self.ports)
        self.prometheus = Prometheus(
            self.generation.program("prometheus"),
            self.folder / "prometheus",
            config,
            f"--rules.alert.resend-delay={round(RESEND * 1000)}ms",
            "--query.lookback-delta=3s",
        )

    def start_alertmanager(self) -> None:
        """Start Alertmanager on the notes that it took."""
        self.alertmanager = Alertmanager(
            self.generation.program("prometheus-alertmanager"),
            self.alertmanager_config,
            self.ports["alertmanager"],
        )

    def stop_exporter(self) -> None:
        """Kill the exporter."""
        assert self.exporter is not None
        self.exporter.process.kill()
        self.exporter.process.wait()

    def stop_prometheus(self) -> None:
        """End Prometheus."""
        assert self.prometheus is not None
        self.prometheus.stop()

    def stop_alertmanager(self) -> None:
        """End Alertmanager."""
        assert self.alertmanager is not None
        self.alertmanager.stop()

    def fires(self) -> bool:
        """Tell whether Prometheus calls the day's finding firing, and so has sent it."""
        assert self.prometheus is not None
        query = f'ALERTS{{alertstate="firing",check="schema_mismatch",partition="{self.day}"}}'
        return bool(self.prometheus.query(query))

    def told(self) -> list[str]:
        """Return what people were told of the day, by channel."""
        return [
            f"{channel.value} {'end' if ends(message.body) else 'open'}"
            for channel in TOLD
            for message in self.sink.of(channel, str(self.day))
        ]


def ends(body: object) -> bool:
    """Tell whether a message says that something has ended."""
    text = json.dumps(body)
    return "all clear" in text or '"resolve"' in text


def shipped_config_again(folder: Path, ports: dict[str, int]) -> dict[str, object]:
    """Return Prometheus' configuration; its rule files are written once."""
    place = folder / f"rules-of-{len(list(folder.glob('rules-of-*')))}"
    place.mkdir()
    config = shipped_config(place, ports["exporter"], ports["alertmanager"])
    rules = (ROOT / "prometheus" / "rules" / "checks.yml").read_text()
    held = re.sub(r"\n +keep_firing_for: \w+", "", rules).replace("for: 30s", f"for: {HOLD}s")
    (place / "rules" / "checks.yml").write_text(held)
    meta = place / "rules" / "meta.yml"
    meta.write_text(meta.read_text().replace("for: 2m", "for: 2s"))
    return config


@pytest.fixture
def world(generation: Generation, tmp_path: Path) -> Iterator[World]:
    """Run exporter, Prometheus, Alertmanager and sink on ten days, of which the newest lacks a column."""
    day = (datetime.now(tz=UTC) - timedelta(hours=6)).date() - timedelta(days=1)
    for age in range(10):
        write_day(tmp_path / "data", day - timedelta(days=age), without=[] if age else ["referrer"])
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.2}\n")
    (tmp_path / "am").mkdir()
    with ExitStack() as stack:
        sink = stack.enter_context(run_a_sink())
        made = World(tmp_path, generation, sink, day, write_config(tmp_path / "am", sink))
        made.ports = {name: free_port() for name in ("exporter", "alertmanager")}
        made.start_alertmanager()
        stack.callback(made.stop_alertmanager)
        made.start_exporter()
        stack.callback(made.stop_exporter)
        made.start_prometheus()
        stack.callback(made.stop_prometheus)
        yield made


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("blind")
def test_what_fired_stays_open_while_nobody_can_see(world: World) -> None:
    """Each part is away for 1, 10 and 90 minutes in turn; then the day is repaired."""
    opened = sorted(["slack open", "pagerduty open", "pagerduty open", "email open"])
    assert until(lambda: sorted(world.told()) == opened, 40), world.told()
    for part in ("exporter", "prometheus", "alertmanager"):
        for seconds in AWAY:
            getattr(world, f"stop_{part}")()
            time.sleep(seconds)
            getattr(world, f"start_{part}")()
            assert until(world.fires, 30)
            time.sleep(4)
            assert sorted(world.told()) == opened, f"{part} away for {seconds / MINUTE:.0f} minutes"
    blind = world.sink.of(Channel.SLACK, "PuffyExporterDown")
    assert blind, "people are told that nobody can see"
    write_day(world.folder / "data", world.day)
    closed = sorted([*opened, "slack end", "pagerduty end", "pagerduty end", "email end"])
    assert until(lambda: sorted(world.told()) == closed, 60), world.told()


def test_prometheus_is_started_so_that_alertmanager_keeps_what_it_heard() -> None:
    """The flag is where people start it from; three times 35 minutes are left at least."""
    compose = (ROOT / "docker-compose.yml").read_text()
    assert "--rules.alert.resend-delay=35m" in compose
    assert "--rules.alert.resend-delay=35m" in (ROOT / "docs" / "notifications.md").read_text()
