"""The clean file has more rows than the DQ step can have accepted: repeated ones, or rejected ones too."""

from collections.abc import Iterator
from datetime import date

from exporter.causes.about import is_newer_than_clean
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.hours import clock
from exporter.causes.kinds.rows_twice import how_often
from exporter.causes.reads import tracked
from exporter.causes.volumes import too_high
from exporter.metric import profile_of
from exporter.model import Profile, Stage
from exporter.profiling.order_tally import Defect, WebOrders, orders_of

SLACK = 0.05  # of the rows too many that are not from another day


def _detect(case: Case) -> Iterator[Finding]:
    raw, alert = case.raw, case.alert("unaccounted_rows")
    clean, rejects = (profile_of(case.facts, stage) for stage in (Stage.CLEAN, Stage.REJECTS))
    if raw is None or clean is None or rejects is None or alert is None or alert.value >= 0:
        return
    accepted = raw.rows - rejects.rows
    if accepted <= 0 or (case.facts.replaced and is_newer_than_clean(case)):  # it was read before
        return
    times = clean.rows / accepted
    often, repeated = how_often(times), _repeated(orders_of(raw), orders_of(clean))
    of_them = f"The clean file has {clean.rows:,} rows, of {accepted:,} that were not rejected"
    explains = CAUSE.explains
    day = _also_of(case, clean, clean.rows - accepted)
    if day is not None:
        title = f"clean file has rows of {day} too"
        seen = f"{of_them}; {clean.out_of_day_rows:,} of its rows are from {day}."
        explains = (*explains, *_of_other_days(case))
    elif often is not None:
        title, seen = f"clean file has its rows {often}", f"{of_them}: its rows are in it {often}."
    elif rejects.rows and clean.rows == raw.rows:
        title = f"clean file has the {rejects.rows:,} rejected rows too"
        seen = f"The clean file has all {raw.rows:,} raw rows; {rejects.rows:,} of them were rejected."
        explains = (*explains, "clean_missing_mandatory")
    elif repeated:
        title = f"clean file has {clean.rows - accepted:,} rows too many, some of them repeated"
        seen = f"{of_them}; {repeated:,} orders are in it once more than in the raw file."
    else:
        return
    yield Finding(
        title=title,
        seen=seen,
        subject=Stage.CLEAN.value,
        evidence={"rows": clean.rows, "accepted": accepted},
        explains=(*explains, *_of_clean(case, times)),
    )


def _also_of(case: Case, clean: Profile, more: int) -> date | None:
    """Return the day before of which the rows too many are, ``None`` if they are not."""
    if abs(clean.out_of_day_rows - more) > SLACK * more or clean.first_event_ns is None:
        return None
    first = clock(case.facts.day, clean.first_event_ns).date()
    return first if first < case.facts.partition else None


def _of_other_days(case: Case) -> Iterator[str]:
    """Yield the check on rows of other days if it is about the clean file."""
    alert = case.alert("out_of_day_rows")
    if alert is not None and alert.labels.get("stage") == Stage.CLEAN.value:
        yield alert.check.name


def _repeated(raw: WebOrders | None, clean: WebOrders | None) -> int:
    """Return how many more orders repeat another's id in the clean file than in the raw one."""
    if raw is None or clean is None:
        return 0
    repeat = Defect.DUPLICATE_TRANSACTION_ID
    return max(0, clean.defects[repeat] - raw.defects[repeat])


def _of_clean(case: Case, times: float) -> Iterator[str]:
    """Yield the volumes of the clean file that would be as usual without those rows."""
    for name in too_high(case, times):
        alert = case.alert(name)
        trend = None if alert is None else tracked(alert, case.feed)
        if trend is not None and trend.labels.get("stage") == Stage.CLEAN.value:
            yield name


CAUSE = Cause(
    name="clean_rows_more",
    layer=Layer.VALUES,
    severity=None,
    owner="data-engineering",
    impact="If loaded, clean counts and sums of the day are too high.",
    resolution=(
        "Check whether the DQ step ran twice and appended its rows, or passes on what it rejects.",
        "Rerun it for this day into an empty file.",
    ),
    explains=("unaccounted_rows", "dq_discrepancy", "revenue_gap", "anomaly_clean_revenue"),
    detect=_detect,
    rank=8,
)
