"""Rows are in the file more than once, as if an export had been appended to itself."""

from collections.abc import Iterator
from statistics import median

from exporter.causes.about import most, unaccounted, usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.volumes import repeats, too_high
from exporter.checks.check import Severity
from exporter.model import Profile
from exporter.profiling.order_tally import Defect, orders_of

NEARLY_HALF = 0.4  # share of the rows, or of the orders, that are repeats
LEAST_ORDERS = 4
A_PART = 0.1  # of the orders
ALIKE = 0.1  # by which the shares of repeated orders and of additional rows may differ
AS_USUAL = 0.25  # by which the rows without repeats may differ from the usual ones
FULLER = 1.5  # times the usual rows at least
LEAST_SHARE = 0.05  # of the rows that repeat a key
MORE = 2  # times the share of any day before
WHOLE = 0.8  # of the fewest rows of a day before: the file without its repeats is a day's
MOST_TIMES = 4  # more often than this, keys are repeated rather than exports
NEARLY = 0.02  # of a whole number of times
OF_ORDERS = frozenset(("anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue"))
TIMES = {2: "twice"}


def repeated_keys(case: Case) -> int:
    """Return how many rows repeat the key of another, 0 if no more than on other days."""
    raw = case.raw
    if raw is None or not raw.duplicate_keys:
        return 0
    before = most(case, _share)
    least = NEARLY_HALF if before is None else max(LEAST_SHARE, MORE * before)
    return raw.duplicate_keys if _share(raw) >= least else 0


def are_added(case: Case, raw: Profile, repeated: int) -> bool:
    """Return whether rows that repeat a key are too many, rather than as many as usual with a wrong key."""
    before, once = [day.rows for day in case.profiles()], raw.rows - repeated
    if before and once < WHOLE * min(before) and not case.alert("silence"):  # otherwise hours may be missing
        return False
    if _whole(raw.rows / once) is not None:
        return True
    # Without its repeats the file has as many rows as usual, rather than with them.
    return bool(before) and repeated < 2 * (raw.rows - median(before))


def _share(day: Profile) -> float:
    return (day.duplicate_keys or 0) / max(1, day.good_rows)


def _whole(times: float) -> int | None:
    """Return how often every row is in the file, ``None`` if only some are repeated."""
    nearest = round(times)
    return nearest if 1 < nearest <= MOST_TIMES and abs(times - nearest) <= NEARLY else None


def how_often(times: float) -> str | None:
    """Say how often every row is in the file, ``None`` if only some are repeated."""
    whole = _whole(times)
    return None if whole is None else TIMES.get(whole, f"{whole} times")


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    repeated = repeated_keys(case)
    if repeated:
        if are_added(case, raw, repeated):
            yield _of_keys(case, raw, repeated)
        return
    yield from _of_orders(case, raw)


def _of_orders(case: Case, raw: Profile) -> Iterator[Finding]:
    """Recognise repeated rows of a file without a key by the orders among them."""
    orders, rows = orders_of(raw), usual(case, lambda day: day.rows)
    if orders is None or rows is None or orders.checkouts < LEAST_ORDERS:
        return
    repeated = orders.defects[Defect.DUPLICATE_TRANSACTION_ID]
    seen = (
        f"{repeated:,} of {orders.checkouts:,} orders repeat the transaction id of another, and there are "
        f"{raw.rows:,} rows, usually about {rows:,.0f}"
    )
    if repeated > NEARLY_HALF * orders.checkouts:
        if raw.rows < FULLER * rows or repeated >= orders.checkouts:
            yield from _of_orders_alone(case, orders.checkouts, repeated)
            return
        times = orders.checkouts / (orders.checkouts - repeated)
        often = how_often(times)
        which = "many of its rows more than once" if often is None else f"its rows {often}"
        yield Finding(
            title=f"rows are duplicated: {raw.rows:,}, usually about {rows:,.0f}",
            seen=f"{seen}: the file contains {which}.",
            evidence={"rows": raw.rows, "usual_rows": rows, "repeated_orders": repeated},
            confidence=Confidence.LIKELY,
            explains=(*CAUSE.explains, *too_high(case, times), *_of_step(case)),
        )
        return
    more, share = unaccounted(case), repeated / orders.checkouts
    standing = usual(case, _repeated_share) or 0.0
    if repeated < LEAST_ORDERS or share < max(A_PART, MORE * standing):
        return
    if more is None:
        yield from _of_orders_alone(case, orders.checkouts, repeated)
    elif abs(share - more / raw.rows) < ALIKE and abs(raw.rows - more - rows) < AS_USUAL * rows < 2 * more:
        yield Finding(
            title=f"about {more:,.0f} of {raw.rows:,} rows are duplicated: a part was appended again?",
            seen=f"{seen}, {more:,.0f} more than the DQ step wrote: a part of its rows is in the file twice.",
            evidence={"rows": raw.rows, "usual_rows": rows, "repeated": more, "repeated_orders": repeated},
            confidence=Confidence.LIKELY,
            explains=(*CAUSE.explains, *_of_step(case)),
        )
    else:
        yield from _of_orders_alone(case, orders.checkouts, repeated)


