"""The tables of docs/scale.md: what loads need and cost, and where each part reaches its limit.

    python bench/scale_tables.py
    python bench/scale_tables.py --feeds 2000 --terabytes 5 --hours 2 --core-hour 0.03 --gb-hour 0.004

Without a load, the loads of the page are calculated. Machines, headroom and prices are options.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from scale_figures import CONTRACT, EVENTS, MEASURED, SOURCES, Kind, Measured
from scale_model import (
    HOURS_A_MONTH,
    RANGE_BYTES,
    RESCAN_SECONDS,
    SCRAPE_SECONDS,
    Chosen,
    Load,
    plan,
)

USUAL = Chosen()
KINDS = (CONTRACT, EVENTS)

LOADS = tuple(
    Load(feeds, terabytes, hours)
    for feeds, terabytes in ((100, 0.1), (1_000, 1.0), (10_000, 10.0), (100, 10.0))
    for hours in (24.0, 1.0)
)


def machines_table(loads: Sequence[Load], chosen: Chosen) -> Iterator[str]:
    """Yield what each load needs."""
    yield from head(
        *("feeds", "TB a day", "arrive within", "Gbit/s", "cores that read", "worker machines", "schedulers"),
        *("exporters", "Prometheus servers", "million series", "TSDB GB", "other machines"),
    )
    for load in loads:
        need = plan(load, chosen)
        yield line(
            *(f"{load.feeds:,}", f"{load.terabytes:g}", f"{load.hours:g} h", short(need.gbits)),
            *(short(need.reading_cores), str(need.workers), str(need.schedulers), str(need.exporters)),
            *(str(need.servers), short(need.series / 1e6), f"{need.disk_gb:,.0f}", str(need.machines)),
        )


def costs_table(loads: Sequence[Load], chosen: Chosen) -> Iterator[str]:
    """Yield what each load costs."""
    yield from head(
        *("feeds", "TB a day", "arrive within", "listings a day", "reads a day"),
        *("$ a month for requests", "$ a month, workers always on", "$ a month, workers only then"),
    )
    for load in loads:
        need = plan(load, chosen)
        requests = need.lists * chosen.thousand_lists + need.reads * chosen.thousand_reads
        yield line(
            *(f"{load.feeds:,}", f"{load.terabytes:g}", f"{load.hours:g} h"),
            *(f"{need.lists:,.0f}", f"{need.reads:,.0f}", f"{requests / 1000 * HOURS_A_MONTH / 24:,.0f}"),
            *(f"{need.month(load, chosen, always=always):,.0f}" for always in (True, False)),
        )


def limits_table(chosen: Chosen, known: Measured = MEASURED) -> Iterator[str]:
    """Yield the size at which one process or machine of each part is full."""
    yield from head("part", "limit", "reached at", "beyond it")
    for kind in KINDS:
        yield from _server_limits(kind, chosen)
    yield from _exporter_limits(chosen, known)
    yield from _reading_limits(chosen, known)
    listed = 100 / (HOURS_A_MONTH * 3600 / RESCAN_SECONDS / 1000 * chosen.thousand_lists)
    longer = "a longer `watch.rescan_seconds`"
    yield line("object storage", "$100 a month for listings", f"{listed:,.0f} feeds", longer)


def _server_limits(kind: Kind, chosen: Chosen) -> Iterator[str]:
    name, shard = f"Prometheus, {kind.name}", "one Prometheus per group of exporters"
    most = chosen.rules * SCRAPE_SECONDS
    feeds = most / kind.slowest_s
    yield line(
        name, f"slowest rule group takes {most:g} s of {SCRAPE_SECONDS:g} s", f"{feeds:,.0f} feeds", shard
    )
    feeds = chosen.gigabytes / chosen.spare * 1e3 / kind.server_mb
    yield line(name, f"memory, {_held(chosen)}", f"{feeds:,.0f} feeds", shard)


def _exporter_limits(chosen: Chosen, known: Measured) -> Iterator[str]:
    serve, share = "several `serve`, each with its own contracts", f"{chosen.one_core:.0%} of a core"
    feeds = chosen.one_core / known.idle_cores
    yield line("exporter", f"{share} when idle", f"{feeds:,.0f} feeds", serve)
    feeds = (chosen.gigabytes / chosen.spare * 1e3 - known.exporter_mb) / known.feed_mb
    yield line("exporter", f"memory, {_held(chosen)}", f"{feeds:,.0f} feeds", serve)
    deliveries = chosen.one_core / known.delivery_s * 3600
    yield line("exporter", f"{share} for judging deliveries", f"{deliveries:,.0f} deliveries an hour", serve)
    ranges = chosen.one_core / known.submit_s
    yield line("exporter", f"{share} for handing out ranges", _ranges(ranges), serve)


def _reading_limits(chosen: Chosen, known: Measured) -> Iterator[str]:
    for kind in KINDS:
        rate = chosen.local_cores * chosen.busy * kind.read_mb / known.remote_times
        limit = f"{chosen.local_cores:g} cores of its own threads"
        yield line(
            f"exporter, {kind.name}", limit, f"{rate * 3600 / 1e6:.2g} TB an hour", "[workers](cluster.md)"
        )
    share, apart = f"{chosen.one_core:.0%} of a core", "one scheduler per group of exporters"
    yield line("Dask scheduler", share, _ranges(chosen.one_core / known.scheduler_s), apart)
    file = chosen.gigabytes / chosen.spare * 1e3 / known.scheduler_mb * RANGE_BYTES / 1e12
    yield line("Dask scheduler", f"memory, {_held(chosen)}", f"one file of {file:,.0f} TB", "smaller files")
    wire = chosen.gbits * chosen.busy / 8 * 3600 / 1e3
    limit = f"network, {chosen.busy:.0%} of {chosen.gbits:g} Gbit/s"
    yield line("worker machine", limit, f"{wire:.2g} TB an hour", "more machines")


def _held(chosen: Chosen) -> str:
    return f"{chosen.gigabytes / chosen.spare:g} GB of {chosen.gigabytes:g} GB"


def _ranges(each: float) -> str:
    return f"{each:,.0f} ranges a second, {each * RANGE_BYTES * 3600 / 1e12:,.0f} TB an hour"


def figures_table(known: Measured = MEASURED) -> Iterator[str]:
    """Yield every measured figure with its command."""
    yield from head("figure", "measured", "command")
    for name, source in SOURCES.items():
        for kind in KINDS if hasattr(CONTRACT, name) else (None,):
            value = getattr(known if kind is None else kind, name)
            what = source.what if kind is None else f"{source.what}, {kind.name}"
            command = source.command if kind is None else source.command.format(kind=kind)
            yield line(what, f"{short(value)} {source.unit}".strip(), f"`{command}`")


def head(*names: str) -> Iterator[str]:
    """Yield the first two lines of a table."""
    yield line(*names)
    yield "|" + "---|" * len(names)


def line(*cells: str) -> str:
    """Return one row of a table."""
    return f"| {' | '.join(cells)} |"


def short(number: float) -> str:
    """Format a number with about three significant digits."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def tables(chosen: Chosen = USUAL, loads: Sequence[Load] = LOADS) -> Mapping[str, str]:
    """Return the tables of docs/scale.md by name."""
    made = {
        "machines": machines_table(loads, chosen),
        "costs": costs_table(loads, chosen),
        "limits": limits_table(chosen),
        "figures": figures_table(),
    }
    return {name: "\n".join(lines) for name, lines in made.items()}


def rendered(page: str) -> str:
    """Return a page with each table between its two markers updated. Raises KeyError for an unknown one."""
    made = tables()
    return re.sub(
        r"(<!-- model: (\w+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{made[found[2]]}\n{found[3]}",
        page,
        flags=re.DOTALL,
    )


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, kind in (("feeds", int), ("terabytes", float), ("hours", float)):
        parser.add_argument(f"--{name}", type=kind)
    for field in fields(Chosen):
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=getattr(USUAL, field.name), help="%(default)s")
    options = vars(parser.parse_args())
    feeds, terabytes, hours = (options.pop(name) for name in ("feeds", "terabytes", "hours"))
    given = [Load(feeds or 100, 1.0 if terabytes is None else terabytes, hours or 24.0)]
    loads = LOADS if feeds is terabytes is hours is None else given
    print("\n\n".join(tables(Chosen(**options), loads).values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
