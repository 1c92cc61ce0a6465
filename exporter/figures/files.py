"""Coverage 1 and 9: does the file exist, is it readable and on time, and how large is it."""

from collections.abc import Iterator

from exporter.feed import Table
from exporter.metric import (
    STAGE,
    Metric,
    Sample,
    Settings,
    counted,
    fold,
    per_partition,
    per_profile,
    per_profile_and,
    per_stage,
    seconds,
)
from exporter.model import PartitionFacts, Profile


def missing_columns(table: Table, profile: Profile) -> list[str]:
    """Return the expected columns that a header lacks, in the contract's order."""
    return [column for column in table.names if column not in profile.columns]


def _present(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for stage in settings.feed.stages:
        yield (stage.value,), float(stage in facts.stages)


def _lacking(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for stage, known in facts.stages.items():
        if known.profile is not None and known.profile.columns:
            yield (stage.value,), float(len(missing_columns(settings.feed.table(stage), known.profile)))


def _lacking_info(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for stage, known in facts.stages.items():
        if known.profile is not None and known.profile.columns:
            for column in missing_columns(settings.feed.table(stage), known.profile):
                yield (stage.value, column), 1.0


def _beside(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for name in facts.beside[: settings.most_label_values]:
        yield (name,), 1.0


def _unreadable_info(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
    for stage, known in facts.stages.items():
        if known.error is not None:
            yield (stage.value, known.error), 1.0


def _malformed_fields(profile: Profile, settings: Settings) -> Iterator[tuple[str, float]]:
    yield from fold(profile.malformed_fields, 0, settings.most_label_values)


def _missing_rows(profile: Profile, _: Settings) -> Iterator[tuple[str, float]]:
    yield from ((field, float(count)) for field, count in profile.missing.items())


def _missing_ratio(profile: Profile, _: Settings) -> Iterator[tuple[str, float]]:
    if profile.rows:
        yield from ((field, count / profile.rows) for field, count in profile.missing.items())


METRICS: tuple[Metric, ...] = (
    per_partition(
        "puffy_partition_start_timestamp_seconds",
        "Start of the partition's day.",
        lambda facts: seconds(facts.day.start_ns),
    ),
    per_partition(
        "puffy_partition_due_timestamp_seconds",
        "When the partition must have arrived.",
        lambda facts: seconds(facts.due_ns),
    ),
    per_partition(
        "puffy_partition_alertable",
        "1 if the partition can raise alerts: it is among the newest due ones, or was replaced recently.",
        lambda facts: float(facts.alertable),
    ),
    Metric(
        "puffy_partition_present",
        "1 if the stage's file exists.",
        _present,
        ("stage",),
        {"stage": STAGE},
    ),
    Metric(
        "puffy_partition_unmatched_file_info",
        "1 for each file with the day in its name that matches no pattern.",
        _beside,
        ("file",),
    ),
    per_stage(
        "puffy_partition_readable",
        "1 if the stage's file could be read, 0 if it exists but could not.",
        lambda known: float(known.profile is not None),
    ),
    Metric(
        "puffy_partition_unreadable_info",
        "1 if the stage's file exists but could not be read, with the reason.",
        _unreadable_info,
        ("stage", "reason"),
        {"stage": STAGE},
    ),
    per_stage(
        "puffy_partition_arrival_timestamp_seconds",
        "When the stage's file first arrived, by its modification time; a rewrite does not change it.",
        lambda known: seconds(known.arrival_ns),
    ),
    per_stage(
        "puffy_partition_updated_timestamp_seconds",
        "Newest modification time of the stage's file.",
        lambda known: seconds(known.updated_ns),
    ),
    per_stage(
        "puffy_partition_size_bytes",
        "Size of the stage's file on disk, as stored.",
        lambda known: float(known.size_bytes),
    ),
    per_profile(
        "puffy_partition_rows", "Records, malformed ones included.", lambda profile: float(profile.rows)
    ),
    per_profile(
        "puffy_partition_malformed_rows",
        "Records whose number of fields differs from the header's; they count only as rows.",
        lambda profile: float(profile.malformed_rows),
    ),
    per_profile_and(
        "puffy_partition_malformed_fields",
        "Malformed records by number of fields, without unterminated ones.",
        "fields",
        _malformed_fields,
    ),
    per_profile(
        "puffy_partition_repeated_headers",
        "Records that repeat the header, as in concatenated parts; they do not count as rows.",
        lambda profile: float(profile.repeated_headers),
    ),
    per_profile(
        "puffy_partition_truncated",
        "1 if the file ends within a record.",
        lambda profile: float(profile.truncated),
    ),
    per_profile(
        "puffy_partition_invalid_utf8_lines",
        "Lines with invalid UTF-8 or NUL bytes.",
        lambda profile: float(profile.invalid_utf8_lines),
    ),
    per_profile_and(
        "puffy_partition_missing_rows",
        "Rows without a value in a mandatory field; all rows if the column is absent.",
        "field",
        _missing_rows,
        counted("puffy_partition_missing_rows"),
    ),
    per_profile_and(
        "puffy_partition_missing_ratio",
        "Share of rows without a value in a mandatory field.",
        "field",
        _missing_ratio,
        counted("puffy_partition_missing_rows"),
    ),
    Metric(
        "puffy_partition_missing_columns",
        "Number of expected columns that the header lacks.",
        _lacking,
        ("stage",),
        {"stage": STAGE},
    ),
    Metric(
        "puffy_partition_missing_column_info",
        "1 for each expected column that the header lacks.",
        _lacking_info,
        ("stage", "column"),
        {"stage": STAGE},
    ),
)
