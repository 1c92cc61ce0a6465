"""Each incident changes a healthy day in its own way and in no other."""

import json
from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from feeds import RAW_COLUMNS

from exporter.demo.days import DayEvents, generate_day
from exporter.demo.incidents import Incident
from exporter.demo.rows import ORDER, PAGE_VIEWED, Recipe

DAY = date(2025, 3, 5)
CLIENT_ID, REFERRER, TIMESTAMP, EVENT_NAME, EVENT_DATA = (
    RAW_COLUMNS.index(name) for name in ("client_id", "referrer", "timestamp", "event_name", "event_data")
)
SIZES = [40, 3500]
NO_ITEM = dict.fromkeys(("item_id", "item_name", "item_variant", "quantity", "item_price"))

Cells = tuple[str, ...]


def make(size: int, *incidents: Incident) -> DayEvents:
    """Generate the day with these incidents."""
    return generate_day(DAY, Recipe(rows=size), incidents)


def changed(healthy: DayEvents, hit: DayEvents, column: int) -> list[tuple[Cells, Cells]]:
    """Return the rows that differ, after making sure that they differ in one column only."""
    pairs = [(before, after) for before, after in zip(healthy.rows, hit.rows, strict=True) if before != after]
    for before, after in pairs:
        assert [at for at in range(len(before)) if before[at] != after[at]] == [column]
    return pairs


def without(order: str, *keys: str) -> dict[str, object]:
    """Return an order without what the incident may touch."""
    return {key: value for key, value in json.loads(order).items() if key not in keys}


@pytest.mark.parametrize("size", SIZES)
def test_a_renamed_column_changes_the_header_alone(size: int) -> None:
    """``client_id`` becomes ``clientId``; every row stays as it was."""
    healthy, hit = make(size), make(size, Incident.RENAMED_ID_COLUMN)
    assert hit.header == tuple("clientId" if name == "client_id" else name for name in RAW_COLUMNS)
    assert healthy.header == RAW_COLUMNS
    assert hit.rows == healthy.rows


@pytest.mark.parametrize("size", SIZES)
def test_a_lost_column_takes_its_cells_along(size: int) -> None:
    """The referrer is gone from the header and from each row; the other cells stay."""
    healthy, hit = make(size), make(size, Incident.LOST_COLUMN)
    assert hit.header == tuple(name for name in RAW_COLUMNS if name != "referrer")
    assert hit.rows == tuple((*row[:REFERRER], *row[REFERRER + 1 :]) for row in healthy.rows)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ahead", range(7))
def test_missing_ids_are_fifteen_to_twenty_percent(size: int, ahead: int) -> None:
    """Page views lose their client id until 15 to 20% of the day's rows have none."""
    day = DAY + timedelta(days=ahead)
    healthy = generate_day(day, Recipe(rows=size))
    hit = generate_day(day, Recipe(rows=size), (Incident.MISSING_IDS,))
    pairs = changed(healthy, hit, CLIENT_ID)
    assert {before[EVENT_NAME] for before, _ in pairs} == {PAGE_VIEWED}
    assert 0.15 <= sum(not row[CLIENT_ID] for row in hit.rows) / len(hit.rows) <= 0.20


@pytest.mark.parametrize(("size", "expected"), [(40, 1), (3500, 2)])
def test_zero_value_orders_are_few_and_hollow(size: int, expected: int) -> None:
    """One or two orders have revenue 0 and one item of nulls; the rest of the order stays."""
    pairs = changed(make(size), make(size, Incident.ZERO_VALUE_ORDERS), EVENT_DATA)
    assert len(pairs) == expected
    for before, after in pairs:
        order = json.loads(after[EVENT_DATA])
        assert (order["revenue"], order["items"]) == (0, [NO_ITEM])
        assert without(after[EVENT_DATA], "revenue", "items") == without(
            before[EVENT_DATA], "revenue", "items"
        )


