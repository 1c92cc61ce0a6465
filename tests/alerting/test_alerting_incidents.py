"""From the exporter's incidents to notifications: once each, whatever is restarted."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from alertmanager_server import run_a_sink
from incidents import Exposed, Incident, stage, told_of
from prometheus_server import serve_pages
from running import until
from servers import Generation
from world import HOLD, World

from exporter.sink.message import Channel

RESEND = 10  # seconds; Alertmanager keeps alerts four times as long
# Longer than it takes to begin or to end, so that nothing more will arrive.
QUIET = HOLD + 5
SENT_AGAIN = HOLD + RESEND  # until Alertmanager has what still fires, plus a group's interval


@dataclass(frozen=True)
class Told:
    """Both servers, the page that they scrape, and the notifications."""

    world: World
    exposed: Exposed

    def of(self, incident: str) -> dict[str, int]:
        """Count an incident's notifications."""
        return dict(told_of(self.world.sink, incident))

    def digests(self) -> int:
        """Count the digests."""
        return sum(stage(message) == "digest" for message in self.world.sink.of(Channel.SLACK))

    def becomes(self, look: Callable[[], object], wanted: object) -> None:
        """Wait for a state. Repeated notifications show in a later one, since counts only grow."""
        assert until(lambda: look() == wanted, 40), look()


@pytest.fixture
def told(generation: Generation, tmp_path: Path) -> Iterator[Told]:
    """Run everything on a page without incidents."""
    with ExitStack() as stack:
        sink, pages = stack.enter_context(run_a_sink()), stack.enter_context(serve_pages())
        world = World(tmp_path, generation, sink, RESEND, {"exporter": pages.port})
        exposed = Exposed(pages)
        exposed.show()
        world.start_alertmanager()
        stack.callback(world.stop_alertmanager)
        world.start_prometheus()
        stack.callback(world.stop_prometheus)
        yield Told(world, exposed)


WARNED = {"slack open": 1}
PAGED = {"slack open": 1, "pagerduty open": 2, "email open": 1}
WORSE = PAGED | {"slack open": 2}
NAMES = ("mild", "grave", "lasting", "old", "new")
RESOLVED = {"slack end": 1, "pagerduty end": 2}
ENDED = [WORSE | RESOLVED, PAGED | RESOLVED, WARNED, {}, WARNED]


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("incidents")
def test_an_incident_is_told_once_and_so_is_its_end(told: Told) -> None:
    """Open, worse, ended; in between each part is restarted in turn, without notifications."""
    open_and_get_worse(told)
    restart_all(told)
    end(told)
    time.sleep(QUIET)
    assert [told.of(name) for name in NAMES] == ENDED


def open_and_get_worse(told: Told) -> None:
    """One message per channel when something opens, one more when it gets worse."""
    told.exposed.show(
        Incident("mild"), Incident("grave", "critical"), Incident("lasting"), Incident("old", told=False)
    )
    told.becomes(lambda: [told.of(name) for name in NAMES], [WARNED, PAGED, WARNED, {}, {}])
    told.exposed.show(Incident("mild", "critical"))
    told.becomes(lambda: told.of("mild"), WORSE)


def restart_all(told: Told) -> None:
    """Restart Alertmanager, Prometheus and the exporter: nothing is repeated; new incidents are reported."""
    for part in ("alertmanager", "prometheus"):
        getattr(told.world, f"stop_{part}")()
        getattr(told.world, f"start_{part}")()
        time.sleep(SENT_AGAIN)
    told.exposed.away()
    time.sleep(4)
    told.exposed.show(Incident("new"))
    told.becomes(lambda: [told.of(name) for name in NAMES], [WORSE, PAGED, WARNED, {}, WARNED])


def end(told: Told) -> None:
    """Report ends brought about by people, but not those merely followed by a good day."""
    told.exposed.show(
        Incident("mild", "critical", told=False, why="repaired"),
        Incident("grave", "critical", told=False, why="acknowledged"),
        Incident("lasting", told=False, why="next_day_good"),
    )
    told.becomes(lambda: [told.of(name) for name in NAMES], ENDED)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("incidents")
def test_the_digest_is_told_once_a_day(told: Told) -> None:
    """Even if Alertmanager is restarted in its hour; the next day there is another."""
    told.exposed.show(Incident("mild"), Incident("old", told=False))
    told.becomes(lambda: told.of("mild"), WARNED)
    assert told.digests() == 0
    told.exposed.digest_due = True
    told.exposed.show()
    told.becomes(told.digests, 1)
    told.world.stop_alertmanager()
    told.world.start_alertmanager()
    time.sleep(SENT_AGAIN)
    assert told.digests() == 1
    (message,) = (found for found in told.world.sink.of(Channel.SLACK) if stage(found) == "digest")
    assert message.body["attachments"][0]["title"] == "Puffy: 2 incidents are open"
    assert "old &lt;is&gt; missing" in message.body["attachments"][0]["text"]
    told.exposed.digest_due = False
    told.exposed.show()
    time.sleep(QUIET)
    told.exposed.digest_due = True
    told.exposed.show()
    told.becomes(told.digests, 2)
