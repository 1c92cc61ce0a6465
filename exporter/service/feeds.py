"""Many feeds in one process: runs the feeds of contracts, and merges their pages."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from starlette.types import ASGIApp

from exporter.errors import UserError
from exporter.pages.index import Index
from exporter.plain import LONGEST_LINE, plain
from exporter.server.app import Shown
from exporter.server.control import Reloaded
from exporter.server.publication import Board, Page, Publication, Shelf
from exporter.service.feed import Plan, RunningFeed
from exporter.service.publish import JSON
from exporter.service.sheet import MergedSheet
from exporter.watch.observer import Observer
from exporter.watch.passes import Passes

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.1  # wait for passes that end together to share a page
WORK_SHARE = 4  # times the last page's rendering time, until the next is rendered
GLANCE_SECONDS = 0.2  # between checks for due pushes
NONE = Page.of(b"", JSON)


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract's file as read: its plan, or its mistakes."""

    file: Path
    feed: str | None  # its id, if that can be read
    plan: Plan | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """All contracts as read, and keys of the configuration that need a restart."""

    contracts: Sequence[Contract]
    waiting: tuple[str, ...] = ()


class Source(Protocol):
    """Where contracts come from."""

    def read(self) -> Sequence[Contract]:
        """Return all contracts, unchanged ones from the last read. Raises UserError."""

    def read_again(self) -> Read:
        """Reread the configuration and all contracts. Raises UserError if the configuration is invalid."""


@dataclass(slots=True)
class Feeds:
    """Holds the feeds. An invalid contract affects only its own feed."""

    passes: Passes
    source: Source
    enter: Callable[[RunningFeed], ASGIApp]  # a feed's own pages
    telemetry_path: str = "/metrics"
    sheet: MergedSheet = field(default_factory=MergedSheet)
    observer: Observer = field(default_factory=Observer)
    board: Board = field(default_factory=Board)
    _running: dict[str, RunningFeed] = field(default_factory=dict)  # replaced, never mutated
    _apps: dict[str, ASGIApp] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)  # by name, why a contract is not in use
    _problem: str | None = None
    _was_ready: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _passed: threading.Event = field(default_factory=threading.Event)  # a pass has ended: a push may be due

    def find(self, feed: str) -> Shown | None:
        """Return a feed's pages."""
        return self._apps.get(feed)

    def awaited(self) -> str | None:
        """Return why the process is not ready, or ``None`` if it is. Feeds added later do not count."""
        if self._was_ready:
            return None
        first = [name for name, feed in self._running.items() if not feed.looked]
        return f"The first pass over the files of {', '.join(first[:10]) or 'the last feed'} is running."

    def look(self) -> None:
        """Apply changes of the contracts. If they cannot be read, nothing changes."""
        with self._turn:
            try:
                self._apply(self.source.read())
            except UserError as error:
                self._note(error)

    def begin(self) -> None:
        """Read all contracts for the first time. Raises UserError if that cannot be done."""
        with self._turn:
            self._apply(self.source.read_again().contracts)

    def reload(self) -> Reloaded:
        """Read configuration and contracts again. May be called from any thread."""
        with self._turn:
            try:
                read = self.source.read_again()
            except UserError as error:
                self._note(error)
                for feed in self._running.values():
                    feed.refuse(str(error))
                return Reloaded(problem=str(error))
            self._apply(read.contracts)
            if read.waiting:
                log.warning(
                    "some keys take effect only after a restart", extra={"keys": ", ".join(read.waiting)}
                )
            refused = self._refusals()
        lines = [f"{name}: {reason}" for name, reason in refused]
        return Reloaded(problem="; ".join(lines) or None, waiting=read.waiting)

    def publish(self, stop: threading.Event) -> None:
        """Render the common pages whenever a feed has changed, until ``stop`` is set."""
        took = 0.0
        while not stop.wait(max(GATHER_SECONDS, WORK_SHARE * took)):
            self.sheet.changed.wait()
            if stop.wait(GATHER_SECONDS):
                return
            began = time.perf_counter()
            try:
                self.post()
            except Exception:
                log.exception("pages not rendered")
            took = time.perf_counter() - began

    def post(self) -> None:
        """Render the common pages now."""
        self.sheet.changed.clear()  # before rendering: changes meanwhile need another page
        looked = all(feed.looked for feed in self._running.values())
        up = {name: feed.problem is None for name, feed in self._running.items()}
        text, openmetrics = self.sheet.pages({**dict.fromkeys(self._refused, False), **up})
        self.board.post(Publication(text, openmetrics, NONE, NONE, NONE, Shelf(self._index)))
        self._was_ready |= looked  # not earlier: a client waiting for it must find the figures on the page

    def push(self, stop: threading.Event) -> None:
        """Push each feed's passes to other systems, until ``stop`` is set; to be run in its own thread."""
        while not stop.wait(GLANCE_SECONDS):
            self._passed.wait()
            self._passed.clear()  # before pushing: a pass that ends meanwhile needs another round
            for feed in self._running.values():
                feed.push(stop)

    def stop(self, patience: float) -> None:
        """Stop, within a time limit."""
        feeds = self._running
        for feed in feeds.values():
            feed.stop.set()
        self.sheet.changed.set()
        self._passed.set()
        self.passes.stop(patience)
        for feed in feeds.values():
            self.passes.remove(feed.plan.feed, feed.close)
        self.observer.close()

    def _apply(self, contracts: Sequence[Contract]) -> None:
        """Start, keep or stop feeds to match the contracts."""
        self._problem = None
        wanted, self._refused = _choose(contracts, self._running)
        bad = {contract.file: contract.problem for contract in contracts if contract.plan is None}
        before, after = self._running, dict[str, RunningFeed]()
        for name, feed in before.items():
            if name in wanted:
                feed.use(wanted[name])
                after[name] = feed
            elif feed.plan.file in bad:
                feed.refuse(bad[feed.plan.file])
                after[name] = feed
        begun = [self._begin(plan) for name, plan in wanted.items() if name not in before]
        after |= {feed.plan.feed: feed for feed in begun}
        self._apps = {name: self._apps.get(name) or self.enter(feed) for name, feed in after.items()}
        self._running = after
        for name in before.keys() - after.keys():
            self._end(before[name])
        for feed in begun:
            self.passes.add(feed.plan.feed, feed.look, feed.note_failure)
        self._tell()
        self.sheet.changed.set()

    def _begin(self, plan: Plan) -> RunningFeed:
        self.sheet.blank(plan.feed)
        log.info("feed found", extra={"feed": plan.feed, "contract": str(plan.file)})
        return RunningFeed(
            plan, self.sheet, self.observer, lambda: self.passes.notify(plan.feed), self._passed
        )

    def _end(self, feed: RunningFeed) -> None:
        name = feed.plan.feed
        log.warning("feed removed", extra={"feed": name, "contract": str(feed.plan.file)})
        feed.stop.set()

        def close() -> None:
            feed.close()
            if name not in self._running:
                self.sheet.drop(name)

        self.passes.remove(name, close)

    def _refusals(self) -> list[tuple[str, str]]:
        kept = [(name, f"{feed.refused} (the previous contract stays in use)") for name, feed in
                self._running.items() if feed.refused]  # fmt: skip
        return [*self._refused.items(), *kept]

    def _tell(self) -> None:
        for name, reason in self._refusals():
            log.error("contract not in use", extra={"feed": name, "reason": reason})

    def _note(self, error: UserError) -> None:
        log.error("contracts not read", extra={"reason": str(error)})
        self._problem = plain(str(error), LONGEST_LINE)
        self.sheet.changed.set()

    def _index(self) -> Index:
        return Index(
            feeds=[feed.line for feed in self._running.values()],
            refused=[(name, plain(reason, LONGEST_LINE)) for name, reason in self._refused.items()],
            problem=self._problem,
            telemetry_path=self.telemetry_path,
        )


