"""How long Prometheus takes to evaluate the rules, and how that grows with the window.

    python bench/rules.py [--windows 35 60 120 400] [--prometheus prometheus]

A real Prometheus scrapes a page of generated partitions and evaluates the rules as they are committed.
Prints, for each window, samples of the page, seconds of an evaluation of each group (medians) and the
server's memory.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the tests' own Prometheus, and facts made by hand

from feeds import RULES as EVENTS_RULES  # noqa: E402
from made import CALENDAR, facts, profile  # noqa: E402  needs the path above
from prometheus_server import run_prometheus, serve_pages  # noqa: E402

from exporter.discover.calendar import LEAD_IN_DAYS  # noqa: E402
from exporter.metrics.exposition import PartitionRenderer, render_vitals  # noqa: E402
from exporter.pipeline.assemble import Assembler  # noqa: E402
from exporter.pipeline.vitals import Vitals  # noqa: E402

RULES = ROOT / "prometheus" / "rules"
LAST = date(2025, 12, 31)
INTERVAL_SECONDS = 15
EVALUATIONS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, nargs="+", default=[35, 60, 120, 400])
    parser.add_argument("--prometheus", default=shutil.which("prometheus"))
    chosen = parser.parse_args()
    print("| partitions | samples | trends s | checks s | memory MB |")
    print("|---|---|---|---|---|")
    for window in chosen.windows:
        with tempfile.TemporaryDirectory() as folder:
            measure(chosen.prometheus, Path(folder), window)


def page(window: int) -> bytes:
    """Return the page of so many partitions, each like the others but for its numbers."""
    days = [LAST - timedelta(days=number) for number in reversed(range(window + LEAD_IN_DAYS))]
    known = []
    for number, day in enumerate(days):
        rows = 1000 + 37 * (number % 7) + number % 11
        known.append(facts(day, raw=profile(rows=rows), alertable=number >= len(days) - 3))
    now = CALENDAR.due_ns(LAST) + 1
    lead_in, exposed = known[:LEAD_IN_DAYS], known[LEAD_IN_DAYS:]
    shot = Assembler(EVENTS_RULES).assemble(lead_in, exposed, as_of_ns=now, generated_ns=now)
    return (PartitionRenderer().render(shot) + render_vitals(shot, Vitals())).text


def measure(program: str, folder: Path, window: int) -> None:
    """Let Prometheus evaluate some times, and print a line."""
    text = page(window)
    with serve_pages() as pages:
        pages.bodies["/metrics"] = text
        config = {
            "global": {
                "scrape_interval": f"{INTERVAL_SECONDS}s",
                "evaluation_interval": f"{INTERVAL_SECONDS}s",
            },
            "rule_files": [str(RULES / f"{name}.yml") for name in ("trends", "checks")],
            "scrape_configs": [
                {"job_name": "puffy", "static_configs": [{"targets": [f"127.0.0.1:{pages.port}"]}]}
            ],
        }
        with run_prometheus(program, folder, config) as server:
            time.sleep(2 * INTERVAL_SECONDS)  # scraped, and evaluated once
            taken: dict[str, list[float]] = {"puffy_trends": [], "puffy_checks": []}
            for _ in range(EVALUATIONS):
                time.sleep(INTERVAL_SECONDS)
                for name, group in server.groups().items():
                    taken[name].append(group["evaluationTime"])
            status = Path(f"/proc/{server.process.pid}/status").read_text()
    memory = int(status.split("VmRSS:")[1].split()[0]) // 1024
    samples = sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
    trends, checks = (statistics.median(taken[name]) for name in ("puffy_trends", "puffy_checks"))
    print(f"| {window} | {samples:,} | {trends:.2f} | {checks:.2f} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
