"""Coverage 5 to 7: events, commerce, referrers, and time inside the day."""

from collections.abc import Iterator, Mapping

from exporter.figures.metric import (
    Metric,
    Sample,
    Settings,
    fold,
    per_partition,
    per_profile,
    per_profile_and,
    ratio,
    seconds,
)
from exporter.model import Defect, PartitionFacts, Profile
from exporter.plain import plain


def _events(profile: Profile, settings: Settings) -> Iterator[tuple[str, float]]:
    named = dict.fromkeys(settings.known_events, 0)
    other = profile.events_overflow
    for name, count in profile.events.items():
        if name in named:
            named[name] = count
        else:
            other += count
    yield from ((name, float(count)) for name, count in named.items() if name != "other")
    yield "other", float(other + named.get("other", 0))


def _shapes(profile: Profile, settings: Settings) -> Iterator[tuple[str, float]]:
    yield from fold(profile.timestamp_shapes, profile.timestamp_shapes_overflow, settings.most_label_values)


def _defects(profile: Profile, _: Settings) -> Iterator[tuple[str, float]]:
    yield from ((defect.value, float(count)) for defect, count in profile.defects.items())


def _vanished(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    if facts.changes is not None:
        yield from _largest(facts.changes.vanished, settings)


def _appeared(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    if facts.changes is not None:
        yield from _largest(facts.changes.appeared, settings)


def _largest(rows: Mapping[str, float], settings: Settings) -> Iterator[Sample]:
    """Yield the names with the most rows; a flood of new names is one finding, not a series each."""
    ranked = sorted(rows.items(), key=lambda item: (-item[1], item[0]))[: settings.most_label_values]
    yield from (((plain(name),), float(count)) for name, count in ranked)


METRICS: tuple[Metric, ...] = (
    per_profile_and(
        "puffy_partition_events",
        "Rows by known event name, the rest as `other`; rows without a name are left out.",
        "event_name",
        _events,
    ),
    Metric(
        "puffy_partition_vanished_event_rows",
        "Usual rows a day of each event name that every day before had and this one has not (raw).",
        _vanished,
        ("event_name",),
    ),
    Metric(
        "puffy_partition_new_event_rows",
        "Rows of each event name that is neither known nor was there on the days before (raw).",
        _appeared,
        ("event_name",),
    ),
    per_partition(
        "puffy_partition_lost_orders",
        "Usual orders a day, where every day before had some and this one has none (raw).",
        lambda facts: None if facts.changes is None else facts.changes.lost_orders,
    ),
    per_profile(
        "puffy_partition_checkouts",
        "Rows with event name `checkout_completed`.",
        lambda profile: float(profile.checkouts),
    ),
    per_profile_and(
        "puffy_partition_checkout_defects",
        "Checkout rows with a defect; one row can have several.",
        "defect",
        _defects,
        tuple(defect.value for defect in Defect),
    ),
    per_profile(
        "puffy_partition_revenue",
        "Sum of finite revenue over checkouts, in the shop's currency.",
        lambda profile: profile.revenue,
    ),
    per_profile(
        "puffy_partition_referrer_null_ratio",
        "Share of rows without a referrer; 1 where the column is absent.",
        lambda profile: ratio(profile.referrer_null, profile.rows),
    ),
    per_profile(
        "puffy_partition_referrer_synthetic_ratio",
        "Share of rows whose referrer's host is a placeholder, source-<8 hex>.com.",
        lambda profile: ratio(profile.referrer_synthetic, profile.rows),
    ),
    per_profile(
        "puffy_partition_unparseable_timestamps",
        "Rows with a timestamp that cannot be read.",
        lambda profile: float(profile.unparseable_timestamps),
    ),
    per_profile_and(
        "puffy_partition_unparseable_timestamp_shapes",
        "Rows with a timestamp that cannot be read, by what it looks like.",
        "shape",
        _shapes,
    ),
    per_profile(
        "puffy_partition_out_of_day_rows",
        "Rows whose timestamp falls outside the partition's day.",
        lambda profile: float(profile.out_of_day_rows),
    ),
    per_profile(
        "puffy_partition_first_event_timestamp_seconds",
        "Earliest event.",
        lambda profile: seconds(profile.first_event_ns),
    ),
    per_profile(
        "puffy_partition_last_event_timestamp_seconds",
        "Latest event.",
        lambda profile: seconds(profile.last_event_ns),
    ),
    per_profile(
        "puffy_partition_longest_silence_seconds",
        "Longest run of whole minutes of the day without an event; unknown where too many rows have no time.",
        lambda profile: _float(profile.longest_silence_seconds),
    ),
)


def _float(number: int | None) -> float | None:
    return None if number is None else float(number)