def _choose(
    contracts: Iterable[Contract], running: Mapping[str, RunningFeed]
) -> tuple[dict[str, Plan], dict[str, str]]:
    """Return the plan for each feed, and by name why the other contracts are rejected.

    Of two contracts with one id the one in use wins, otherwise the first.
    """
    owners = {feed.plan.file: name for name, feed in running.items()}
    wanted: dict[str, Plan] = {}
    claimed: dict[str, Path] = {}
    refused: dict[str, str] = {}
    for contract in contracts:  # a feed whose contract became invalid keeps running
        if contract.plan is None and contract.file in owners:
            claimed[owners[contract.file]] = contract.file
    in_use_first = sorted(contracts, key=lambda one: owners.get(one.file) != one.feed)
    for contract in in_use_first:
        if contract.plan is None:
            continue
        feed = contract.plan.feed
        if feed in claimed:
            why = f"the id {feed} is also used by {claimed[feed]}, which takes precedence"
            refused[_name(contract, refused)] = f"{contract.file}: {why}"
        else:
            claimed[feed], wanted[feed] = contract.file, contract.plan
    for contract in contracts:
        if contract.plan is None and contract.file not in owners:
            free = contract.feed is not None and contract.feed not in {*claimed, *refused}
            name = contract.feed if free else None
            refused[name or _name(contract, refused)] = contract.problem
    return wanted, refused


def _name(contract: Contract, taken: Mapping[str, str]) -> str:
    """Return a name for a contract without an id: ids never contain a dot or a slash."""
    return contract.file.name if contract.file.name not in taken else str(contract.file)
