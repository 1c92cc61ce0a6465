"""Days as a person writes several of them, there and back."""

from datetime import date, timedelta

import pytest

from exporter.gate.acknowledge import NotAcknowledgedError
from exporter.gate.days import read_days, runs_of_days

FIRST = date(2025, 2, 27)
DAYS = [FIRST + timedelta(days=number) for number in range(6)]


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["2025-02-27"], DAYS[:1]),
        (["2025-02-27..2025-02-27"], DAYS[:1]),
        (["2025-02-27..2025-03-02"], DAYS[:4]),
        (["2025-03-02", "2025-02-27..2025-03-01", "2025-02-28"], [DAYS[3], *DAYS[:3]]),
        ([], []),
    ],
)
def test_both_ends_of_a_range_belong_to_it(texts: list[str], days: list[date]) -> None:
    """A day that is named twice is there once, where it was named first."""
    assert read_days(texts) == tuple(days)


def test_a_range_is_as_long_as_somebody_can_mean() -> None:
    """A day more is a mistyped year, and so is one that ends before it begins."""
    last = FIRST + timedelta(days=399)
    assert len(read_days([f"{FIRST}..{last}"])) == 400
    for end in (last + timedelta(days=1), FIRST - timedelta(days=1)):
        with pytest.raises(NotAcknowledgedError, match="is not a range of 1 to 400 days"):
            read_days([f"{FIRST}..{end}"])
    with pytest.raises(NotAcknowledgedError, match="'tomorrow' is no date"):
        read_days([f"{FIRST}..tomorrow"])


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        ([], []),
        (DAYS[:1], ["2025-02-27"]),
        (DAYS[:4], ["2025-02-27..2025-03-02"]),
        (
            [DAYS[5], DAYS[3], DAYS[1], DAYS[0], DAYS[1]],
            ["2025-02-27..2025-02-28", "2025-03-02", "2025-03-04"],
        ),
    ],
)
def test_neighbours_are_written_as_a_range(days: list[date], texts: list[str]) -> None:
    """In the order of time; what is written can be read."""
    assert list(runs_of_days(days)) == texts
    assert list(read_days(texts)) == sorted(set(days))
