"""Results of a contract's queries."""

from collections.abc import Iterator

from exporter.metric import STAGE, Metric, Sample, Settings, per_profile_and
from exporter.model import PartitionFacts, Profile


def _values(profile: Profile, _: Settings) -> Iterator[tuple[str, float]]:
    yield from profile.answers.items()


def _failed_info(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
    for stage, known in facts.stages.items():
        for query, reason in ({} if known.profile is None else known.profile.unanswered).items():
            yield (stage.value, query, reason), 1.0


METRICS: tuple[Metric, ...] = (
    per_profile_and(
        "puffy_query_value",
        "Number returned by a query of the contract for the stage's file.",
        "query",
        _values,
    ),
    Metric(
        "puffy_query_failed_info",
        "1 for each query of the contract that returned no number, with the reason.",
        _failed_info,
        ("stage", "query", "reason"),
        {"stage": STAGE},
    ),
)
