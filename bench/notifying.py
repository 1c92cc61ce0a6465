"""How soon and how often people are notified: real Prometheus and Alertmanager, a sink for the services.

python bench/notifying.py latency            with the shipped intervals: file closed to message received
python bench/notifying.py replay DIRECTORY   days arrive one by one: notifications by kind, digests apart
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "alerting"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from alertmanager_server import (
    QUICK,
    Alertmanager,
    Sink,
    headline,
    run_a_sink,
    run_alertmanager,
    without_waiting,
    write_config,
)
from incidents import stage
from prometheus_server import LOOPBACK, free_port, run_prometheus
from running import Exporter, until
from servers import find_generation
from written import content, put, write_day

from exporter.model import Stage
from exporter.sink.message import Channel

ROOT = Path(__file__).parents[1]

SERVERS = find_generation(os.environ.get("PUFFY_GENERATION", "system"))
STEP_SECONDS = 12.0  # per replayed hour: longer than it takes to fire, notify and resolve
# On each replayed day: first its files have arrived, without a digest; then the digest is due.
HOURS = (time(6, 30), time(8, 30))


def main() -> None:
    """Measure as requested on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("latency")
    verbs.add_parser("replay").add_argument("directory", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.verb == "replay":
            replay(Path(folder), options.directory)
        else:
            latency(Path(folder))


def prometheus_config(port: int, alertmanager: Alertmanager, rules: str) -> dict[str, Any]:
    """Return the shipped configuration, with the addresses of this run."""
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    config["rule_files"] = [rules]
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [
        f"{LOOPBACK}:{alertmanager.port}"
    ]
    config["scrape_configs"] = [
        {"job_name": "puffy", "static_configs": [{"targets": [f"{LOOPBACK}:{port}"]}]}
    ]
    return dict(config)


def latency(folder: Path) -> None:
    """Break one day badly and another slightly, with the shipped intervals."""
    newest = (datetime.now(tz=UTC) - timedelta(hours=6)).date() - timedelta(days=1)
    before = newest - timedelta(days=1)
    for age in range(10):
        write_day(folder / "data", newest - timedelta(days=age))
    (folder / "puffy.yml").write_text("{}\n")
    (folder / "am").mkdir()
    with ExitStack() as stack:
        sink = stack.enter_context(run_a_sink())
        config = write_config(folder / "am", sink, {})
        alertmanager = stack.enter_context(
            run_alertmanager(SERVERS.program("prometheus-alertmanager"), config)
        )
        exporter = Exporter(folder)
        stack.callback(exporter.stop)
        scraped = prometheus_config(exporter.port, alertmanager, str(ROOT / "prometheus" / "rules" / "*.yml"))
        stack.enter_context(run_prometheus(SERVERS.program("prometheus"), folder / "prometheus", scraped))
        sleep(40)
        put(exporter.data, before, Stage.CLEAN, content(before, 90, Stage.CLEAN))
        put(exporter.data, before, Stage.REJECTS, content(before, 10, Stage.REJECTS))
        write_day(exporter.data, newest, without=["referrer"])
        closed = datetime.now(tz=UTC)
        ways = (Channel.PAGERDUTY, newest), (Channel.SLACK, newest), (Channel.SLACK, before)
        until(lambda: all(sink.of(channel, f"events {day}: ") for channel, day in ways), 200)
        for channel, day in ways:
            message = sink.of(channel, f"events {day}: ")[0]
            took = (message.received_at - closed).total_seconds()
            print(f"{SERVERS.name}: {channel} {took:.1f} s after the file was closed: {headline(message)}")


def replay(folder: Path, source: Path) -> None:
    """Deliver the days of a directory one by one, and count the messages of each day."""
    days = sorted(
        date.fromisoformat(f"{found[1]}-{found[2]}-{found[3]}")
        for path in source.glob("events_*.csv")
        if (found := re.fullmatch(r"events_(\d{4})(\d\d)(\d\d)\.csv", path.name))
    )
    (folder / "am").mkdir()
    rules = folder / "rules"
    rules.mkdir()
    for name in ("trends", "checks", "incidents"):
        text = (ROOT / "prometheus" / "rules" / f"{name}.yml").read_text()
        (rules / f"{name}.yml").write_text(without_waiting(text))
    (folder / "puffy.yml").write_text("{}\n")
    with ExitStack() as stack:
        sink = stack.enter_context(run_a_sink())
        alertmanager = stack.enter_context(
            run_alertmanager(
                SERVERS.program("prometheus-alertmanager"), write_config(folder / "am", sink, QUICK)
            )
        )
        port = free_port()
        scraped = prometheus_config(port, alertmanager, str(rules / "*.yml"))
        scraped["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        stack.enter_context(
            run_prometheus(
                SERVERS.program("prometheus"),
                folder / "prometheus",
                scraped,
                "--rules.alert.resend-delay=1s",
            )
        )
        count_days(days, source, folder, sink, port)


def count_days(days: list[date], source: Path, folder: Path, sink: Sink, port: int) -> None:
    """Print each day's notifications, then all by kind, then the total without digests."""
    total: Counter[str] = Counter()
    seen = 0
    for day in days:
        arrive(source, folder / "data", day)
        for hour in HOURS:
            look(folder, port, datetime.combine(day + timedelta(days=1), hour, UTC))
        fresh = [message for message in reversed(sink.inbox.newest()) if message.number > seen]
        seen = max((message.number for message in fresh), default=seen)
        told = Counter(f"{message.channel} {stage(message)}" for message in fresh)
        total += told
        print(day, ", ".join(f"{count} {kind}" for kind, count in sorted(told.items())) or "nothing")
        for message in fresh:
            print("    ", message.channel, stage(message), headline(message))
    digests = total.pop("slack digest", 0)
    print("all", ", ".join(f"{count} {kind}" for kind, count in sorted(total.items())))
    print(f"{digests} digests on {len(days)} days")
    print(total.total(), "without digests")


def look(folder: Path, port: int, now: datetime) -> None:
    """Run the exporter for a while at an instant, on its existing state."""
    options = ("--as-of", now.isoformat(), "--web.listen-address", f"{LOOPBACK}:{port}")
    with Exporter(folder, *options):
        sleep(STEP_SECONDS)


def arrive(source: Path, data: Path, day: date) -> None:
    """Copy one day's files, arriving when due."""
    due = (datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=1)).timestamp()
    for path in source.rglob(f"events_{day:%Y%m%d}*.csv"):
        target = data / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        os.utime(target, (due, due))


if __name__ == "__main__":
    main()