def _of_orders_alone(case: Case, checkouts: int, repeated: int) -> Iterator[Finding]:
    """Recognise orders that are there more than once, if they are as many as usual without the repeats."""
    alert, once = case.alert("anomaly_checkouts"), checkouts - repeated
    if alert is None or not alert.expected or alert.limit <= 0:
        return
    if not alert.expected**2 / alert.limit <= once <= alert.limit:
        return
    usually = f"usually about {alert.expected:,.0f}"
    yield Finding(
        title=f"{repeated:,} of {checkouts:,} orders are repeated: {once:,} without the repeats, {usually}",
        seen=f"{repeated:,} of {checkouts:,} orders repeat the transaction id of another; without them there "
        f"are {once:,}, {usually}.",
        subject="transaction_id",
        evidence={"orders": checkouts, "repeated_orders": repeated, "usual_orders": alert.expected},
        likely_fix="Check whether the checkout tag fires more than once, and have the day exported again.",
        explains=("checkout_duplicate_transaction_id", *_of_these_orders(case, checkouts / once)),
    )


def _of_these_orders(case: Case, times: float) -> Iterator[str]:
    """Yield what is too high by as much as the orders are."""
    for name in too_high(case, times):
        if name in OF_ORDERS:
            yield name


def _repeated_share(profile: Profile) -> float | None:
    orders = orders_of(profile)
    if orders is None or not orders.checkouts:
        return None
    return orders.defects[Defect.DUPLICATE_TRANSACTION_ID] / orders.checkouts


def _of_keys(case: Case, raw: Profile, repeated: int) -> Finding:
    """Describe rows that repeat a key, with the rows that are left without them."""
    rows, once = usual(case, lambda day: day.rows), raw.rows - repeated
    often = how_often(raw.rows / once)
    usually = "" if rows is None else f", usually about {rows:,.0f}"
    return Finding(
        title=f"rows are in the file {often}" if often else f"{repeated:,} of {raw.rows:,} rows are repeated",
        seen=f"{repeated:,} of {raw.rows:,} rows repeat the key of another; without them there are "
        f"{once:,}{usually}.",
        evidence={"rows": raw.rows, "repeated": repeated} | ({} if rows is None else {"usual_rows": rows}),
        explains=(*CAUSE.explains, *too_high(case, raw.rows / once), *repeats(case), *_of_step(case)),
    )


def _of_step(case: Case) -> tuple[str, ...]:
    """Return what follows if the DQ step read the rows once: the rejects' share is smaller."""
    return ("anomaly_reject_ratio",) if case.alert("unaccounted_rows") is not None else ()


CAUSE = Cause(
    name="rows_twice",
    layer=Layer.IDENTITY,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Every count and sum of the day includes those rows more than once.",
    resolution=("Have the day exported again in one go, then rerun the DQ step.",),
    explains=(
        "duplicate_keys",
        "checkout_duplicate_transaction_id",
        "unaccounted_rows",
        "dq_discrepancy",
        "revenue_gap",
        "anomaly_events",
        "anomaly_revenue",
        "anomaly_clean_revenue",
        "anomaly_checkouts",
    ),
    detect=_detect,
    rank=2,
)
