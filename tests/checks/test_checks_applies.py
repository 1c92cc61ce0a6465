"""A check that a feed has no use for is left out: it would never have anything to look at."""

from dataclasses import replace

import pytest
from feeds import CHECKS, EVENTS, SETTINGS
from made import facts

from exporter.checks.applies import applies
from exporter.checks.check import Check, Selector, Value
from exporter.feed import Feed, Query
from exporter.figures.table import METRICS, compute_figures
from exporter.model import Stage

RAW = EVENTS.raw
ALONE = replace(EVENTS, tables={Stage.RAW: RAW})
PLAIN = replace(EVENTS, tables={stage: replace(table, packs=()) for stage, table in EVENTS.tables.items()})
TIMELESS = replace(
    EVENTS,
    tables={
        stage: replace(table, columns=tuple(replace(one, event_time=False) for one in table.columns))
        for stage, table in EVENTS.tables.items()
    },
)
QUERIED = replace(EVENTS, queries=(Query("mean", Stage.RAW, "SELECT 1"),))


def on(metric: str, **labels: tuple[str, ...]) -> Check:
    """Return a check on samples of a metric."""
    return replace(CHECKS[0], value=Value(Selector(metric, labels)))


@pytest.mark.parametrize(
    ("check", "feed", "useful"),
    [
        (on("puffy_partition_rows"), ALONE, True),
        (on("puffy_partition_rows", stage=("raw",)), ALONE, True),
        (on("puffy_partition_rows", stage=("clean",)), EVENTS, True),
        (on("puffy_partition_rows", stage=("clean",)), ALONE, False),
        (on("puffy_partition_rows", stage=("clean", "raw")), ALONE, True),
        (on("puffy_partition_checkouts"), EVENTS, True),
        (on("puffy_partition_checkouts"), PLAIN, False),
        (on("puffy_partition_rows"), PLAIN, True),
        (on("puffy_partition_out_of_day_rows"), EVENTS, True),
        (on("puffy_partition_out_of_day_rows"), TIMELESS, False),
        (on("puffy_partition_rows"), TIMELESS, True),
        (on("puffy_partition_reject_ratio"), EVENTS, True),
        (on("puffy_partition_reject_ratio"), ALONE, False),
        (on("puffy_query_value"), EVENTS, False),
        (on("puffy_query_value"), QUERIED, True),
        (on("puffy_query_failed_info"), EVENTS, False),
        (on("puffy_partition_missing_ratio", field=("client_id",)), EVENTS, True),
        (on("puffy_partition_missing_ratio", field=("referrer",)), EVENTS, False),
        (on("puffy_partition_missing_ratio", field=("referrer", "client_id")), EVENTS, True),
        (replace(CHECKS[0], value=None, trend="events"), ALONE, True),
    ],
)
def test_a_check_needs_its_stage_pack_column_and_other_stages(
    check: Check, feed: Feed, *, useful: bool
) -> None:
    """One of several is enough; a trend has a check of its own for each feed."""
    assert applies(check, feed) is useful


def test_what_a_lone_file_never_has_is_no_figure_of_it() -> None:
    """What compares stages needs more than one."""
    known = replace(facts(), stages={Stage.RAW: facts().stages[Stage.RAW]})
    got = compute_figures(known, replace(SETTINGS, feed=ALONE))
    without = [metric.name for metric in METRICS if not applies(on(metric.name), ALONE)]
    assert [name for name in without if name in got] == []
