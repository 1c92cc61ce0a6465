"""Run the tests of each situation of blindness or attack, and write their results.

The situations, what must happen, and the tests are listed in ``situations.yaml``. Prints the tables and
updates docs/reliability.md. The exit code is 1 if something did not hold, or could not be run.

    python trials/situations.py [--sizes 200:5000:10000] [--dry]     # --dry: print only
    python trials/situations.py --only mount                         # with this word; other rows are kept
"""

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LISTED = Path(__file__).with_name("situations.yaml")
PAGE = ROOT / "docs" / "reliability.md"
HEADER = "| situation | what must happen | result | seconds |\n|---|---|---|---|\n"
MEASURED = "measured"  # the property in which a test records its figures


@dataclass(frozen=True, slots=True)
class Situation:
    """What may happen, what must follow, and the IDs of the tests that verify it."""

    situation: str
    must: str
    tests: tuple[str, ...]


@dataclass(slots=True, eq=False)  # plugins are compared by identity
class Seen:
    """What pytest reports on the tests: outcomes, seconds, measurements."""

    left: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Count the items of each test."""
        self.left.update(item.nodeid.partition("[")[0] for item in items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record one phase of one test."""
        name = report.nodeid.partition("[")[0]
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        self.left[name] -= report.when == "teardown"
        if report.when == "call" or report.outcome != "passed":
            worst = (self.outcomes.get(name, "passed"), str(report.outcome))
            self.outcomes[name] = max(worst, key=("passed", "skipped", "failed").index)
        if report.when == "call":
            found = [str(value) for key, value in report.user_properties if key == MEASURED]
            self.measured |= (
                {name: "; ".join([*filter(None, [self.measured.get(name)]), *found])} if found else {}
            )

    def result(self, situation: Situation) -> str:
        """Return whether it held, with the measurements."""
        outcomes = {self.outcomes.get(test, "not run") for test in situation.tests}
        outcomes |= {"not run" for test in situation.tests if self.left[test]}  # interrupted
        if outcomes != {"passed"}:
            return "**" + ", ".join(sorted(outcomes - {"passed"})) + "**"
        return "; ".join(["holds", *filter(None, map(self.measured.get, situation.tests))])

    def row(self, situation: Situation) -> str:
        """Return the situation's row."""
        seconds = sum(self.seconds.get(test, 0.0) for test in situation.tests)
        return f"| {situation.situation} | {situation.must} | {self.result(situation)} | {seconds:.1f} |\n"


def load() -> Mapping[str, Sequence[Situation]]:
    """Return the situations by table."""
    return {
        table["table"]: [
            Situation(one["situation"], one["must"], tuple(one["tests"])) for one in table["situations"]
        ]
        for table in yaml.safe_load(LISTED.read_text())
    }


def main() -> int:
    """Run the tests and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="200:5000:10000", help="scrapes, connections, requests")
    parser.add_argument("--dry", action="store_true", help="leave the page as it is")
    parser.add_argument("--only", default="", help="a word of the situations to run")
    options = parser.parse_args()
    os.environ["PUFFY_SIZES"] = options.sizes
    tables, seen = load(), Seen()
    chosen = [one for table in tables.values() for one in table if options.only in one.situation]
    tests = dict.fromkeys(test for one in chosen for test in one.tests)
    code = pytest.main(["-q", f"--rootdir={ROOT}", *(str(ROOT / test) for test in tests)], plugins=[seen])
    rows = rows_of(PAGE.read_text()) | {one.situation: seen.row(one) for one in chosen}
    written = {
        name: HEADER + "".join(rows.get(one.situation, seen.row(one)) for one in table)
        for name, table in tables.items()
    }
    print("\n".join(written.values()))
    if not options.dry:
        PAGE.write_text(filled(PAGE.read_text(), written))
    held = all(seen.result(one).startswith("holds") for one in chosen)
    return 0 if held and code == pytest.ExitCode.OK else 1


def rows_of(page: str) -> dict[str, str]:
    """Return the page's present rows by situation."""
    lines = re.finditer(r"^\| (.+?) \| .*$\n", page.partition("## Situations")[2], re.MULTILINE)
    return {line[1]: line[0] for line in lines}


def filled(page: str, tables: Mapping[str, str]) -> str:
    """Return the page with each table between its markers."""
    for name, table in tables.items():
        marks = rf"(<!-- situations: {name} -->\n).*?(<!-- end -->)"
        page = re.sub(
            marks, lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", page, flags=re.DOTALL
        )
    return page


if __name__ == "__main__":
    sys.exit(main())
