"""Proposed trends and checks are sensible, and none fires on the inspected days."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sniff_files import days, orders, write, write_days

from exporter.contract.load import parse_feed
from exporter.contract.write import contract_text
from exporter.errors import UserError
from exporter.feed import Feed
from exporter.model import Stage
from exporter.profiling.missing import is_missing
from exporter.sniff.sniff import Proposal, sniff


def trends(feed: Feed) -> dict[str, tuple[str, str | None, object]]:
    """Return each trend's metric, column and method."""
    return {one.name: (one.metric, one.labels.get("column"), one.band["method"]) for one in feed.trends}


def gappy(day: date) -> str:
    """Return orders that all lack a note, and some their country and region together."""
    lines = ["order_id,country,region,note,total_price"]
    for row in range(40):
        place = "," if row % 5 == 0 else "DE,north"
        lines.append(f"{day:%j}{row},{place},,{row}.5")
    return "\n".join(lines) + "\n"


def test_rows_amounts_and_gaps_are_followed(tmp_path: Path) -> None:
    """One of several columns with the same gaps is enough; a column that is always empty has no trend."""
    feed = sniff([write_days(tmp_path, 8, content=gappy)]).feed
    assert trends(feed) == {
        "rows": ("puffy_partition_rows", None, "weekday"),
        "total_price": ("puffy_column_sum_of_values", "total_price", "weekday"),
        "missing_country": ("puffy_column_missing_ratio", "country", "rate"),
    }


def test_every_amount_has_a_trend_whatever_its_name(tmp_path: Path) -> None:
    """Names that start with a digit, have brackets, are equal as a trend's name, or only when cut to 64."""
    long = f"{'x' * 70} price"
    header = f"id,1 price,price (EUR),total price,total_price,{long}"
    content = f"{header}\n" + "".join(f"{row},1.5,2.5,3.5,4.5,5.5\n" for row in range(30))
    proposal = sniff([write_days(tmp_path, 3, content=lambda _: content)])
    assert {name: column for name, (_, column, _) in trends(proposal.feed).items()} == {
        "rows": None,
        "sum_1_price": "1 price",
        "price_eur": "price (EUR)",
        "total_price": "total price",
        "total_price_2": "total_price",
        "x" * 64: long,
    }
    assert loaded(proposal) == proposal.feed


def test_long_names_that_begin_alike_have_a_trend_each(tmp_path: Path) -> None:
    """A trend's name has at most 64 characters, its number included."""
    one, other = (f"{'x' * 70} price {letter}" for letter in "ab")
    content = f"id,{one},{other}\n" + "".join(f"{row},1.5,2.5\n" for row in range(30))
    proposal = sniff([write_days(tmp_path, 3, content=lambda _: content)])
    assert list(trends(proposal.feed)) == ["rows", "x" * 64, f"{'x' * 62}_2"]
    assert loaded(proposal) == proposal.feed


def loaded(proposal: Proposal) -> Feed:
    """Return the feed as its written contract is read; there is nothing to warn of."""
    found = parse_feed(contract_text(proposal.feed, proposal.notes), "x.yaml")
    assert found.warnings == ()
    return found.feed


def missing_values(feed: Feed) -> dict[str, str]:
    """Return the column of each check for missing values, by the check's name."""
    return {
        name: check["value"]["labels"]["column"]
        for name, check in feed.checks.items()
        if check.get("value", {}).get("metric") == "puffy_column_missing_rows"
    }


NAMES = {
    "Cyrillic": (
        ["номер", "время", "сумма", "заметка"],
        ["column_1", "column_2", "column_3", "column_4"],
    ),
    "Greek and Latin": (["ημέρα", "τιμή (EUR)", "id"], ["column_1", "eur", "id"]),
    "only punctuation": (["#", "id", "%"], ["column_1", "id", "column_3"]),
    "named like a place": (["№", "column_1", "column 1"], ["other_column_1", "column_1", "column_1#2"]),
    "punctuation": (["a-b", "a_b", "A B", "a_b_2"], ["a_b", "a_b#2", "a_b#3", "a_b_2"]),
    "case": (["Id", "ID", "id"], ["id", "id#2", "id#3"]),
    "equal in the alert": (["a1", "a_1"], ["a1", "a_1#2"]),
    "different in the alert": (["ab", "a_b"], ["ab", "a_b"]),
}


@pytest.mark.parametrize("given", NAMES)
def test_every_required_column_has_a_check_whatever_its_name(tmp_path: Path, given: str) -> None:
    """Names are distinct, in the contract and in the alerts; those that are so by themselves are kept."""
    names, chosen = NAMES[given]
    slugs = [(slug, number and f"_{number}") for slug, _, number in (one.partition("#") for one in chosen)]
    content = ",".join(names) + "\n" + "".join(",".join([f"x{row}"] * len(names)) + "\n" for row in range(9))
    proposal = sniff([write_days(tmp_path, 3, content=lambda _: content)])
    assert proposal.feed.raw.required == tuple(names)
    expected = [f"raw_{slug}_missing_values{number}" for slug, number in slugs]
    assert missing_values(proposal.feed) == dict(zip(expected, names, strict=True))
    alerts = [check["alert"] for check in proposal.feed.checks.values() if "alert" in check]
    assert len(set(alerts)) == len(alerts)
    assert loaded(proposal) == proposal.feed


