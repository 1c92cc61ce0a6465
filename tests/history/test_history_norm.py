"""Which earlier days a day is compared with."""

import pytest

from exporter.history.norm import ACCEPTED_DAYS, normal_days


@pytest.mark.parametrize(
    ("days", "compared"),
    [
        ("nnnn", [0, 1, 2, 3]),
        ("dnnn", [1, 2, 3]),
        ("ddnn", [2, 3]),
        ("nddn", [0, 1, 2, 3]),  # come and gone: it has been seen before
        ("dndn", [1, 2, 3]),
        ("dddd", []),
        ("", []),
        ("d" * (ACCEPTED_DAYS - 1) + "nn", [ACCEPTED_DAYS - 1, ACCEPTED_DAYS]),
        ("d" * ACCEPTED_DAYS + "nn", list(range(ACCEPTED_DAYS))),  # long enough: that is the norm now
        ("n" + "d" * ACCEPTED_DAYS + "n", list(range(ACCEPTED_DAYS + 2))),
    ],
)
def test_days_that_differ_are_no_excuse_until_they_are_the_norm(days: str, compared: list[int]) -> None:
    """``d`` is a day that has differed, the newest first."""
    assert list(normal_days(range(len(days)), lambda day: days[day] == "d")) == compared
