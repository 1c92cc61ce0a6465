"""Proposed trends and checks are sensible, and none fires on the inspected days."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sniff_files import days, orders, write, write_days

from exporter.errors import UserError
from exporter.feed import Feed
from exporter.model import Stage
from exporter.profiling.missing import is_missing
from exporter.sniff.sniff import sniff


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


def test_names_that_no_trend_can_have_are_left_out(tmp_path: Path) -> None:
    """Names that start with a digit, have brackets, or result in the same trend name."""
    header = "id,1 price,price (EUR),total price,total_price"
    content = f"{header}\n" + "".join(f"{row},1.5,2.5,3.5,4.5\n" for row in range(30))
    assert list(trends(sniff([write_days(tmp_path, 3, content=lambda _: content)]).feed)) == [
        "rows",
        "total_price",
    ]


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
