"""How many machines a load needs, and what they cost: arithmetic on measured figures.

What is chosen rather than measured (machines, headroom, prices) is in ``Chosen``. ``scale_tables.py`` prints
the tables of docs/scale.md, which lists what the model leaves out.
"""

import math
from dataclasses import dataclass

from scale_figures import CONTRACT, MEASURED, Kind, Measured

DAY_SECONDS = 86_400.0
HOURS_A_MONTH = 730.0
RANGE_BYTES = 32 << 20  # exporter.profiling.records.Sizes.span
REQUEST_BYTES = 4e6  # per read from object storage
SCRAPE_SECONDS = 15.0
RESCAN_SECONDS = 60.0  # default of watch.rescan_seconds
KEPT_DAYS = 100  # retention of the TSDB, as in docker-compose.yml


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is not measured: machines, their planned utilisation, and assumed prices in US dollars."""

    cores: float = 8.0  # per machine
    gigabytes: float = 32.0
    gbits: float = 10.0
    busy: float = 0.6  # planned utilisation of cores and network
    spare: float = 2.0  # times the measured memory
    one_core: float = 0.5  # of a core that a single-core process may use
    local_cores: float = 4.0  # that an exporter's own threads may use; beyond that there are workers
    rules: float = 0.5  # share of the interval that the slowest group of rules may take
    core_hour: float = 0.04
    gb_hour: float = 0.005
    disk_gb_month: float = 0.10
    thousand_lists: float = 0.005
    thousand_reads: float = 0.0004


@dataclass(frozen=True, slots=True)
class Load:
    """What arrives: feeds, terabytes per day, and within how many hours."""

    feeds: int
    terabytes: float
    hours: float = 24.0
    kind: Kind = CONTRACT
    remote: bool = True  # on object storage

    @property
    def bytes_a_second(self) -> float:
        """The rate while files arrive."""
        return self.terabytes * 1e12 / (self.hours * 3600)

    @property
    def ranges_a_second(self) -> float:
        """The rate while files arrive; a file has at least one range."""
        return max(self.terabytes * 1e12 / RANGE_BYTES, self.feeds) / (self.hours * 3600)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load needs. Cores and gigabytes include headroom."""

    gbits: float  # of the network, while files arrive
    reading_cores: float
    workers: int  # reading machines, on while files arrive
    schedulers: int
    exporters: int
    servers: int  # of Prometheus
    series: float
    disk_gb: float
    cores: float  # of all but workers
    gigabytes: float
    machines: int  # without workers
    lists: float  # requests per day
    reads: float

    def month(self, load: Load, chosen: Chosen, *, always: bool) -> float:
        """Return dollars per month, with workers that run always or only while files arrive."""
        hour = chosen.cores * chosen.core_hour + chosen.gigabytes * chosen.gb_hour
        share = 1.0 if always else load.hours / 24
        days = HOURS_A_MONTH / 24
        requests = self.lists * chosen.thousand_lists + self.reads * chosen.thousand_reads
        return (
            (self.machines + self.workers * share) * hour * HOURS_A_MONTH
            + self.disk_gb * chosen.disk_gb_month
            + requests / 1000 * days
        )


def plan(load: Load, chosen: Chosen = Chosen(), known: Measured = MEASURED) -> Plan:
    """Return what a load needs."""
    kind = load.kind
    gbits = load.bytes_a_second * 8 / 1e9
    times = known.remote_times if load.remote else 1.0
    reading = load.bytes_a_second / 1e6 / kind.read_mb * times / chosen.busy
    is_local = reading <= chosen.local_cores
    workers = 0 if is_local else up(max(reading / chosen.cores, gbits / (chosen.gbits * chosen.busy)))
    schedulers = 0 if is_local else up(load.ranges_a_second * known.scheduler_s / chosen.one_core)
    exporters = up(exporter_cores(load, known, is_local=is_local) / chosen.one_core)
    exporters = max(exporters, up(exporter_gb(load.feeds, known) * chosen.spare / chosen.gigabytes))
    series = load.feeds * (kind.series + kind.rule_series)
    memory = load.feeds * kind.server_mb / 1e3 * chosen.spare
    processor = load.feeds * kind.server_s / SCRAPE_SECONDS / chosen.busy
    slowest = load.feeds * kind.slowest_s / (SCRAPE_SECONDS * chosen.rules)
    servers = up(max(memory / chosen.gigabytes, processor / chosen.cores, slowest))
    cores = exporters + schedulers + max(servers, processor) + 1 + (reading if is_local else 0)
    gigabytes = exporter_gb(load.feeds, known, exporters) * chosen.spare + memory + 2 * (schedulers + 1)
    return Plan(
        gbits=gbits,
        reading_cores=reading,
        workers=workers,
        schedulers=schedulers,
        exporters=exporters,
        servers=servers,
        series=series,
        disk_gb=series * DAY_SECONDS / SCRAPE_SECONDS * KEPT_DAYS * known.sample_bytes / 1e9,
        cores=cores,
        gigabytes=gigabytes,
        machines=up(max(cores / chosen.cores, gigabytes / chosen.gigabytes)),
        lists=load.feeds * DAY_SECONDS / RESCAN_SECONDS if load.remote else 0.0,
        reads=load.terabytes * 1e12 / REQUEST_BYTES if load.remote else 0.0,
    )


def up(number: float) -> int:
    """Return the number rounded up, at least one."""
    return max(1, math.ceil(number - 1e-9))


def exporter_cores(load: Load, known: Measured, *, is_local: bool) -> float:
    """Return the cores that all exporters use while files arrive, without reading."""
    deliveries = load.feeds / (load.hours * 3600) * known.delivery_s
    ranges = 0.0 if is_local else load.ranges_a_second * known.submit_s
    return load.feeds * known.idle_cores + deliveries + ranges


def exporter_gb(feeds: int, known: Measured, processes: int = 1) -> float:
    """Return the memory of this many exporters together."""
    return (processes * known.exporter_mb + feeds * known.feed_mb) / 1e3
