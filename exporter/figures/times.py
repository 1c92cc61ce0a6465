"""Time inside the day: when the rows' events happened, by the column that the contract names."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from exporter.feed import Table
from exporter.metric import Metric, Settings, fold, per_profile, per_profile_and, seconds
from exporter.model import Profile


def _shapes(profile: Profile, settings: Settings) -> Iterator[tuple[str, float]]:
    if profile.event_time is not None:
        yield from fold(
            profile.timestamp_shapes, profile.timestamp_shapes_overflow, settings.most_label_values
        )


def _per_timed(name: str, help_text: str, value: Callable[[Profile], float]) -> Metric:
    """Declare a metric of the stages whose rows have an event time."""
    return per_profile(
        name, help_text, lambda profile: None if profile.event_time is None else value(profile)
    )


def _event_time(table: Table) -> tuple[str, ...]:
    return () if table.event_time is None else (table.event_time,)


_DECLARED: tuple[Metric, ...] = (
    _per_timed(
        "puffy_partition_unparseable_timestamps",
        "Rows with a timestamp that cannot be parsed.",
        lambda profile: float(profile.unparseable_timestamps),
    ),
    per_profile_and(
        "puffy_partition_unparseable_timestamp_shapes",
        "Rows with a timestamp that cannot be parsed, by its shape.",
        "shape",
        _shapes,
    ),
    _per_timed(
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
        "Longest run of whole minutes of the day without events; unknown if too many rows have no time.",
        lambda profile: _float(profile.longest_silence_seconds),
    ),
)

METRICS = tuple(replace(metric, reads=_event_time) for metric in _DECLARED)


def _float(number: int | None) -> float | None:
    return None if number is None else float(number)
