"""Every figure that counts something wrong is judged, or has a reason why not."""

import re
from collections.abc import Iterator

from feeds import CHECKS, MANDATORY_FIELDS, TRENDS
from golden import ROOT

from exporter.checks.check import Check, Selector
from exporter.figures.table import BY_NAME, METRICS
from exporter.profiling.order_tally import Defect

# metric -> why no check uses it
DESCRIBES = {
    "puffy_partition_start_timestamp_seconds": "the calendar",
    "puffy_partition_alertable": "the calendar",
    "puffy_partition_updated_timestamp_seconds": "describes; a replaced content is judged by its figures",
    "puffy_partition_size_bytes": "describes; rows are judged",
    "puffy_partition_events": "describes; changes against other days are judged by name",
    "puffy_partition_first_event_timestamp_seconds": "describes; silence and rows of other days are judged",
    "puffy_partition_last_event_timestamp_seconds": "describes; silence and rows of other days are judged",
    "puffy_partition_repeated_headers": "nothing is lost by one: it is a problem in words",
    "puffy_partition_clean_ratio": "reject_ratio and unaccounted_rows judge its other side",
    "puffy_partition_dq_rows": "puffy_partition_dq_discrepancy_rows judges it",
    "puffy_partition_malformed_orders": "puffy_partition_malformed_orders_ratio judges it",
    "puffy_partition_duplicate_keys": "a contract that names a key says how many are too many",
    "puffy_query_value": "the rule that the contract gives with the query judges it",
    "puffy_task_duration_median_seconds": "describes; the limit follows from it",
    "puffy_task_start_timestamp_seconds": "describes",
    "puffy_task_end_timestamp_seconds": "describes",
    "puffy_task_last_success_timestamp_seconds": "describes",
    "puffy_partition_acknowledged": "what people said",
}


def looked_at(check: Check) -> Iterator[Selector]:
    """Yield the samples that a check uses."""
    if check.value is not None:
        yield from filter(None, (check.value.selector, check.value.minus, check.value.per))
        if check.value.when is not None:
            yield check.value.when.selector
    if check.shows is not None:
        yield check.shows


def test_every_figure_is_judged_or_says_why_not() -> None:
    """A new metric needs a check in the catalogue, a trend, or a line above."""
    judged = {selector.metric for check in CHECKS for selector in looked_at(check)}
    judged |= {trend.metric for trend in TRENDS}
    judged |= {name for name in BY_NAME if name.startswith("puffy_column_")}  # by a contract
    unjudged = [metric.name for metric in METRICS if metric.name not in judged | DESCRIBES.keys()]
    assert unjudged == [], "add a check to catalogue.yaml, or say in DESCRIBES why none is needed"
    assert DESCRIBES.keys() <= BY_NAME.keys()
    assert not DESCRIBES.keys() & judged


def test_every_defect_of_an_order_is_judged() -> None:
    """Each value of a label that names something wrong, not the metric alone."""
    chosen = {
        (selector.metric, label, value)
        for check in CHECKS
        for selector in looked_at(check)
        for label, values in selector.labels.items()
        for value in values
    }
    defects = tuple(defect.value for defect in Defect)
    for name, label, values in (
        ("puffy_partition_checkout_defects", "defect", defects),
        ("puffy_partition_missing_ratio", "field", MANDATORY_FIELDS),
    ):
        assert [value for value in values if (name, label, value) not in chosen] == [], name


def test_what_the_gate_page_says_of_blocking_checks_is_true() -> None:
    """Every blocking check is named on the page, and no other."""
    page = (ROOT / "docs" / "gate.md").read_text().partition("Every judged day")[0]
    named = set(re.findall(r"`([a-z_0-9]+)`", page)) - {"blocking"}
    assert named == {check.name for check in CHECKS if check.blocking}
