"""Simulate days of many feeds on a fast clock while every program is killed at random: nothing may be lost.

Runs the real exporter, Prometheus and Alertmanager, and a receiver in place of Slack, PagerDuty and mail.
Files are late, missing or corrupt, or lack a column, and are repaired or acknowledged according to a plan
drawn from the seed. Afterwards every message that people received is compared with the plan.

    python trials/soak [--days 30] [--feeds 20] [--speed 100] [--kills 100] [--seed 1]
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from running import COMMAND, clean_environment
from servers import find_generation

from exporter.discover.calendar import LEAD_IN_DAYS
from trials.soak.clock import Clock, build_library
from trials.soak.deliveries import write_contracts, write_history
from trials.soak.journal import Journal, read_journal
from trials.soak.kills import draw_kills
from trials.soak.notes import hear
from trials.soak.pace import Pace
from trials.soak.people import reasons
from trials.soak.processes import Setup
from trials.soak.receiver import read_book
from trials.soak.run import Soak
from trials.soak.table import lines
from trials.soak.troubles import draw_plan, feed_names
from trials.soak.verdict import holdings, judge_answers, judge_end, judge_holdings, judge_notes

DAY_SECONDS = 86_400


def main() -> int:
    """Run a soak, or judge an earlier one; return 1 if anything was lost or repeated, or grows."""
    options = _options()
    if options.judge is not None:
        return judge(options.judge)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="puffy-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    refusal = Pace(options.speed, options.tick).refusal()
    if refusal is not None:
        sys.stderr.write(f"soak: {refusal}\n")
        return 1
    print(f"everything is kept in {folder}", file=sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no process is left behind
    with closing(Journal(folder)) as journal:
        run(folder, options, journal)
    return judge(folder)


def run(folder: Path, options: argparse.Namespace, journal: Journal) -> None:
    """Prepare the days before the first one, and run all days."""
    base = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time(), UTC)
    first = (base - timedelta(days=1)).date()
    named = {name: getattr(options, name) for name in ("days", "feeds", "speed", "kills", "seed", "tick")}
    journal.note("settings", **named, first=str(first))
    write_contracts(folder, options.feeds)
    write_history(folder, options.feeds, first, options.window + LEAD_IN_DAYS)
    library = build_library(folder)
    _look_once(folder, Clock.start(base, 1), library, options.window)
    setup = Setup(
        folder,
        Pace(options.speed, options.tick),
        Clock.start(base, options.speed),
        library,
        options.window,
        find_generation(options.generation),
    )
    seconds = options.days * DAY_SECONDS / options.speed
    plan = draw_plan(options.seed, options.feeds, first, options.days)
    Soak(setup, plan, draw_kills(options.seed, options.kills, seconds), seconds, journal).run()


def _look_once(folder: Path, clock: Clock, library: Path, window: int) -> None:
    """Let the exporter read the past days, so that its first pass on the fast clock is short."""
    config = folder / "once.yml"
    config.write_text(f"calendar: {{window_days: {window}}}\n")
    places = [
        f"--feeds.dir={folder / 'contracts'}",
        f"--output.dir={folder / 'out'}",
        f"--config.file={config}",
    ]
    environment = clean_environment() | dict(clock.preloaded(library))
    subprocess.run([*COMMAND, "run", *places], env=environment, check=True, capture_output=True)


def judge(folder: Path) -> int:
    """Print the results of a run."""
    record = read_journal(folder)
    given = record.settings
    first = datetime.fromisoformat(given["first"]).date()
    plan = draw_plan(given["seed"], given["feeds"], first, given["days"])
    heard = hear(read_book(folder / "received.jsonl"))
    pace = Pace(given["speed"], given["tick"])
    verdict = judge_notes(plan, heard, record, pace)
    held = holdings(record)
    verdict.faults += judge_answers(plan, record, on_record(folder, given["feeds"]))
    verdict.faults += [*judge_end(record), *judge_holdings(held)]
    print("\n".join(lines(plan, record, heard, verdict, held)))
    return int(bool(verdict.faults))


def on_record(folder: Path, feeds: int) -> Collection[str]:
    """Return the reasons of the acknowledgements in the audit logs."""
    return {reason for feed in feed_names(feeds) for reason in reasons(folder / "out" / feed)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in {"days": 30, "feeds": 20, "speed": 100, "kills": 100, "seed": 1, "window": 14}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument(
        "--tick", type=float, default=2.0, help="seconds between scrapes, evaluations, passes"
    )
    parser.add_argument("--generation", default="system", help="of the servers: system or forky")
    parser.add_argument("--folder", type=Path, help="where to keep everything; it must be empty")
    parser.add_argument("--judge", type=Path, metavar="FOLDER", help="judge a run again")
    return parser.parse_args()
