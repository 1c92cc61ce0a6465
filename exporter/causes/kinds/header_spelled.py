"""Columns of the contract are spelled differently: in capitals, with spaces or with hyphens."""

from collections.abc import Iterator, Mapping

from exporter.causes.about import computed_from, rejected
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.spelling import respelled
from exporter.figures.files import missing_columns

FOLLOWS = ("schema_mismatch", "clean_schema_mismatch", "reject_ratio", "revenue_gap", "clean_empty")


def spelled(case: Case) -> Mapping[str, str]:
    """Return the header's spelling of each expected column that it spells differently."""
    raw = case.raw
    if raw is None or not raw.columns:
        return {}
    new = [name for name in raw.columns if name not in case.feed.raw.names]
    return respelled(missing_columns(case.feed.raw, raw), new)


def _detect(case: Case) -> Iterator[Finding]:
    found = spelled(case)
    if not found or case.raw is None:
        return
    listed = ", ".join(f"{there} for {name}" for name, there in found.items())
    many = len(found) > 1
    yield Finding(
        title=f"{len(found)} column{'s' * many} {'are' if many else 'is'} spelled differently: {listed}",
        seen=f"{len(found)} of {len(case.feed.raw.names)} expected columns {'are' if many else 'is'} in the "
        f"header with a different spelling: {listed}.",
        subject=", ".join(found),
        evidence={"rows": case.raw.rows, "spelled": listed},
        likely_fix=f"Have the export write {next(iter(found))} again, or add the spelling to its aliases "
        "in the contract.",
        explains=(*FOLLOWS, *computed_from(case, found), *rejected(case)),
    )


CAUSE = Cause(
    name="header_spelled",
    layer=Layer.COLUMNS,
    severity=None,
    owner="data-engineering",
    impact="Consumers of the column get no data for the whole day.",
    resolution=(
        "Find the release that changed the names, have them restored and the day exported again.",
        "Rerun the DQ step, check the clean file, and acknowledge the day to release the load.",
    ),
    explains=FOLLOWS,
    detect=_detect,
    rank=1,
)
