"""Families to bytes, in both of Prometheus' formats."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from exporter.metrics.contract import graces
from exporter.metrics.families import partition_families, verdict_families
from exporter.metrics.vitals import build_info, vitals_families
from exporter.model import Partition
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.pipeline.vitals import Vitals

OPENMETRICS_END = b"# EOF\n"

Lines = Mapping[str, bytes]  # sample lines of one partition by family


@dataclass(frozen=True, slots=True)
class Block:
    """One family: its HELP and TYPE in both formats, and its sample lines, which are the same in both."""

    text: bytes
    openmetrics: bytes
    lines: bytes


Blocks = Mapping[str, Block]  # by the family's name in the text format


@dataclass(frozen=True, slots=True)
class Exposition:
    """One rendered page, as classic text and as OpenMetrics."""

    text: bytes
    openmetrics: bytes

    def __add__(self, other: "Exposition") -> "Exposition":
        """Join two pages that share no family."""
        return Exposition(
            self.text + other.text, self.openmetrics.removesuffix(OPENMETRICS_END) + other.openmetrics
        )


NOTHING = Exposition(b"", OPENMETRICS_END)


def merge_blocks(feeds: Iterable[Blocks]) -> Exposition:
    """Return one page of several feeds' blocks: each family once, with the samples of all feeds together."""
    families: dict[str, list[Block]] = {}
    for blocks in feeds:
        for name, block in blocks.items():
            families.setdefault(name, []).append(block)
    text: list[bytes] = []
    openmetrics: list[bytes] = []
    for same in families.values():
        lines = [block.lines for block in same]
        text += (same[0].text, *lines)
        openmetrics += (same[0].openmetrics, *lines)
    return Exposition(b"".join(text), b"".join((*openmetrics, OPENMETRICS_END)))


class PartitionRenderer:
    """Renders a snapshot; unchanged partitions are not rendered again.

    A page of 400 partitions has 50,000 samples, and one arriving file changes those of a few partitions. The
    lines of gauges are the same in both formats, only the headers differ.
    """

    def __init__(self) -> None:
        self._kept: dict[Partition, _Kept] = {}
        self._shared: tuple[object, ...] = ()
        self._headers = render_blocks(partition_families(Snapshot(0, 0, (), (), ())))

    def render(self, snapshot: Snapshot) -> Exposition:
        """Return the page of all partitions, limits and verdicts."""
        return merge_blocks([self.render_blocks(snapshot)])

    def render_blocks(self, snapshot: Snapshot) -> Blocks:
        """Return the same by family."""
        shared = (snapshot.feed, snapshot.checks, snapshot.trends)
        if shared != self._shared:  # they are among each partition's lines
            self._kept, self._shared = {}, shared
        late = graces(snapshot)
        self._kept = {view.partition: self._rendered(snapshot, view, late) for view in snapshot.views}
        chunks = [kept.lines for kept in self._kept.values()]
        partitions = {
            name: replace(header, lines=b"".join(lines[name] for lines in chunks if name in lines))
            for name, header in self._headers.items()
        }
        return {**partitions, **render_blocks(verdict_families(snapshot))}

    def _rendered(self, snapshot: Snapshot, view: PartitionView, late: Mapping[str, float]) -> "_Kept":
        kept, since_due = self._kept.get(view.partition), snapshot.as_of_ns - view.facts.due_ns
        waits = frozenset(check for check, grace in late.items() if since_due <= grace)
        if kept is not None and kept.waiting == waits and (kept.view is view or kept.view == view):
            return kept
        page = generate_latest(_Fresh(tuple(partition_families(replace(snapshot, views=(view,))))))
        lines: dict[str, bytearray] = {}
        for line in page.split(b"\n"):  # splitlines would also split at a carriage return in a label
            if line and not line.startswith(b"#"):
                lines.setdefault(line[: line.index(b"{")].decode(), bytearray()).extend(line + b"\n")
        return _Kept(view, waits, {name: bytes(block) for name, block in lines.items()})


@dataclass(frozen=True, slots=True)
class _Kept:
    """The lines of one partition, and their source."""

    view: PartitionView
    waiting: frozenset[str]  # checks that do not apply to it yet
    lines: Lines


def render_vitals(snapshot: Snapshot, vitals: Vitals) -> Exposition:
    """Render a feed's own metrics and those of the process. Cheap."""
    return merge_blocks([render_blocks((*vitals_families(snapshot, vitals), *process_families()))])


def render_blocks(families: Iterable[Metric]) -> Blocks:
    """Render families one by one, to be merged with those of other feeds."""
    known = tuple(families)
    return {
        header.split(b" ", 3)[2].decode(): Block(
            header, _openmetrics_header(family.name, family.documentation, family.type), lines
        )
        for family, (header, lines) in zip(known, _split(generate_latest(_Fresh(known))), strict=True)
    }


@cache
def _openmetrics_header(name: str, documentation: str, kind: str) -> bytes:
    """Return HELP and TYPE of a family, rendered once: the lines below them are those of the text format."""
    family = Metric(name, documentation, kind)
    return generate_openmetrics(_Fresh((family,))).removesuffix(OPENMETRICS_END)  # type: ignore[no-untyped-call,no-any-return]  # untyped upstream


def _split(page: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield header and sample lines of each family."""
    whole = b"\n" + page.removesuffix(b"\n")
    for rest in whole.split(b"\n# HELP ")[1:]:  # within a label a line break is written as two characters
        family = b"# HELP " + rest + b"\n"
        end = family.index(b"\n", family.index(b"\n# TYPE ") + 1) + 1
        yield family[:end], family[end:]


def process_families() -> Iterator[Metric]:
    """Yield the metrics of the process, independent of feeds."""
    yield build_info()
    for collector in _PROCESS:
        yield from collector.collect()


class _Nowhere:
    """Replaces the global registry in which the process collectors would register."""

    def register(self, collector: Collector) -> None:
        """Do nothing: the families are collected on request."""


_PROCESS: tuple[Collector, ...] = (
    ProcessCollector(registry=None),
    PlatformCollector(registry=_Nowhere()),  # type: ignore[arg-type]  # it only ever calls register
    GCCollector(registry=_Nowhere()),  # type: ignore[arg-type]  # it only ever calls register
)


@dataclass(frozen=True, slots=True)
class _Fresh(Collector):
    families: Iterable[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.families
