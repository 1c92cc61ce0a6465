"""The upstream DQ step keeps account: each raw row is clean or rejected with a reason."""

import ast
import csv
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from feeds import EXPECTED_COLUMNS, RAW_COLUMNS

from exporter.demo.days import generate_day, write_day
from exporter.demo.incidents import Incident
from exporter.demo.rows import CART, CHECKOUT_STARTED, EMAIL, ORDER, PAGE_VIEWED, Recipe
from exporter.demo.upstream import Sorted, Table, run_dq, sort_rows
from exporter.model import Stage

DAY = date(2025, 3, 5)
AT = datetime(2025, 3, 7, 6, 15, tzinfo=UTC)
SMALL = Recipe(rows=100)
GOOD_ORDER = '{"revenue": 10, "items": [{"item_id": "A", "item_price": null}]}'
NO_DATA = "missing_or_unparseable_event_data"
NO_REVENUE = "checkout_invalid_or_zero_revenue"
NO_ITEMS = "checkout_bad_or_missing_items"


def judge(event_name: str, event_data: str = "", client_id: str = "c") -> str:
    """Return the reason for which one row is rejected, empty if it is clean."""
    row = (client_id, "https://page.example/", "", "2025-03-05T00:00:00Z", event_name, event_data, "agent")
    result = sort_rows(Table(RAW_COLUMNS, (row,)))
    return result.rejects.rows[0][-1] if result.rejects.rows else ""


def sort_day(*incidents: Incident, rows: int = 1000) -> tuple[Table, Sorted]:
    """Generate a day and send it through the step."""
    day = generate_day(DAY, Recipe(rows=rows), incidents)
    raw = Table(day.header, day.rows)
    return raw, sort_rows(raw)


def read(path: Path) -> list[list[str]]:
    """Read a CSV file strictly."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


@pytest.mark.parametrize(
    ("event_name", "event_data"),
    [
        (PAGE_VIEWED, ""),
        (EMAIL, "not json"),
        (CART, "{}"),
        (CHECKOUT_STARTED, "{}"),
        (ORDER, GOOD_ORDER),
    ],
)
def test_sound_rows_pass(event_name: str, event_data: str) -> None:
    """Event data matters on commerce rows only, and prices are ignored."""
    assert judge(event_name, event_data) == ""


@pytest.mark.parametrize(
    ("event_name", "event_data", "client_id", "reason"),
    [
        (PAGE_VIEWED, "", "", "missing_client_id"),
        (CART, "", "c", NO_DATA),
        (CHECKOUT_STARTED, "[]", "c", NO_DATA),
        (CART, "", "", f"missing_client_id|{NO_DATA}"),
        (ORDER, "{", "c", NO_DATA),
        (ORDER, '{"items": [{"item_id": "A"}]}', "c", NO_REVENUE),
        (ORDER, '{"revenue": 0, "items": [{"item_id": null}]}', "c", f"{NO_REVENUE}|{NO_ITEMS}"),
        (ORDER, '{"revenue": 5, "items": []}', "c", NO_ITEMS),
    ],
)
def test_rejects_say_why(event_name: str, event_data: str, client_id: str, reason: str) -> None:
    """Each fault of a row is named, joined by a bar."""
    assert judge(event_name, event_data, client_id) == reason


@pytest.mark.parametrize("incident", Incident)
def test_every_row_is_accounted_for(incident: Incident) -> None:
    """Clean rows and rejects together are the raw rows, each once, whatever went wrong."""
    raw, result = sort_day(incident)
    width = len(raw.header)
    assert len(result.clean.rows) + len(result.rejects.rows) == len(raw.rows)
    together = Counter(row[:width] for row in (*result.clean.rows, *result.rejects.rows))
    assert together == Counter(raw.rows)


def test_a_healthy_day_loses_few_rows() -> None:
    """About 3% are rejected: missing client ids and carts without event data."""
    raw, result = sort_day(rows=3500)
    assert 0.025 < len(result.rejects.rows) / len(raw.rows) < 0.04
    assert {row[-1] for row in result.rejects.rows} == {"missing_client_id", NO_DATA}


def test_the_columns_grow() -> None:
    """Clean rows gain the referrer's host, rejects the reason as well."""
    _, result = sort_day()
    assert result.clean.header == EXPECTED_COLUMNS[Stage.CLEAN]
    assert result.rejects.header == (*EXPECTED_COLUMNS[Stage.CLEAN], "dq_reason")


def test_the_host_is_the_referrers() -> None:
    """The host is taken from web and app referrers alike, and empty if there is no referrer."""
    _, result = sort_day()
    hosts = {row[2]: row[-1] for row in result.clean.rows}
    assert hosts[""] == ""
    assert hosts["https://www.lookup.example/"] == "www.lookup.example"
    assert hosts["app://com.lookup.quicksearch/"] == "com.lookup.quicksearch"


