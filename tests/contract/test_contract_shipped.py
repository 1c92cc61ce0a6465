"""The contract that ships: what the exporter has always judged."""

from datetime import date, time
from importlib.resources import files

import yaml
from feeds import EXPECTED_COLUMNS, MANDATORY_FIELDS, TRENDS

from exporter.contract.load import parse_feed, shipped_feed
from exporter.history.band import BandSpec
from exporter.history.trend import SHIPPED
from exporter.model import Stage


def test_it_has_the_columns_of_each_stage() -> None:
    """In the order that schema figures name them in."""
    feed = shipped_feed()
    assert {stage: table.names for stage, table in feed.tables.items()} == dict(EXPECTED_COLUMNS)
    assert {table.required for table in feed.tables.values()} == {MANDATORY_FIELDS}
    assert {table.event_time for table in feed.tables.values()} == {"timestamp"}
    assert [feed.table(stage).reason for stage in Stage] == [None, None, "dq_reason"]
    assert {table.packs for table in feed.tables.values()} == {("web-orders",)}
    assert not any(table.typed for table in feed.tables.values())


def test_it_has_the_paths_of_each_stage() -> None:
    """As upstream has always written them."""
    day = date(2025, 3, 9)
    assert [shipped_feed().table(stage).path.format(day) for stage in Stage] == [
        "events_20250309.csv",
        "raw_clean/events_20250309_clean.csv",
        "raw_rejects/events_20250309_bad.csv",
    ]


def test_it_promises_what_the_configuration_does() -> None:
    """Due at six, clean files two hours later, every day."""
    feed = shipped_feed()
    assert (feed.service.due_time, feed.service.zone, feed.service.grace_seconds) == (time(6), "UTC", 7200)
    assert len(feed.service.weekdays) == 7
    assert (feed.id, feed.owner.team, feed.owner.contact) == ("events", "data-engineering", None)


def test_it_knows_the_other_names_of_columns() -> None:
    """As tags and exports have spelled them."""
    for table in shipped_feed().tables.values():
        assert table.aliases == {"clientId": "client_id", "ts": "timestamp", "eventData": "event_data"}


def test_it_follows_the_trends_that_always_were() -> None:
    """Name, metric, labels and the way that each is judged."""
    found = [
        (trend.name, trend.metric, tuple(trend.labels.values()), BandSpec.model_validate(trend.band))
        for trend in shipped_feed().trends
    ]
    assert [one[:3] for one in found] == [(trend.name, trend.metric, trend.labels) for trend in TRENDS]
    assert [one[3].over(SHIPPED[one[3].method]) for one in found] == [trend.band for trend in TRENDS]


def test_nothing_of_it_is_beyond_the_tool() -> None:
    """It is the example that others start from."""
    text = files("exporter").joinpath("feeds", "events.yaml").read_text()
    assert parse_feed(text, "events.yaml").warnings == ()
    assert yaml.safe_load(text)["id"] == "events"
