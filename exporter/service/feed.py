"""One of many running feeds: started once its data directory exists, restarted when its folders change."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.errors import UserError
from exporter.pages.index import FeedLine, feed_line
from exporter.places.url import can_be_there
from exporter.plain import LONGEST_LINE, plain
from exporter.server.publication import FIRST_LOOK, Board
from exporter.service.publish import Publisher
from exporter.service.service import RETRY_SECONDS, Reconfigure, Service
from exporter.service.sheet import MergedSheet, Sheet
from exporter.watch.observer import Observer, Watch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A feed's working parts. ``push`` sends what is due besides the passes."""

    service: Service
    watch: Watch
    close: Callable[[], None]
    push: Callable[[threading.Event], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a feed's parts get from their process."""

    board: Board
    sheet: Sheet
    observer: Observer
    wake: Callable[[], None]
    stop: threading.Event


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a feed. If ``places`` differ, the feed is restarted; otherwise it is reconfigured."""

    feed: str
    name: str
    file: Path
    data: Path
    places: object
    settings: object  # plans of equal settings are the same
    reconfigure: Reconfigure
    open: Callable[[Surroundings], Opened]  # raises UserError, OSError
    close_meanwhile: Callable[[], None]  # marks an earlier run's files as blind


@dataclass(slots=True, eq=False)
class RunningFeed:
    """A running feed. Only one thread at a time makes passes; any may call the other methods."""

    plan: Plan
    sheet: MergedSheet
    observer: Observer  # of all feeds
    wake: Callable[[], None]
    passed: threading.Event  # is set after each pass
    board: Board = field(default_factory=Board)
    refused: str | None = None  # the mistakes in the contract on disk
    problem: str | None = None  # why it cannot be started
    looked: bool = False  # its first pass has ended, successful or not
    stop: threading.Event = field(default_factory=threading.Event)
    _opened: Opened | None = None  # another thread may close it: read it once
    _using: Plan | None = None

    def use(self, plan: Plan) -> None:
        """Use another plan from the next pass on."""
        same = plan.places == self.plan.places and plan.settings == self.plan.settings
        repaired, self.refused = self.refused is not None, None
        if not same or repaired:
            self.plan = plan
            self.wake()

    def refuse(self, reason: str) -> None:
        """Note that the plan on disk is invalid; the last valid one is kept."""
        self.refused = reason
        if (opened := self._opened) is not None:
            opened.service.use(None)

    def look(self) -> float | None:
        """Make one pass; return the seconds until the next."""
        opened = self._begin()
        if opened is None:
            self.looked = True
            self.sheet.changed.set()
            return RETRY_SECONDS
        opened.watch.attend()
        try:
            return opened.service.refresh()
        finally:
            self.looked = True
            self.sheet.changed.set()
            self.passed.set()

    def note_failure(self, error: BaseException) -> None:
        """Report a failed pass."""
        if (opened := self._opened) is not None:
            opened.service.note_failure(error)

    def push(self, stop: threading.Event) -> None:
        """Push to other systems, if due."""
        if (opened := self._opened) is not None:
            opened.push(stop)

    def acknowledge(self, fields: Mapping[str, object], user: str | None) -> Mapping[str, object]:
        """Record an acknowledgement. Raises UserError, OSError."""
        opened = self._opened
        if opened is None:
            raise UserError(self.board.awaited)
        return opened.service.acknowledge(fields, user)

    def close(self) -> None:
        """Stop; to be called while no pass is running."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.watch.stop()
            opened.close()

    @property
    def line(self) -> FeedLine:
        """The feed's line on the index page."""
        opened = self._opened
        publisher: Publisher | None = None if opened is None else opened.service.publisher
        snapshot = None if publisher is None else publisher.snapshot
        problems = [reason for reason in (self.refused, self.problem) if reason]
        if opened is None or publisher is None or snapshot is None:
            words = dict.fromkeys((*problems, self.board.awaited))
            return FeedLine(self.plan.feed, self.plan.name, "waiting", closed=True, problems=tuple(words))
        return feed_line(publisher.site(snapshot, opened.service.refresher.vitals), problems)

    def _begin(self) -> Opened | None:
        """Return the working parts of the current plan, or ``None`` if the feed cannot be started."""
        plan, using = self.plan, self._using
        if self._opened is not None and using is not None:
            if plan is using:
                return self._opened
            if plan.places == using.places:
                self._using = plan
                self._opened.service.use(plan.reconfigure)
                return self._opened
            log.info("feed restarted", extra={"feed": plan.feed})
            self.close()
            self._withdraw(FIRST_LOOK)  # what is shown is about the old folders
        if not can_be_there(plan.data):
            self._wait(f"The data directory {plan.data} does not exist yet.")
            return None
        surroundings = Surroundings(self.board, self.sheet.of(plan.feed), self.observer, self.wake, self.stop)
        try:
            self._opened = plan.open(surroundings)
        except (UserError, OSError) as error:
            self.problem = plain(str(error), LONGEST_LINE)
            self._wait(self.problem)
            return None
        self._using, self.problem = plan, None
        return self._opened

    def _wait(self, why: str) -> None:
        awaited = plain(why, LONGEST_LINE)
        if awaited == self.board.awaited:
            return
        log.warning("feed not started", extra={"feed": self.plan.feed, "reason": awaited})
        self._withdraw(awaited)
        self.plan.close_meanwhile()

    def _withdraw(self, awaited: str) -> None:
        """Show that nothing has been judged yet, and why."""
        self.board.withdraw(awaited)
        self.sheet.blank(self.plan.feed)
