"""`explain CHECK` shows the rows that the check is about, by their lines in the file, and no others."""

import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from feeds import CHECKS, EVENTS, RAW, TRENDS
from running import call
from written import content, put, write_day

from exporter.discover.found import take_stamp
from exporter.model import PartFile, Stage
from exporter.triage.evidence import evidence_of
from exporter.triage.records import read_records

DAY = date(2025, 3, 10)
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")
ORDER = '{""transaction_id"": ""%s"", ""revenue"": %s, ""items"": [{""item_id"": ""a"", ""price"": %s}]}'


def order(name: str, revenue: str = "10", price: str = "10") -> str:
    """Return the event_data of an order, quoted for CSV."""
    return f'"{ORDER % (name, revenue, price)}"'


def line(
    client: str = "someone",
    *,
    event: str = "page_viewed",
    data: str = "",
    at: str = "2025-03-10T10:00:00Z",
    referrer: str = "https://a.example/",
) -> str:
    """Return one raw record."""
    return f"{client},https://shop.example/,{referrer},{at},{event},{data},Browser"


def checkout(name: str, revenue: str = "10", price: str = "10") -> str:
    """Return one raw record of an order."""
    return line(event="checkout_completed", data=order(name, revenue, price))


def shown(folder: Path, check: str, lines: Sequence[str], *options: str) -> dict[str, Any]:
    """Return what ``explain`` shows for a check when these lines follow ten healthy ones."""
    write_day(folder, DAY)
    raw = content(DAY, 10)
    put(folder, DAY, Stage.RAW, "\n".join([raw, *lines]))
    done = call("explain", str(DAY), check, "--json", "--data.dir", folder, *AS_OF, *options)
    assert (done.returncode, done.stderr) == (0, "")
    evidence: dict[str, Any] = json.loads(done.stdout)["evidence"]
    return evidence


CASES: list[tuple[str, list[str], list[int]]] = [
    (
        "checkout_duplicate_transaction_id",
        [checkout("T1"), checkout("T2"), line(), checkout("T1"), checkout("T3"), checkout("T2")],
        [12, 15, 13, 17],
    ),
    ("checkout_zero_value", [checkout("T1"), checkout("T2", "0"), checkout("T3", "-5")], [13, 14]),
    (
        "checkout_missing_transaction_id",
        [checkout("T1"), checkout(""), line(event="checkout_completed")],
        [13, 14],
    ),
    ("checkout_corrupt_items", [checkout("T1"), checkout("T2", "10", "null")], [13]),
    (
        "checkout_unparseable",
        [checkout("T1"), line(event="checkout_completed", data="{oops")],
        [13],
    ),
    ("zero_revenue", [checkout("T1"), checkout("T2", "0"), checkout("T3", "null")], [13, 14]),
    ("missing_client_id", [line(), line(""), line("null")], [13, 14]),
    ("missing_timestamp", [line(at="")], [12]),
    ("missing_event_name", [line(event=" ")], [12]),
    ("anomaly_missing_client_id_ratio", [line("")], [12]),
    ("out_of_day_rows", [line(at="2025-03-11T00:00:00Z"), line()], [12]),
    ("referrer_null", [line(), line(referrer="")], [2, 4, 6, 8, 10]),
    ("referrer_synthetic", [line(referrer="https://source-0a1b2c3d.com/x"), line()], [12]),
    ("malformed_rows", ["a,b", line(), f"{line()},more"], [12, 14]),
]


@pytest.mark.parametrize(("check", "lines", "numbers"), CASES, ids=[case[0] for case in CASES])
def test_the_rows_are_those_that_the_check_is_about(
    tmp_path: Path, check: str, lines: list[str], numbers: list[int]
) -> None:
    """Each with its line; those that share an id stand next to each other."""
    evidence = shown(tmp_path, check, lines)
    assert (evidence["check"], evidence["stage"]) == (check, "raw")
    assert [known["line"] for known in evidence["rows"]] == numbers


def test_a_check_without_such_rows_says_that_there_are_none(tmp_path: Path) -> None:
    """Rather than showing some others."""
    evidence = shown(tmp_path, "checkout_duplicate_transaction_id", [checkout("T1"), checkout("T2")])
    assert evidence["rows"] == []
    done = call("explain", str(DAY), "checkout_zero_value", "--data.dir", tmp_path, *AS_OF)
    assert "No orders with a revenue of zero or less were found in the raw file." in done.stdout


