"""Families to bytes, in both of Prometheus' formats."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from exporter.checks.check import Check
from exporter.metrics.families import partition_families, verdict_families, vitals_families
from exporter.model import Partition
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.pipeline.vitals import Vitals

OPENMETRICS_END = b"# EOF\n"

Lines = Mapping[str, bytes]  # sample lines of one partition by family


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


class PartitionRenderer:
    """Renders what a snapshot says; a partition that stayed the same is not rendered again.

    A page of 400 partitions holds 50,000 samples, and one arriving file changes those of a few of them. The
    lines of gauges are the same in both formats, only the headers differ.
    """

    def __init__(self) -> None:
        self._kept: dict[Partition, tuple[PartitionView, Lines]] = {}
        self._checks: Sequence[Check] = ()
        empty = _render(_Fresh(tuple(partition_families(()))))
        self._headers = (_headers(empty.text), _headers(empty.openmetrics))

    def render(self, snapshot: Snapshot) -> Exposition:
        """Return the page of all partitions, limits and verdicts."""
        if snapshot.checks != self._checks:  # their states stand among each partition's lines
            self._kept, self._checks = {}, snapshot.checks
        self._kept = {view.partition: (view, self._lines(view)) for view in snapshot.views}
        chunks = [lines for _, lines in self._kept.values()]
        text, openmetrics = (
            b"".join(
                piece
                for name, header in headers.items()
                for piece in (header, *(lines[name] for lines in chunks if name in lines))
            )
            for headers in self._headers
        )
        return Exposition(text, openmetrics) + _render(_Fresh(tuple(verdict_families(snapshot))))

    def _lines(self, view: PartitionView) -> Lines:
        kept = self._kept.get(view.partition)
        if kept is not None and (kept[0] is view or kept[0] == view):
            return kept[1]
        page = generate_latest(_Fresh(tuple(partition_families((view,), self._checks))))
        lines: dict[str, bytearray] = {}
        for line in page.split(b"\n"):  # splitlines would also split at a carriage return in a label
            if line and not line.startswith(b"#"):
                lines.setdefault(line[: line.index(b"{")].decode(), bytearray()).extend(line + b"\n")
        return {name: bytes(block) for name, block in lines.items()}


def _headers(page: bytes) -> dict[str, bytes]:
    """Return the HELP and TYPE lines of a page without samples, by family."""
    headers: dict[str, bytes] = {}
    for line in page.splitlines(keepends=True):
        words = line.split(b" ", 3)
        if words[1] != b"EOF\n":
            name = words[2].decode()
            headers[name] = headers.get(name, b"") + line
    return headers


def render_vitals(snapshot: Snapshot, vitals: Vitals) -> Exposition:
    """Render the exporter's own metrics and those of its process. Cheap."""
    process = (collector.collect() for collector in _PROCESS)
    return _render(
        _Fresh((*vitals_families(snapshot, vitals), *(family for families in process for family in families)))
    )


class _Nowhere:
    """Stands where the process collectors would register themselves in a global registry."""

    def register(self, collector: Collector) -> None:
        """Do nothing: the families are asked for when they are wanted."""


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


def _render(collector: Collector) -> Exposition:
    return Exposition(generate_latest(collector), generate_openmetrics(collector))  # type: ignore[no-untyped-call]  # untyped upstream