@pytest.mark.parametrize("size", SIZES)
def test_null_prices_hit_every_order(size: int) -> None:
    """Each item of each order loses its price and nothing else."""
    healthy = make(size)
    pairs = changed(healthy, make(size, Incident.NULL_ITEM_PRICES), EVENT_DATA)
    assert len(pairs) == sum(row[EVENT_NAME] == ORDER for row in healthy.rows)
    for before, after in pairs:
        items = [item | {"item_price": None} for item in json.loads(before[EVENT_DATA])["items"]]
        assert json.loads(after[EVENT_DATA])["items"] == items
        assert without(after[EVENT_DATA], "items") == without(before[EVENT_DATA], "items")


@pytest.mark.parametrize(("size", "expected"), [(40, 1), (3500, 2)])
def test_duplicate_orders_share_an_id(size: int, expected: int) -> None:
    """One or two orders bear the transaction id of another order of the day."""
    healthy, hit = make(size), make(size, Incident.DUPLICATE_ORDERS)
    pairs = changed(healthy, hit, EVENT_DATA)
    assert len(pairs) == expected
    for before, after in pairs:
        assert without(after[EVENT_DATA], "transaction_id") == without(before[EVENT_DATA], "transaction_id")
    ids = Counter(
        json.loads(row[EVENT_DATA])["transaction_id"] for row in hit.rows if row[EVENT_NAME] == ORDER
    )
    assert sum(ids.values()) - len(ids) == expected
    assert max(ids.values()) == 2


@pytest.mark.parametrize("size", SIZES)
def test_dropped_rows_are_a_third_of_the_day(size: int) -> None:
    """65% of the rows are left, in order and untouched, from all over the day."""
    healthy, hit = make(size), make(size, Incident.DROPPED_ROWS)
    assert abs(len(hit.rows) - 0.65 * len(healthy.rows)) <= 1
    remaining = iter(healthy.rows)
    assert all(row in remaining for row in hit.rows)
    assert longest_gap(hit) < timedelta(hours=2)


@pytest.mark.parametrize("size", SIZES)
def test_a_silent_afternoon_lasts_three_hours(size: int) -> None:
    """No event falls into about three hours after noon; the others stay as they were."""
    healthy, hit = make(size), make(size, Incident.SILENT_AFTERNOON)
    heard = set(hit.rows)
    lost = [row for row in healthy.rows if row not in heard]
    assert [row for row in healthy.rows if row in heard] == list(hit.rows)
    assert all("12:00" < row[TIMESTAMP][11:16] < "17:30" for row in lost)
    assert timedelta(hours=2, minutes=45) < longest_gap(hit) < timedelta(hours=4)
    assert longest_gap(healthy) < timedelta(hours=1, minutes=30)


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_day_has_a_header(size: int) -> None:
    """The header is whole, and there are no rows."""
    hit = make(size, Incident.EMPTY)
    assert (hit.header, hit.rows) == (RAW_COLUMNS, ())


@pytest.mark.parametrize("incident", [Incident.LATE, Incident.MISSING])
def test_what_concerns_the_file_leaves_the_content(incident: Incident) -> None:
    """A late or missing day would have held what a healthy one holds."""
    assert make(40, incident) == make(40)


@pytest.mark.parametrize("incidents", [(), *((incident,) for incident in Incident)])
def test_incidents_meet(incidents: Collection[Incident]) -> None:
    """A renamed column comes together with any other incident, and changes none of its rows."""
    alone = make(40, *incidents)
    together = make(40, Incident.RENAMED_ID_COLUMN, *incidents)
    assert together.rows == alone.rows
    assert together.header[0] == "clientId"


@pytest.mark.parametrize("incident", Incident)
@pytest.mark.parametrize("size", [1, 3])
def test_tiny_days_bear_every_incident(incident: Incident, size: int) -> None:
    """No incident needs more rows than there are."""
    assert len(make(size, incident).rows) <= size


def longest_gap(day: DayEvents) -> timedelta:
    """Return the longest time of the day without an event."""
    times = [datetime.fromisoformat(row[day.header.index("timestamp")]) for row in day.rows]
    midnight = times[0].replace(hour=0, minute=0, second=0, microsecond=0)
    bounds = [midnight, *times, midnight + timedelta(days=1)]
    return max(after - before for before, after in pairwise(bounds))
