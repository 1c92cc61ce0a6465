"""A column exists but has no value in any row, although it had some on the days before."""

from collections.abc import Iterator
from functools import partial

from exporter.causes.about import computed_from, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.model import Profile
from exporter.profiling.order_tally import orders_of

STANDING = 0.9  # usually just as empty
FOLLOWS = ("reject_ratio", "revenue_gap", "clean_empty", "anomaly_reject_ratio", "anomaly_clean_revenue")


def _missing(profile: Profile, name: str) -> float | None:
    """Return how many rows of a column have no value, ``None`` if not counted."""
    if name in profile.missing:
        return profile.missing[name]
    if name in profile.figures:
        return profile.figures[name].numbers.get("missing_rows")
    orders = orders_of(profile)
    if orders is not None and name == "referrer":
        return orders.referrer_null
    return profile.good_rows if profile.unread.get(name) == 0 else None


def _share(name: str, day: Profile) -> float | None:
    missing = _missing(day, name)
    return None if missing is None else missing / max(1, day.good_rows)


def _share_at_least(name: str, day: Profile) -> float | None:
    """Return zero for a column of which it is only known that it is not empty."""
    share = _share(name, day)
    return 0.0 if share is None and name in day.columns and day.good_rows else share


def _others(raw: Profile) -> str:
    return " that are not malformed" if raw.malformed_rows else ""


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    for column in case.feed.raw.columns:
        name = column.name
        missing = _missing(raw, name) if name in raw.columns else None
        if missing is None or missing < raw.good_rows:
            continue
        counts = name not in raw.unread
        before = usual(case, partial(_share if counts else _share_at_least, name))
        if before is None or before > STANDING:
            continue
        otherwise = f"usually in {percentage(before)} of them" if counts else "unlike on the days before"
        yield Finding(
            title=f"{name} is empty in every row",
            seen=f"{name} is empty in all {raw.good_rows:,} rows{_others(raw)}, {otherwise}.",
            subject=name,
            evidence={"rows": raw.good_rows, "usual_share": before},
            explains=(*(FOLLOWS if column.required else ()), *computed_from(case, (name,))),
        )


CAUSE = Cause(
    name="column_empty",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Consumers of the column get no data for the whole day.",
    resolution=("Find the release that stopped filling the column, and have the day exported again.",),
    explains=FOLLOWS,
    detect=_detect,
)