def test_a_time_that_is_not_named_in_latin_letters_is_vital(tmp_path: Path) -> None:
    """Like any event time, in each stage; missing values of other columns in one have a trend each."""

    def content(day: date) -> str:
        rows = "".join(f"{row},{day}T{row:02}:00:00Z,{row % 2 or ''},{row % 3 or ''}\n" for row in range(24))
        return f"номер,время,город,заметка\n{rows}"

    for folder in ("raw", "clean"):
        write(tmp_path, {f"{folder}/{day}.csv": content(day) for day in days(8)})
    proposal = sniff([tmp_path])
    assert missing_values(proposal.feed) == {
        "raw_column_1_missing_values": "номер",
        "raw_column_2_missing_values": "время",
        "clean_column_2_missing_values": "время",
    }
    assert proposal.feed.checks["raw_column_2_missing_values"]["limits"] == {"critical": 0}
    assert [(name, column) for name, (_, column, _) in trends(proposal.feed).items()] == [
        ("rows", None),
        ("missing_column_3", "город"),
        ("missing_column_4", "заметка"),
    ]
    assert loaded(proposal) == proposal.feed


def test_checks_ask_for_values_and_keys(tmp_path: Path) -> None:
    """A missing key or time is critical, other required values are warnings; rows have a built-in check."""
    checks = sniff([write_days(tmp_path, 8)]).feed.checks
    assert {name: (one["compare"], one["limits"]) for name, one in checks.items() if "value" in one} == {
        "raw_order_id_missing_values": ("!=", {"critical": 0}),
        "raw_ordered_at_missing_values": ("!=", {"critical": 0}),
        "raw_country_missing_values": ("!=", {"warning": 0}),
        "raw_amount_missing_values": ("!=", {"warning": 0}),
        "raw_email_missing_values": ("!=", {"warning": 0}),
        "raw_duplicate_values": ("!=", {"warning": 0}),
    }
    assert checks["raw_order_id_missing_values"]["alert"] == "PuffyRawOrderIdMissingValues"


def test_no_checks_are_proposed_for_rejects(tmp_path: Path) -> None:
    """Every rejected row has something wrong with it."""
    for folder in ("raw", "clean", "rejects"):
        write(tmp_path, {f"{folder}/{day}.csv": orders(day) for day in days(8)})
    stages = {
        one["value"]["labels"]["stage"] for one in sniff([tmp_path]).feed.checks.values() if "value" in one
    }
    assert stages == {"raw", "clean"}


def test_an_empty_stage_is_ignored(tmp_path: Path) -> None:
    """If nothing was ever rejected, files without a header reveal no columns."""
    write(tmp_path, {f"orders/{day}.csv": orders(day) for day in days(8)})
    write(tmp_path, {f"orders_rejected/{day}.csv": "" for day in days(8)})
    proposal = sniff([tmp_path])
    assert proposal.feed.stages == (Stage.RAW,)
    assert proposal.hints[0].startswith("also found: 8 files")


def test_tables_without_a_name_in_the_header_are_refused(tmp_path: Path) -> None:
    """There is no name for any column."""
    with pytest.raises(UserError, match="no column has a name"):
        sniff([write_days(tmp_path, 3, content=lambda _: ",,\nx,y,z\n")])


def figure(rows: list[dict[str, str]], value: Mapping[str, Any], key: tuple[str, ...]) -> int:
    """Return a figure of a day's rows, computed in the simplest way."""
    column = value["labels"].get("column")
    if value["metric"] == "puffy_partition_rows":
        return len(rows)
    if value["metric"] == "puffy_column_missing_rows":
        return sum(is_missing(row[column]) for row in rows)
    assert value["metric"] == "puffy_partition_duplicate_keys"
    return len(rows) - len({tuple(row[name] for name in key) for row in rows})


@pytest.mark.parametrize("content", [orders, gappy])
def test_no_check_fires_on_the_inspected_days(tmp_path: Path, content: Any) -> None:
    """The figures are computed independently."""
    feed = sniff([write_days(tmp_path, 8, content=content)]).feed
    for path in tmp_path.glob("*.csv"):
        with path.open() as file:
            rows = list(csv.DictReader(file))
        for check in feed.checks.values():
            if "value" in check:
                found = figure(rows, check["value"], feed.raw.key)
                assert found > 0 if check["compare"] == "<=" else found == 0


def test_a_year_of_days_is_inspected_within_seconds(tmp_path: Path) -> None:
    """Files of 100 kB each, of which eight are read for columns."""
    content = orders(date(2025, 3, 3), 1800)
    write(tmp_path, {f"orders_{day}.csv": content for day in days(365)})
    assert sniff([tmp_path]).looked.days == 365