def test_a_renamed_column_is_renamed_back() -> None:
    """The step copes with ``clientId``: it writes ``client_id`` and keeps the rows."""
    _, healthy = sort_day()
    _, renamed = sort_day(Incident.RENAMED_ID_COLUMN)
    assert renamed == healthy


def test_a_lost_column_rejects_all() -> None:
    """Every row is rejected for the schema, and the clean table has a header without the column."""
    raw, result = sort_day(Incident.LOST_COLUMN)
    assert result.clean == Table(raw.header, ())
    assert result.rejects.header == (*raw.header, "dq_reason")
    assert {row[-1] for row in result.rejects.rows} == {"schema_mismatch_missing_columns:referrer"}


def test_hollow_orders_are_rejected_for_both_faults() -> None:
    """Orders of no value are rejected for their revenue and their items; orders without prices are not."""
    _, hollow = sort_day(Incident.ZERO_VALUE_ORDERS)
    _, unpriced = sort_day(Incident.NULL_ITEM_PRICES)
    assert f"{NO_REVENUE}|{NO_ITEMS}" in {row[-1] for row in hollow.rejects.rows}
    assert {row[-1] for row in unpriced.rejects.rows} == {"missing_client_id", NO_DATA}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Provide a healthy day, one without a column, and an empty one."""
    incidents = ((), (Incident.LOST_COLUMN,), (Incident.EMPTY,))
    for ahead, what in enumerate(incidents):
        write_day(tmp_path, DAY + timedelta(days=ahead), SMALL, what)
    return tmp_path


def test_the_summary_says_what_the_files_hold(directory: Path) -> None:
    """Each line's figures are the rows counted in the three files."""
    run_dq(directory, AT)
    header, *lines = read(directory / "dq_reports" / "dq_summary_20250307T061500Z.csv")
    assert header == ["file", "raw_rows", "clean_rows", "reject_rows", "reject_pct", "dq_reasons_sample"]
    assert [line[0] for line in lines] == [f"events_2025030{day}.csv" for day in (5, 6, 7)]
    for name, raw, clean, rejects, percent, sample in lines:
        rejected = read(directory / "raw_rejects" / name.replace(".csv", "_bad.csv"))[1:]
        assert int(raw) == len(read(directory / name)) - 1
        assert int(clean) == len(read(directory / "raw_clean" / name.replace(".csv", "_clean.csv"))) - 1
        assert int(rejects) == len(rejected)
        assert float(percent) == pytest.approx(100 * len(rejected) / max(1, int(raw)), abs=0.0005)
        assert set(ast.literal_eval(sample)) == {row[-1] for row in rejected}
    assert [line[4] for line in lines[1:]] == ["100.0", "0.0"]


def test_the_manifest_names_the_files(directory: Path) -> None:
    """It lists raw, clean and reject paths of the upstream host for each partition."""
    run_dq(directory, AT)
    manifest = json.loads((directory / "dq_reports" / "manifest_20250307T061500Z.json").read_text())
    assert len(manifest) == 3
    for entry in manifest:
        assert set(entry) == {"raw", "clean", "reject"}
        for path in entry.values():
            assert path.startswith("/srv/pipeline/")
            assert (directory / path.removeprefix("/srv/pipeline/")).is_file()


def test_the_stamp_is_utc(directory: Path) -> None:
    """A report made elsewhere on the globe bears the time in UTC, as name and as mtime."""
    run_dq(directory, AT.astimezone(timezone(timedelta(hours=-5))))
    summary = directory / "dq_reports" / "dq_summary_20250307T061500Z.csv"
    assert summary.stat().st_mtime == AT.timestamp()


def test_an_older_report_stays(directory: Path) -> None:
    """Each run writes files of its own."""
    run_dq(directory, AT)
    run_dq(directory, AT + timedelta(days=1))
    assert len(list((directory / "dq_reports").iterdir())) == 4


def spoil_encoding(directory: Path) -> None:
    """Make the first raw file unreadable to upstream."""
    with (directory / "events_20250305.csv").open("ab") as file:
        file.write(b"\xff\xfe\n")


def forget_rejects(directory: Path) -> None:
    """Undo the step for the first day."""
    (directory / "raw_rejects" / "events_20250305_bad.csv").unlink()


@pytest.mark.parametrize("spoil", [spoil_encoding, forget_rejects])
def test_what_upstream_could_not_do_is_in_no_report(directory: Path, spoil: object) -> None:
    """A raw file that is unreadable, or not sorted yet, is left out of both reports."""
    assert callable(spoil)
    spoil(directory)
    run_dq(directory, AT)
    reports = directory / "dq_reports"
    assert "20250305" not in (reports / "dq_summary_20250307T061500Z.csv").read_text()
    assert len(json.loads((reports / "manifest_20250307T061500Z.json").read_text())) == 2
