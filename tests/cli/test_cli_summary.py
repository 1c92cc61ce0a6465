"""The summary of `run`: newest first, with units, in 80 columns, and the existing days."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from feeds import CHECKS
from running import call
from written import write_day

from exporter.checks.check import Alert, Severity, State
from exporter.checks.units import amount, duration, finding_words, percentage

LAST = date(2025, 3, 10)
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")


def written(folder: Path, last: date, days: int = 6) -> Path:
    """Write some days, the last of which lacks a column."""
    for back in range(days):
        write_day(folder, last - timedelta(days=back), without=() if back else ("referrer",))
    return folder


def test_values_have_the_unit_of_their_metric() -> None:
    """Shares, durations, rows, plain numbers."""
    assert [percentage(share) for share in (0.4831, 0.05, 1, 0, -0.2, 0.00001, 12.5)] == [
        "48.31%",
        "5%",
        "100%",
        "0%",
        "-20%",
        "0.001%",
        "1,250%",
    ]
    assert [duration(seconds) for seconds in (10_380, 7200, 59, 0.25, 90, 7 * 86400 + 3600)] == [
        "2 h 53 min",
        "2 h",
        "59 s",
        "0.25 s",
        "1 min",
        "7 d 1 h",
    ]
    assert amount(1234567.5, "puffy_partition_revenue") == "1,234,567.50"
    assert amount(1, "puffy_partition_unaccounted_rows") == "1 row"
    assert amount(-3, "puffy_partition_unaccounted_rows") == "-3 rows"


def test_a_finding_is_a_value_and_its_limit_unless_it_only_says_that_something_is_so() -> None:
    """A missing column is not a figure."""
    known = {check.name: check for check in CHECKS}

    def words(name: str, value: float, limit: float) -> str:
        return finding_words(Alert(known[name], LAST, Severity.WARNING, value, limit, State.FIRING, {}))

    assert words("silence", 10_380, 7200) == "2 h 53 min, limit 2 h"
    assert words("reject_ratio", 0.4831, 0.05) == "48.31%, limit 5%"
    assert words("anomaly_reject_ratio", 1, 0.2) == "100%, limit 20%"
    assert words("anomaly_revenue", 1234, 9876.5) == "1,234, limit 9,876.50"
    assert words("schema_mismatch", 1, 1) == ""
    assert words("no_orders", 4, 0) == "usually 4 orders a day"
    assert words("event_vanished", 24, 0) == "usually 24 rows a day"
    failed = Alert(known["task_failed"], LAST, Severity.CRITICAL, 0, 0, State.FIRING, {"task": "dq"})
    assert finding_words(failed) == "task dq"


def test_the_newest_day_comes_first_in_80_columns(tmp_path: Path) -> None:
    """Below it are the open problems, each once; names of checks are not truncated."""
    text = call("run", "--data.dir", written(tmp_path, LAST), *AS_OF).stdout
    days = re.findall(r"^(2025-03-\d\d)  ", text, re.MULTILINE)
    assert days == sorted(days, reverse=True)
    assert len(days) == 6
    assert max(len(line) for line in text.splitlines() if " " in line) <= 80  # a path is not broken
    assert text.count("critical events 2025-03-10: column referrer is missing") == 1
    assert "100 of 100 rows are rejected." in " ".join(text.split())
    assert re.search(r"Next: .*\[[0-9a-f]{10}\]", " ".join(text.split()))
    assert "schema_mismatch" in text


def test_a_directory_of_past_days_shows_them_and_says_how_to_judge_them(tmp_path: Path) -> None:
    """Not with one line for each day missing since."""
    today = datetime.now(UTC).date()
    text = call("run", "--data.dir", written(tmp_path, LAST), "--output.dir", tmp_path / "out").stdout
    assert re.findall(r"^(2025-03-\d\d)  ", text, re.MULTILINE) == [
        str(LAST - timedelta(days=back)) for back in range(6)
    ]
    assert re.search(r"^2025-03-11 to 20\d\d-\d\d-\d\d: \d+ days missing$", text, re.MULTILINE)
    said = " ".join(text.split())
    ago = (today - LAST).days
    assert f"The newest day is {LAST}, {ago} days ago; --as-of 2025-03-11 judges it as of then" in said
    assert max(map(len, text.splitlines())) <= 80


def test_a_few_missing_days_are_a_line_each(tmp_path: Path) -> None:
    """Days that arrived in time need no hint."""
    folder = written(tmp_path, LAST)
    for path in folder.rglob("*20250307*"):
        path.unlink()
    text = call("run", "--data.dir", folder, *AS_OF).stdout
    assert re.search(r"^2025-03-07  \w+ +- +- ", text, re.MULTILINE)
    assert not re.search(r"days missing$", text, re.MULTILINE)
    assert "newest day" not in text


def test_detectors_names_the_newest_day_where_all_are_past(tmp_path: Path) -> None:
    """One line, with the option that would judge it."""
    done = call("detectors", "--data.dir", written(tmp_path, LAST), "--output.dir", tmp_path / "out")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "the newest day is 2025-03-10" in line
    assert "--as-of 2025-03-11" in line


def test_explain_says_how_to_see_a_day_that_is_long_past(tmp_path: Path) -> None:
    """The window ends today."""
    done = call(
        "explain", "2025-03-10", "--data.dir", written(tmp_path, LAST), "--output.dir", tmp_path / "out"
    )
    assert done.returncode == 1
    assert "use --as-of 2025-03-11" in done.stderr
