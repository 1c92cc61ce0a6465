"""What a contract's trends are called where a person reads of them, and which of them vary by chance."""

from dataclasses import replace

import pytest
from feeds import EVENTS

from exporter.feed import FollowedFigure
from exporter.figures.table import BY_NAME
from exporter.history.followed import WORDS, figure_words, trends_of


def test_a_trend_is_described_by_its_figure_and_column() -> None:
    """One without a description is not among them: its name has to do."""
    feed = replace(
        EVENTS,
        trends=(
            FollowedFigure("rows", "puffy_partition_rows", {"stage": "raw"}),
            FollowedFigure("tips", "puffy_column_distinct_values", {"stage": "raw", "column": "tip"}),
            FollowedFigure("fare", "puffy_column_maximum", {"stage": "raw", "column": "fare"}),
        ),
    )
    assert figure_words(feed) == {
        "rows": "The number of rows",
        "tips": "The number of different values of tip",
    }


def test_every_figure_with_a_description_exists() -> None:
    """Otherwise nobody would ever read it."""
    assert WORDS.keys() <= BY_NAME.keys()


@pytest.mark.parametrize(
    ("metric", "labels", "counts"),
    [
        ("puffy_partition_rows", {"stage": "clean"}, ("puffy_partition_rows", ("clean",))),
        (
            "puffy_partition_events",
            {"stage": "raw", "event_name": "purchase"},
            ("puffy_partition_events", ("raw", "purchase")),
        ),
        ("puffy_partition_revenue", {"stage": "raw"}, ("puffy_partition_checkouts", ("raw",))),
        (
            "puffy_column_sum_of_values",
            {"stage": "raw", "column": "fare"},
            ("puffy_partition_rows", ("raw",)),
        ),
        ("puffy_column_mean", {"stage": "raw", "column": "fare"}, None),
    ],
)
def test_a_count_varies_by_chance_and_so_does_a_sum(
    metric: str, labels: dict[str, str], counts: tuple[str, tuple[str, ...]] | None
) -> None:
    """Otherwise ten purchases a day would be an anomaly each time they are six; a mean counts nothing."""
    (trend,) = trends_of(replace(EVENTS, trends=(FollowedFigure("one", metric, labels),)))
    assert trend.counted == counts
