"""Orders without a readable revenue explain their rejection, not that of other rows."""

from collections.abc import Mapping

import pytest
from made import facts, profile
from test_causes_kinds import case, defects

from exporter.causes.problem import problems_of
from exporter.model import Stage

REASON = "checkout_invalid_or_zero_revenue"


@pytest.mark.parametrize(
    ("reasons", "apart"),
    [
        ({REASON: 60}, set()),
        ({REASON: 60, "bad_items": 50}, set()),  # as many as are normal
        ({REASON: 60, "bad_items": 51}, {"reject_ratio"}),
        ({REASON: 120}, {"reject_ratio"}),  # half of them are of zero: another fault
        ({"bad_items": 60}, {"reject_ratio"}),
    ],
)
def test_what_is_rejected_for_another_reason_stays_a_problem_of_its_own(
    reasons: Mapping[str, int], apart: set[str]
) -> None:
    """Without the unreadable ones, the rejected rows must be normal."""
    rows = sum(reasons.values())
    today = facts(
        raw=profile(
            rows=1000,
            checkouts=60,
            defects=defects(invalid_revenue=60),
            revenue_shapes={"n/a": 60},
            revenue=0.0,
        ),
        clean=profile(Stage.CLEAN, 1000 - rows),
        rejects=profile(Stage.REJECTS, rows, reasons=reasons),
    )
    found = problems_of(case(today), acknowledged=frozenset())
    explained = {name for problem in found if problem.name == "revenue_unreadable" for name in problem.names}
    assert {problem.name for problem in found} & {"reject_ratio"} == apart
    assert explained & {"reject_ratio"} == {"reject_ratio"} - apart
    assert "invalid_revenue" in explained
