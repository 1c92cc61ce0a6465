"""A blind monitoring: what fired stays open, and the only new message is that the monitoring is blind.

Simulated: a minute is 0.2 seconds, so an outage of 90 minutes takes 18.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alertmanager_server import run_a_sink
from golden import ROOT
from incidents import stage
from prometheus_server import LOOPBACK
from running import Exporter, until
from servers import Generation
from world import HOLD, World
from written import write_day

from exporter.sink.message import Channel, Message

MINUTE = 0.2
# The first one misses at least one scrape, the second exceeds Prometheus' lookback.
AWAY = {"1 minute": 1 * MINUTE + 1.5, "10 minutes": 10 * MINUTE + 2, "90 minutes": 90 * MINUTE}
RESEND = 35 * MINUTE + HOLD
# Not a second, in which a busy machine may miss an evaluation; the longest absence exceeds it.
KEEP_FIRING = 12
# Alertmanager first: Prometheus resends what it has forgotten while the others are down.
PARTS = ("alertmanager", "exporter", "prometheus")
OPENED = sorted(["slack open", "pagerduty open", "pagerduty open", "email open"])
ONE_DAY = timedelta(days=1)
TOLD = (Channel.SLACK, Channel.PAGERDUTY, Channel.EMAIL)


@dataclass
class Seen(World):
    """Both servers and their exporter, on ten days of which the newest lacks a column."""

    day: date = field(default_factory=lambda: (datetime.now(tz=UTC) - timedelta(hours=6)).date() - ONE_DAY)
    exporter: Exporter | None = None

    def start_exporter(self) -> None:
        """Start the exporter at the address that Prometheus scrapes."""
        self.exporter = Exporter(self.folder, "--web.listen-address", f"{LOOPBACK}:{self.ports['exporter']}")

    def stop_exporter(self) -> None:
        """Kill the exporter."""
        assert self.exporter is not None
        self.exporter.process.kill()
        self.exporter.process.wait()

    def fires(self) -> bool:
        """Return whether the day's finding fires in Prometheus, and so has been sent."""
        return bool(self.prometheus.query('ALERTS{alertstate="firing",alertname="PuffyIncident"}'))

    def told(self) -> list[str]:
        """Return the notifications about the day, by channel."""
        return sorted(f"{message.channel.value} {stage(message)}" for message in self.messages())

    def messages(self) -> list[Message]:
        """Return them whole."""
        return [message for channel in TOLD for message in self.sink.of(channel, str(self.day))]


@pytest.fixture
def world(generation: Generation, tmp_path: Path) -> Iterator[Seen]:
    """Run exporter, Prometheus, Alertmanager and sink."""
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.2}\nnotifications: {digest_hour: null}\n")
    with ExitStack() as stack:
        made = Seen(tmp_path, generation, stack.enter_context(run_a_sink()), RESEND, keep=KEEP_FIRING)
        for age in range(10):
            write_day(tmp_path / "data", made.day - age * ONE_DAY, without=[] if age else ["referrer"])
        for part in PARTS:
            getattr(made, f"start_{part}")()
            stack.callback(lambda part=part: getattr(made, f"stop_{part}")())
        yield made


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("blind")
def test_what_fired_stays_open_while_nobody_can_see(world: Seen) -> None:
    """Each part is down for 1, 10 and 90 minutes in turn; then the day is repaired."""
    assert until(lambda: world.told() == OPENED, 40), world.told()
    for part in PARTS:
        for absence, seconds in AWAY.items():
            getattr(world, f"stop_{part}")()
            time.sleep(seconds)
            getattr(world, f"start_{part}")()
            assert until(world.fires, 30)
            time.sleep(2)
            assert world.told() == OPENED, f"{part} away for {absence}: {world.messages()}"
    assert world.sink.of(Channel.SLACK, "PuffyExporterDown"), "people are told that nobody can see"
    write_day(world.folder / "data", world.day)
    closed = sorted([*OPENED, "slack end", "pagerduty end", "pagerduty end"])
    assert until(lambda: world.told() == closed, 60), world.told()


def test_prometheus_is_started_so_that_alertmanager_keeps_what_it_heard() -> None:
    """The flag is in the start command; at least three times 35 minutes are left."""
    compose = (ROOT / "docker-compose.yml").read_text()
    assert "--rules.alert.resend-delay=35m" in compose
    assert "--rules.alert.resend-delay=35m" in (ROOT / "docs" / "notifications.md").read_text()
