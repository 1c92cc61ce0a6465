"""A pass counts as a success when everything that it publishes is out."""

import threading
from pathlib import Path
from typing import Any, cast

import pytest
from feeds import EVENTS
from made import DAY
from written import write_day

from exporter.cli.places import find_places
from exporter.cli.wiring import build_outputs, build_refresher
from exporter.config.load import load_config
from exporter.links import Links
from exporter.model import NANOSECONDS
from exporter.pages.known import FEED_PAGES
from exporter.pages.site import Visit
from exporter.pipeline.snapshot import Snapshot
from exporter.report.render import ReportRenderer
from exporter.server.publication import Board
from exporter.service.publish import Publisher
from exporter.service.service import Reconfigure, Service


class Failing(ReportRenderer):
    """Fails as often as it is told to."""

    failures = 0

    def render(self, snapshot: Snapshot) -> bytes:
        """Raise while there are failures left."""
        if self.failures:
            self.failures -= 1
            raise TypeError("not valid UTF-8")
        return super().render(snapshot)


def _load() -> tuple[Reconfigure, tuple[str, ...]]:
    raise NotImplementedError


def service_over(folder: Path) -> tuple[Service, Failing]:
    """Return a service over one healthy day, and what renders its report."""
    write_day(folder / "data", DAY)
    config = load_config(None, EVENTS)
    places = find_places(config, folder / "data", folder / "out")
    report = Failing(Links(exporter="https://example.org"))
    publisher = Publisher(Board(), build_outputs(config, places), report, places.data, "/metrics")
    refresher = build_refresher(config, places, None, "2025-03-06T12:00:00Z", threading.Event())
    return Service(refresher, publisher, _load, lambda: None, folder / "audit"), report


def digest_due(service: Service) -> bool:
    """Return what is scraped."""
    published = service.publisher.board.latest
    assert published is not None
    return b'puffy_digest_due{feed="events"} 1.0' in published.text.body


@pytest.mark.parametrize("fails", ["nothing", "directory", "pass"])
def test_the_hour_of_the_digest_is_the_clocks_whatever_a_pass_finds(tmp_path: Path, fails: str) -> None:
    """It begins and ends although nothing can be read, or the pass fails."""
    service, _ = service_over(tmp_path)
    refresher = service.refresher
    refresher.digest_hour = 14
    service.refresh()
    assert not digest_due(service)
    if fails == "directory":
        (tmp_path / "data").rename(tmp_path / "hidden")
    if fails == "pass":
        refresher.judge.assembler = cast(Any, None)
    for hours, due in ((1, False), (1, True), (1, False)):
        assert refresher.as_of_ns is not None
        refresher.as_of_ns += hours * 3600 * NANOSECONDS
        try:
            service.refresh()
        except AttributeError as error:
            service.note_failure(error)
        assert refresher.vitals.last_pass_succeeded == (fails == "nothing")
        assert digest_due(service) is due


def test_a_pass_whose_report_cannot_be_rendered_is_a_failure(tmp_path: Path) -> None:
    """Counted and visible beside the last good page, which keeps its time."""
    service, report = service_over(tmp_path)
    service.refresh()
    good = service.refresher.vitals
    snapshot = service.publisher.snapshot
    report.failures = 1
    judge = service.refresher.judge
    judge.assembler = type(judge.assembler)(judge.assembler.rules)
    with pytest.raises(TypeError) as raised:
        service.refresh()
    service.note_failure(raised.value)
    vitals = service.refresher.vitals
    assert good.last_pass_succeeded
    assert not vitals.last_pass_succeeded
    assert (vitals.passes, vitals.failed_passes) == (2, 1)
    assert vitals.last_success_at == good.last_success_at
    assert service.publisher.snapshot is snapshot
    latest = service.publisher.board.latest
    assert latest is not None
    assert b'puffy_exporter_refresh_success{feed="events"} 0.0' in latest.text.body
    assert b"not valid UTF-8" in latest.shelf.make(FEED_PAGES[0], Visit()).body


def test_what_failed_is_rendered_again_at_the_next_pass(tmp_path: Path) -> None:
    """Although nothing in the directory changed in between."""
    service, report = service_over(tmp_path)
    report.failures = 1
    with pytest.raises(TypeError):
        service.refresh()
    assert service.publisher.board.latest is None
    service.refresh()
    assert service.refresher.vitals.last_pass_succeeded
    latest = service.publisher.board.latest
    assert latest is not None
    assert b'puffy_partition_rows{feed="events",partition="2025-03-05",stage="raw"} 100.0' in latest.text.body
