"""Categories are counted by value."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, common, cut_figures, cuts, figures, flat, is_inside, present

from exporter.feed import Column, Limits

WRITTEN = st.one_of(st.sampled_from(ODD), st.text("ab\u00e9\U0001f600 ", max_size=3))


@settings(max_examples=150)
@given(parts=cuts(WRITTEN), row_by_row=st.booleans(), named=st.sampled_from([1, 5, 1000]))
def test_categories_are_counted_alike_however_they_are_cut(
    parts: list[list[list[str]]], named: int, *, row_by_row: bool
) -> None:
    """Any cut counts what counting one by one does; beyond the bound the first by code point stay."""
    limits = Limits(values=("a", "b"))
    with bounds(row_by_row=row_by_row, named=named):
        found = cut_figures(parts, Column("kind", "category", limits=limits))
    counts = Counter(present(flat(parts)))
    kept = {name: counts[name] for name in sorted(counts)[:named]}
    assert found.values == kept
    assert [*found.values] == sorted(found.values)
    assert found.values_overflow == counts.total() - sum(kept.values())
    assert dict(found.numbers) == common(flat(parts), lambda text: is_inside(text, limits))
    assert found.type == "category"


def test_a_personal_column_names_nothing() -> None:
    """How many values there are is told, and none of them."""
    found = figures(["a", "b", "a"], Column("kind", "category", personal=True))
    assert (found.values, found.values_overflow, found.numbers["distinct_values"]) == ({}, 0, 2)
