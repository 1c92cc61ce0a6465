"""What a metric is: a name, help text, labels, and the source of its values."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from exporter.feed import Feed, Table
from exporter.model import NANOSECONDS, PartitionFacts, Profile, Stage, StageFacts
from exporter.plain import plain

Labels = tuple[str, ...]
Sample = tuple[Labels, float]
# metric name -> label values -> value; unknown values are absent
Figures = Mapping[str, Mapping[Labels, float]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The configuration's values that figures of any feed depend on."""

    most_label_values: int = 50
    task_limits: Mapping[str, float] | None = None  # seconds, by task
    task_limit: float = 2 * 3600.0  # seconds, for any other task
    slow_factor: float = 3.0  # times the usual count for the task
    slow_floor: float = 60.0  # seconds; shorter runs are never slow, even if usually quicker
    unended_after: float = 6 * 3600.0  # seconds without an end


DEFAULTS = Bounds()


@dataclass(frozen=True, slots=True)
class Settings(Bounds):
    """Everything that figures depend on besides the facts: the feed and the configuration."""

    feed: Feed = field(kw_only=True)
    known_events: tuple[str, ...] = ()


def _no_column(_: Table) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge with a sample per partition and combination of label values.

    ``labels`` are in addition to ``partition``; ``choices`` names the values a label can have, if
    they are few and known in advance, so that a mistyped selector is rejected instead of matching nothing.
    ``counts`` gives, for a share, a sample's numerator and denominator; for a count, itself and its total.
    ``reads`` names a table's columns that a sample is computed from, if no label of it does.
    """

    name: str
    help: str
    values: Callable[[PartitionFacts, Settings], Iterator[Sample]]
    labels: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] | None = None
    counts: Callable[[Figures, Labels], tuple[float, float] | None] | None = None
    reads: Callable[[Table], tuple[str, ...]] = _no_column


ROWS = "puffy_partition_rows"


def counted(part: str, whole: str = ROWS) -> Callable[[Figures, Labels], tuple[float, float] | None]:
    """Return a function for a sample of ``part``, a metric of the same labels, and the stage's ``whole``."""

    def counts(figures: Figures, labels: Labels) -> tuple[float, float] | None:
        some = figures.get(part, {}).get(labels)
        total = figures.get(whole, {}).get(labels[:1])
        return None if some is None or total is None else (some, total)

    return counts


STAGE = tuple(stage.value for stage in Stage)


def per_stage(
    name: str,
    help_text: str,
    value: Callable[[StageFacts], float | None],
) -> Metric:
    """Declare a metric with one sample per existing stage."""

    def values(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
        for stage in Stage:
            known = facts.stages.get(stage)
            number = None if known is None else value(known)
            if number is not None:
                yield (stage.value,), number

    return Metric(name, help_text, values, ("stage",), {"stage": STAGE})


def per_profile(name: str, help_text: str, value: Callable[[Profile], float | None]) -> Metric:
    """Declare a metric with one sample per stage whose file was read."""
    return per_stage(name, help_text, lambda known: None if known.profile is None else value(known.profile))


def per_stage_and(
    name: str,
    help_text: str,
    label: str,
    values_of: Callable[[StageFacts, Settings], Iterator[tuple[str, float]]],
    choices: tuple[str, ...] | None = None,
) -> Metric:
    """Declare a metric with samples per existing stage and one more label."""

    def values(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
        for stage, known in facts.stages.items():
            for key, number in values_of(known, settings):
                yield (stage.value, key), number

    known = {"stage": STAGE} if choices is None else {"stage": STAGE, label: choices}
    return Metric(name, help_text, values, ("stage", label), known)


def per_profile_and(
    name: str,
    help_text: str,
    label: str,
    values_of: Callable[[Profile, Settings], Iterator[tuple[str, float]]],
    counts: Callable[[Figures, Labels], tuple[float, float] | None] | None = None,
) -> Metric:
    """Declare a metric with samples per stage whose file was read and one more label."""

    def values(known: StageFacts, settings: Settings) -> Iterator[tuple[str, float]]:
        if known.profile is not None:
            yield from values_of(known.profile, settings)

    return replace(per_stage_and(name, help_text, label, values), counts=counts)


def per_partition(name: str, help_text: str, value: Callable[[PartitionFacts], float | None]) -> Metric:
    """Declare a metric with one sample per partition."""

    def values(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
        number = value(facts)
        if number is not None:
            yield (), number

    return Metric(name, help_text, values)


def read_from(columns: tuple[str, ...], *metrics: Metric) -> Iterator[Metric]:
    """Yield metrics whose samples are computed from these columns of any table."""
    yield from (replace(metric, reads=lambda _: columns) for metric in metrics)


def profile_of(facts: PartitionFacts, stage: Stage) -> Profile | None:
    """Return the profile of a stage, or ``None`` if its file is absent or cannot be read."""
    known = facts.stages.get(stage)
    return None if known is None else known.profile


def ratio(part: float, whole: float) -> float | None:
    """Divide, or return ``None`` for a zero denominator."""
    if whole == 0:
        return None
    quotient = part / whole
    return quotient if math.isfinite(quotient) else None


def seconds(nanoseconds: int | None) -> float | None:
    """Convert nanoseconds to Prometheus' unit."""
    return None if nanoseconds is None else nanoseconds / NANOSECONDS


def fold(counts: Mapping[str, int], overflow: int, most: int) -> Iterator[tuple[str, float]]:
    """Keep the ``most`` commonest label values and sum the rest as ``other``; values are external."""
    cleaned: Counter[str] = Counter()
    for name, count in counts.items():
        cleaned[plain(name)] += count
    ranked = sorted(cleaned.items(), key=lambda item: (-item[1], item[0]))
    rest = overflow + sum(count for _, count in ranked[most:])
    named = dict(ranked[:most])
    rest += named.pop("other", 0)
    yield from ((name, float(count)) for name, count in sorted(named.items()))
    if rest:
        yield "other", float(rest)
