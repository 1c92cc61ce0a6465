"""The shipped feed and its derived values, for tests that take them as given."""

from dataclasses import replace
from typing import Any

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Check
from exporter.contract.load import shipped_feed
from exporter.history.detection import Method
from exporter.history.followed import trends_of
from exporter.history.trend import SHIPPED, Band
from exporter.metric import Settings
from exporter.model import Profile, Stage
from exporter.pipeline.assemble import Rules
from exporter.profiling.order_tally import NAME, WebOrders, orders_of

EVENTS = shipped_feed()
RAW = EVENTS.raw
TABLES = EVENTS.tables
EXPECTED_COLUMNS = {stage: table.names for stage, table in EVENTS.tables.items()}
RAW_COLUMNS = RAW.names
MANDATORY_FIELDS = RAW.required
TRENDS = trends_of(EVENTS)
VOLUME = SHIPPED[Method.WEEKDAY]
SHARE = Band(method=Method.RATE, min_change=0.002)
BANDS = {trend.name: trend.band for trend in TRENDS}
CHECKS: tuple[Check, ...] = load_catalogue(BANDS)
SETTINGS = Settings(feed=EVENTS, known_events=RAW.column("event_name").limits.values or ())  # type: ignore[union-attr]  # it has one
RULES = Rules(SETTINGS, CHECKS, TRENDS)

PLAIN = {
    stage: replace(table, columns=tuple(replace(column, aliases=()) for column in table.columns))
    for stage, table in TABLES.items()
}
"""The tables as if their columns had no other names."""
PLAIN_RAW = PLAIN[Stage.RAW]
ORDER_FIELDS = frozenset(WebOrders.__slots__)


def orders(profile: Profile) -> WebOrders:
    """Return the figures of the events feed's pack in a file."""
    found = orders_of(profile)
    assert found is not None
    return found


def altered(profile: Profile, **changes: Any) -> Profile:
    """Return the profile with other figures, of its pack or of its own."""
    packed = {name: value for name, value in changes.items() if name in ORDER_FIELDS}
    own = {name: value for name, value in changes.items() if name not in ORDER_FIELDS}
    if packed:
        own["packs"] = {**profile.packs, NAME: replace(orders(profile), **packed)}
    return replace(profile, **own)