@pytest.mark.parametrize(
    "check", ["silence", "partition_late", "unaccounted_rows", "task_failed", "anomaly_events"]
)
def test_what_no_row_can_show_shows_none(tmp_path: Path, check: str) -> None:
    """A silence has no rows."""
    assert shown(tmp_path, check, []) is None


def test_rows_of_the_clean_stage_come_from_the_clean_file(tmp_path: Path) -> None:
    """With their lines there."""
    write_day(tmp_path, DAY)
    put(tmp_path, DAY, Stage.CLEAN, f"{content(DAY, 96, Stage.CLEAN)}\n{line('')},host")
    done = call("explain", str(DAY), "clean_missing_mandatory", "--json", "--data.dir", tmp_path, *AS_OF)
    evidence = json.loads(done.stdout)["evidence"]
    assert (evidence["stage"], [known["line"] for known in evidence["rows"]]) == ("clean", [98])


def test_nothing_personal_is_shown_of_malformed_lines_either(tmp_path: Path) -> None:
    """No column says what is in a field; asked for, everything is shown."""
    masked = shown(tmp_path, "malformed_rows", ["secret@example.com,b"])
    assert masked["rows"] == [
        {
            "line": 12,
            "fields": ["aaaaaa@aaaaaaa.aaa", "a"],
            "count": 2,
            "expected": 7,
        }
    ]
    bare = shown(tmp_path, "malformed_rows", ["secret@example.com,b"], "--unmask")
    assert bare["rows"][0]["fields"] == ["secret@example.com", "b"]
    text = call("explain", str(DAY), "malformed_rows", "--data.dir", tmp_path, *AS_OF).stdout
    assert "line 12: 2 fields, the header has 7" in text
    assert "--unmask" in text
    assert "secret" not in text


def test_an_unclosed_quote_costs_the_lines_up_to_the_next_record(tmp_path: Path) -> None:
    """As in the figures: a line with the header's fields and a timestamp starts a new record."""
    path = tmp_path / "events.csv"
    header = "client_id,timestamp,event_name"
    good = "c,2025-03-10T10:00:00Z,e"
    path.write_text(
        f'{header}\n{good}\n"open,2025-03-10T10:00:00Z,e\nx\n{good}\n"a\nb",2025-03-10T10:00:00Z,e\n{good}'
    )
    part = PartFile(path, take_stamp(path.stat()))
    found = [(record.line, record.row is not None) for record in read_records(part, RAW)]
    assert found == [(2, True), (3, False), (5, True), (6, True), (8, True)]


def test_every_check_of_a_file_s_rows_has_rows_to_show() -> None:
    """A new check on rows must say which; those about whole files, days and tasks have none."""
    trends = {trend.name: trend for trend in TRENDS}
    wordless = {check.name for check in CHECKS if evidence_of(check, trends, {}, EVENTS.tables) is None}
    of_rows = ("checkout_", "referrer_", "missing_", "malformed_")
    assert not [name for name in wordless if name.startswith(of_rows)]
    assert {"silence", "partition_missing", "task_slow"} <= wordless


def test_reject_reasons_are_told_of_a_check_that_is_about_them(tmp_path: Path) -> None:
    """Not below the two rows of a repeated id."""
    shown(tmp_path, "malformed_rows", ["a,b"])
    asked = ("--data.dir", tmp_path, *AS_OF)
    assert "Reject reasons" in call("explain", str(DAY), "reject_ratio", *asked).stdout
    assert "Reject reasons" not in call("explain", str(DAY), "malformed_rows", *asked).stdout


def test_rows_of_a_compressed_file_are_shown_by_their_plain_lines(tmp_path: Path) -> None:
    """The same as of the plain file; of one that is cut off none, and no error."""
    plain = shown(tmp_path, "checkout_duplicate_transaction_id", [checkout("T1"), line(), checkout("T1")])
    assert [row["line"] for row in plain["rows"]] == [12, 14]
    raw = tmp_path / f"events_{DAY:%Y%m%d}.csv"
    packed = raw.with_name(f"{raw.name}.gz")
    packed.write_bytes(gzip.compress(raw.read_bytes()))
    raw.unlink()
    explain = ("explain", str(DAY), "checkout_duplicate_transaction_id", "--json", "--data.dir", tmp_path)
    done = call(*explain, *AS_OF)
    assert (done.returncode, json.loads(done.stdout)["evidence"]) == (0, plain)
    packed.write_bytes(packed.read_bytes()[:-30])
    done = call(*explain, *AS_OF)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["evidence"] is None
