"""Texts, and the figures of every column."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, common, cut_figures, cuts, figures, flat, is_inside, present

from exporter.feed import Column, Limits

TEXTS = st.one_of(
    st.sampled_from(ODD), st.text(st.characters(codec="utf-8"), max_size=12), st.text("ab \n0-", max_size=5)
)
LIMITS = st.builds(
    Limits,
    values=st.one_of(st.none(), st.just(("a", "b", "\u00e9t\u00e9"))),
    pattern=st.sampled_from(
        [
            None,
            "[ab]+",
            "^a.*$",
            r"\w+",
            r"\d{1,2}",
            r"(?:ab?|\s)*",
            "[^a]*",
            "a|b",
            r"a$\n?",
            "(?i)A.",
            "x{257,}",
        ]
    ),
    shortest=st.one_of(st.none(), st.integers(0, 4)),
    longest=st.one_of(st.none(), st.integers(0, 4)),
)


@settings(max_examples=150)
@given(parts=cuts(TEXTS), row_by_row=st.booleans(), limits=LIMITS)
def test_texts_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], limits: Limits, *, row_by_row: bool
) -> None:
    """Any cut gives what looking at one text at a time gives, with any limits."""
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("note", "text", limits=limits))
    lengths = [len(text) for text in present(flat(parts))]
    told = dict(common(flat(parts), lambda text: is_inside(text, limits)))
    if lengths:
        told |= {"shortest_characters": min(lengths), "longest_characters": max(lengths)}
    assert dict(found.numbers) == told
    assert found.type == "text"


@settings(max_examples=100)
@given(parts=cuts(st.text("abc", min_size=1, max_size=3)), row_by_row=st.booleans())
def test_beyond_the_bound_the_estimate_depends_on_the_values_alone(
    parts: list[list[list[str]]], *, row_by_row: bool
) -> None:
    """Where and how often the values were cut cannot be seen, nor how often each of them occurs."""
    column = Column("note", "text")
    values = {*flat(parts)}
    with bounds(row_by_row=row_by_row, told_apart=6):
        found = cut_figures(parts, column).numbers
        whole = figures(sorted(values), column).numbers
    assert found["distinct_is_exact"] == int(len(values) <= 6) == int("duplicate_rows" in found)
    assert found["distinct_values"] == whole["distinct_values"]


@pytest.mark.parametrize("distinct", [100_000, 100_001, 400_000])
def test_many_values_are_counted_nearly(distinct: int) -> None:
    """To the bound exactly, beyond it with an error of a percent or so."""
    texts = [f"order-{number:09d}" for number in range(distinct)]
    found = figures([*texts, *texts[:1000]], Column("id", "text")).numbers
    assert found["distinct_is_exact"] == int(distinct <= 100_000)
    assert found["distinct_values"] == pytest.approx(distinct, rel=0.025 if distinct > 100_000 else 0)
    assert found.get("duplicate_rows") == (1000 if distinct <= 100_000 else None)
