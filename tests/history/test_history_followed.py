"""What a contract's trends are called where a person reads of them."""

from dataclasses import replace

from feeds import EVENTS

from exporter.feed import FollowedFigure
from exporter.figures.table import BY_NAME
from exporter.history.followed import WORDS, figure_words


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
