"""The page of metrics: of one feed, or of many feeds together."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

from exporter.metrics.exposition import (
    NOTHING,
    OPENMETRICS_END,
    Blocks,
    Exposition,
    merge_blocks,
    process_families,
    render_blocks,
    render_vitals,
)
from exporter.metrics.vitals import feed_up, vitals_families
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.server.publication import Opening, Page

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
NOBODY = "nobody"
ELSEWHERE = (Page.of(b"", TEXT), Page.of(OPENMETRICS_END, OPENMETRICS))


class Sheet(Protocol):
    """The page that has a feed's metrics."""

    def show(self, partitions: Blocks, snapshot: Snapshot, vitals: Vitals) -> tuple[Page, Page]:
        """Publish them; return the feed's own pages, as text and as OpenMetrics.

        ``partitions`` is the same object while its content is unchanged.
        """


@dataclass(slots=True)
class OwnSheet:
    """The page of a single feed."""

    _joined: tuple[Blocks, Exposition] = field(default_factory=lambda: ({}, NOTHING))

    def show(self, partitions: Blocks, snapshot: Snapshot, vitals: Vitals) -> tuple[Page, Page]:
        """Return the whole page."""
        if self._joined[0] is not partitions:
            self._joined = (partitions, merge_blocks([partitions]))
        page = self._joined[1] + render_vitals(snapshot, vitals)
        return Page.of(page.text, TEXT), Page.of(page.openmetrics, OPENMETRICS)


@dataclass(frozen=True, slots=True)
class _Part:
    partitions: Blocks
    vitals: Blocks


@dataclass(slots=True)
class MergedSheet:
    """One page of many feeds. Unchanged feeds are neither rendered nor compressed again.

    Any thread may show and drop feeds; one thread renders the pages.
    """

    changed: threading.Event = field(default_factory=threading.Event)
    _parts: dict[str, _Part] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _joined: tuple[tuple[Blocks, ...], Opening, Opening] | None = None

    def of(self, feed: str) -> Sheet:
        """Return a feed's part."""
        return _FeedSheet(self, feed)

    def blank(self, feed: str) -> None:
        """Publish that a feed has nothing to judge, until it is shown."""
        named, nobody = b'{feed="%s"' % feed.encode(), b'{feed="%s"' % NOBODY.encode()
        self.put(
            feed,
            {},
            {
                name: replace(block, lines=block.lines.replace(nobody, named))
                for name, block in _blank().items()
            },
        )

    def put(self, feed: str, partitions: Blocks, vitals: Blocks) -> None:
        """Replace a feed's part."""
        with self._lock:
            self._parts[feed] = _Part(partitions, vitals)
        self.changed.set()

    def drop(self, feed: str) -> None:
        """Remove a feed's part."""
        with self._lock:
            self._parts.pop(feed, None)
        self.changed.set()

    def pages(self, up: Mapping[str, bool]) -> tuple[Page, Page]:
        """Return the page in both formats; ``up`` says for each configured feed whether it is watched."""
        with self._lock:
            parts = [part for _, part in sorted(self._parts.items())]
        partitions = tuple(part.partitions for part in parts)
        if self._joined is None or not _same(self._joined[0], partitions):
            whole = merge_blocks(partitions)
            openmetrics = whole.openmetrics.removesuffix(OPENMETRICS_END)
            self._joined = (partitions, Opening.of(whole.text), Opening.of(openmetrics))
        own = render_blocks((feed_up(up), *process_families()))
        rest = merge_blocks([*(part.vitals for part in parts), own])
        _, text, other = self._joined
        return text.page(rest.text, TEXT), other.page(rest.openmetrics, OPENMETRICS)


@dataclass(frozen=True, slots=True)
class _FeedSheet:
    merged: MergedSheet
    feed: str

    def show(self, partitions: Blocks, snapshot: Snapshot, vitals: Vitals) -> tuple[Page, Page]:
        """Put the feed's part on the common page; it has none of its own."""
        self.merged.put(self.feed, partitions, render_blocks(vitals_families(snapshot, vitals)))
        return ELSEWHERE


@cache
def _blank() -> Blocks:
    """Return the part of a feed without a pass; rendered once, as a thousand may start together."""
    now = time.time_ns()
    snapshot = Snapshot(now, now, (), (), (), feed=NOBODY)
    return render_blocks(vitals_families(snapshot, Vitals(blind=True, source_up=False)))


def _same(known: tuple[Blocks, ...], blocks: tuple[Blocks, ...]) -> bool:
    return len(known) == len(blocks) and all(one is other for one, other in zip(known, blocks, strict=True))
