"""Families to bytes, in both of Prometheus' formats."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from exporter.metrics.families import snapshot_families, vitals_families
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

OPENMETRICS_END = b"# EOF\n"


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


def render_snapshot(snapshot: Snapshot) -> Exposition:
    """Render everything that follows from the snapshot. Costly; once per snapshot is enough."""
    return _render(_Fresh(tuple(snapshot_families(snapshot))))


def render_vitals(vitals: Vitals) -> Exposition:
    """Render the exporter's own metrics and those of its process. Cheap."""
    process = (collector.collect() for collector in _PROCESS)
    return _render(
        _Fresh((*vitals_families(vitals), *(family for families in process for family in families)))
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
