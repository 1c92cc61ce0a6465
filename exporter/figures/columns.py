"""Figures of columns by their type: the metrics follow from what each type declares."""

from collections.abc import Iterator
from dataclasses import replace

from exporter.metric import STAGE, Metric, Sample, Settings, counted, fold, per_profile
from exporter.model import PartitionFacts
from exporter.profiling.kinds import FIGURES
from exporter.profiling.values.kind import Figure


def _per_column(figure: Figure) -> Metric:
    """Declare a metric with one sample per stage and column that has the figure."""

    def values(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
        for stage, known in facts.stages.items():
            for column, found in ({} if known.profile is None else known.profile.figures).items():
                if figure.name in found.numbers:
                    yield (stage.value, column), found.numbers[figure.name]

    name = f"puffy_column_{figure.name}"
    counts = counted(name) if name.endswith("_rows") else None
    return Metric(name, figure.help, values, ("stage", "column"), {"stage": STAGE}, counts)


def _value_rows(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for stage, known in facts.stages.items():
        for column, found in ({} if known.profile is None else known.profile.figures).items():
            for value, rows in fold(found.values, found.values_overflow, settings.most_label_values):
                yield (stage.value, column, value), rows


METRICS: tuple[Metric, ...] = (
    *(_per_column(FIGURES[name]) for name in sorted(FIGURES)),
    Metric(
        "puffy_column_value_rows",
        "Rows by value of a category, or by host of a URL; the commonest, the rest as `other`.",
        _value_rows,
        ("stage", "column", "value"),
        {"stage": STAGE},
    ),
    replace(
        per_profile(
            "puffy_partition_duplicate_keys",
            "Rows whose key another row of the file has too; rows without a whole key are left out.",
            lambda profile: None if profile.duplicate_keys is None else float(profile.duplicate_keys),
        ),
        counts=counted("puffy_partition_duplicate_keys"),
        reads=lambda table: table.key,
    ),
)
