"""What a process of many feeds leaves undone while nothing happens, and does once something does."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from running import until
from sites import site_of

from exporter.pages.known import INDEX_PAGES
from exporter.pages.site import Site, Visit
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.server.publication import FIRST_LOOK, Publication, Shelf
from exporter.service import feed as module
from exporter.service.feed import Opened, Plan, RunningFeed
from exporter.service.feeds import NONE, Feeds, Source
from exporter.service.sheet import MergedSheet
from exporter.watch.observer import Observer
from exporter.watch.passes import Passes


class Running(RunningFeed):
    """A feed that counts the looks for pushes that are due."""

    pushed = 0

    def push(self, stop: threading.Event) -> None:
        """Count one."""
        self.pushed += not stop.is_set()


@dataclass
class Shown:
    """What a feed has published."""

    snapshot: Snapshot = field(default_factory=lambda: Snapshot(1, 1, (), (), (), feed="a"))

    def site(self, snapshot: Snapshot, vitals: Vitals) -> Site:
        """Return what its pages are made of."""
        return site_of(snapshot, vitals=vitals)


def running(passed: threading.Event) -> Running:
    """Return a feed of which one pass is over."""
    plan = Plan("a", "A", Path("a.yaml"), Path(), None, None, *cast(Any, [None] * 3))
    feed = Running(plan, MergedSheet(), Observer(), lambda: None, passed)
    service = SimpleNamespace(
        publisher=Shown(),
        refresher=SimpleNamespace(vitals=Vitals(passes=1, last_pass_succeeded=True)),
    )
    feed._opened = Opened(cast(Any, service), *cast(Any, [None] * 3))
    return feed


def test_the_lines_of_the_feeds_are_made_when_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at each pass of each feed; and then as of the newest."""
    feeds = Feeds(Passes(), cast(Source, None), cast(Any, None))
    feed, whole, made = running(feeds._passed), module.feed_line, []
    monkeypatch.setattr(module, "feed_line", lambda *told: made.append(told) or whole(*told))
    feeds._running = {"a": feed}
    feeds.post()
    feeds.post()
    assert made == []
    service = cast(Any, feed._opened).service
    service.refresher.vitals = replace(service.refresher.vitals, problems=("odd",))
    shelf = feeds.board.latest.shelf if feeds.board.latest else None
    assert shelf is not None
    assert b"odd" in shelf.make(INDEX_PAGES[0], Visit()).body
    assert len(made) == 1


def test_the_line_of_a_feed_says_what_is_wrong_with_it() -> None:
    """What it suffers from, that nothing can be seen, or a contract that is refused."""
    feed = running(threading.Event())
    assert (feed.line.status, feed.line.problems) == ("ok", ())
    service = cast(Any, feed._opened).service
    service.refresher.vitals = replace(service.refresher.vitals, problems=("odd",))
    assert feed.line.problems == ("odd",)
    service.publisher.snapshot = replace(service.publisher.snapshot, blind="gone")
    assert feed.line.status == "critical"
    feed.refused = "no YAML"
    assert "no YAML" in feed.line.problems


def test_a_feed_that_moves_shows_nothing_of_the_old_folder_before_its_first_pass(tmp_path: Path) -> None:
    """That pass may be long, or fail; until then the page says that it is running."""
    feed, shown = running(threading.Event()), []
    watch = SimpleNamespace(stop=lambda: None, attend=lambda: None)
    service = SimpleNamespace(refresh=lambda: shown.append(feed.board.latest))
    opened = Opened(cast(Any, service), cast(Any, watch), lambda: None, cast(Any, None))
    plan = replace(feed.plan, data=tmp_path, open=lambda _: opened)
    feed._opened, feed._using = opened, plan
    feed.board.post(Publication(NONE, NONE, NONE, NONE, NONE, Shelf(lambda: None)))
    feed.sheet.put("a", {}, {})
    feed.plan = plan
    feed.look()
    feed.use(replace(plan, places="elsewhere"))
    feed.look()
    assert shown[0] is not None
    assert shown[1] is None
    assert feed.board.awaited == FIRST_LOOK
    assert b'puffy_exporter_blind{feed="a"} 1.0' in feed.sheet.pages({})[0].body


def test_pushes_are_looked_for_after_a_pass_and_at_no_other_time() -> None:
    """And the thread ends when it is told to."""
    feeds = Feeds(Passes(), cast(Source, None), cast(Any, None))
    feed, stop = running(feeds._passed), threading.Event()
    feeds._running = {"a": feed}
    thread = threading.Thread(target=feeds.push, args=(stop,), daemon=True)
    thread.start()
    thread.join(0.7)
    assert feed.pushed == 0
    feed.passed.set()
    assert until(lambda: feed.pushed == 1, 10)
    thread.join(0.7)
    assert feed.pushed == 1
    stop.set()
    feeds._running = {}
    feeds.stop(0)
    thread.join(10)
    assert not thread.is_alive()
