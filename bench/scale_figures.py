"""What was measured, and by which command: everything that ``scale_model.py`` calculates with."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of feed: how fast it is read, and what it costs a Prometheus with the shipped rules."""

    name: str
    option: str  # of bench/scale.py
    reading: str  # the command that measures the next figure
    read_mb: float  # MB per second and core, local
    serving: str  # the command that measures the others
    series: float
    rule_series: float
    server_mb: float
    server_s: float  # processor seconds of a scrape and an evaluation of all rules
    slowest_s: float  # an evaluation of the slowest group, which runs on one core


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures that do not depend on the kind of feed."""

    remote_times: float
    scheduler_s: float
    submit_s: float
    scheduler_mb: float
    exporter_mb: float
    feed_mb: float
    idle_cores: float
    delivery_s: float
    sample_bytes: float


class Source(NamedTuple):
    """What a figure is, its unit, and the command that measures it."""

    what: str
    unit: str
    command: str


CONTRACT = Kind(
    name="contract",
    option="contract",
    reading="bench/profiling.py --flights --mb 500",
    read_mb=62.0,
    serving="bench/scale.py prometheus --feeds 10 75 1000",
    series=2790.0,
    rule_series=65.0,
    server_mb=5.6,
    server_s=0.026,
    slowest_s=0.0044,
)
EVENTS = Kind(
    name="web events",
    option="events",
    reading="bench/cluster.py --mb 2000",
    read_mb=287.0,
    serving="bench/rules.py --sizes 50x35",
    series=15_145.0,
    rule_series=930.0,
    server_mb=47.0,
    server_s=0.16,
    slowest_s=0.021,
)
MEASURED = Measured(
    remote_times=1.5,
    scheduler_s=0.0049,
    submit_s=0.0031,
    scheduler_mb=0.0154,
    exporter_mb=174.0,
    feed_mb=3.5,
    idle_cores=0.00031,
    delivery_s=0.085,
    sample_bytes=0.55,
)

_PROMETHEUS = "{kind.serving}"
_SCHEDULER = "bench/scale.py scheduler --ranges 100000"
_EXPORTER = "bench/scale.py exporter --feeds 5 20; bench/many_feeds.py"
SOURCES = {
    "read_mb": Source("read by a core", "MB/s", "{kind.reading}"),
    "series": Source("series of a feed", "", _PROMETHEUS),
    "rule_series": Source("series that rules add", "", "bench/scale.py prometheus --kind {kind.option}"),
    "server_mb": Source("memory of Prometheus for a feed", "MB", _PROMETHEUS),
    "server_s": Source("processor of Prometheus for a feed's scrape and rules", "s", _PROMETHEUS),
    "slowest_s": Source("slowest group of rules for a feed, at most", "s", _PROMETHEUS),
    "remote_times": Source(
        "processor on object storage, times that on disk", "", "bench/storage.py --mb 500"
    ),
    "scheduler_s": Source("processor of the Dask scheduler for a range", "s", _SCHEDULER),
    "submit_s": Source("processor of the exporter for handing out a range", "s", _SCHEDULER),
    "scheduler_mb": Source("memory of the Dask scheduler for a range of one file", "MB", _SCHEDULER),
    "exporter_mb": Source("memory of an exporter without a feed", "MB", _EXPORTER),
    "feed_mb": Source("memory of an exporter for a feed", "MB", _EXPORTER),
    "idle_cores": Source("cores of an exporter for a feed at rest", "", _EXPORTER),
    "delivery_s": Source("processor of an exporter for a small delivery", "s", _EXPORTER),
    "sample_bytes": Source("a sample on disk", "bytes", "bench/scale.py disk"),
}
