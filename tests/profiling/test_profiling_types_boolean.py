"""Yes and no, however it is written."""

from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, common, cut_figures, cuts, figures, flat, present

from exporter.feed import Column

SAYS = {"true": 1, "t": 1, "yes": 1, "1": 1, "false": 0, "f": 0, "no": 0, "0": 0}
WRITTEN = st.one_of(
    st.sampled_from([*SAYS]).map(str.upper),
    st.sampled_from([*SAYS]).map(lambda word: f" {word.title()}"),
    st.sampled_from([*ODD, "y", "n", "1.0", "2", "truth", "\u24c9"]),
)


@settings(max_examples=150)
@given(parts=cuts(WRITTEN), row_by_row=st.booleans())
def test_answers_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], *, row_by_row: bool
) -> None:
    """Any cut gives what reading one answer at a time gives."""
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("paid", "boolean"))
    texts = flat(parts)
    answers = [SAYS[text.lower()] for text in present(texts) if text.lower() in SAYS]
    told = {**common(texts, lambda text: text.lower() in SAYS), "true_rows": sum(answers)}
    if answers:
        told["true_ratio"] = sum(answers) / len(answers)
    assert dict(found.numbers) == told
    assert found.type == "boolean"


def test_what_is_neither_is_shown_only_if_it_means_yes_or_no() -> None:
    """Other values may be anybody's: their shape is enough."""
    found = figures(["true", "1.0", "0.0", "0.0", "WAHR", "", "jane@x.example"], Column("paid", "boolean"))
    assert found.shapes == {"0.0": 2, "1.0": 1, "WAHR": 1, "aaaa@a.aaaaaaa": 1}
    assert not figures(["1.0"], Column("paid", "boolean", personal=True)).shapes
