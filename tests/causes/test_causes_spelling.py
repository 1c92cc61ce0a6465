"""Names that differ in their spelling only, in any script."""

import unicodedata
from dataclasses import replace

import pytest
from feeds import EVENTS
from hypothesis import given
from hypothesis import strategies as st
from made import facts, profile

from exporter.causes.cause import Case
from exporter.causes.known import CAUSES
from exporter.causes.spelling import respelled
from exporter.feed import Column
from exporter.model import EventChanges, Stage


@pytest.mark.parametrize(
    ("gone", "new"),
    [
        ("client_id", "Client ID"),
        ("client_id", "clientId"),
        ("Größe", "GRÖSSE"),
        ("ДАТА_ЗАКАЗА", "дата-заказа"),  # noqa: RUF001  not Latin on purpose
        ("日付", "日_付"),
        ("金額", "金額 "),
        ("id", "ＩＤ"),  # noqa: RUF001  full width
        ("café", unicodedata.normalize("NFD", "Café")),
    ],
)
def test_a_spelling_is_recognised(gone: str, new: str) -> None:
    """Case, separators and forms of Unicode make no other name."""
    assert respelled([gone], ["other", new, "備考"]) == {gone: new}


@pytest.mark.parametrize(
    ("gone", "new"),
    [
        ("金額", "備考"),
        ("дата", "сумма"),
        ("कि", "का"),  # they differ in a vowel sign
        ("€", "$"),
        ("price €", "price $"),
        ("--", "_"),
        ("", " "),
        ("client_id", "user_id"),
    ],
)
def test_another_name_is_no_spelling(gone: str, new: str) -> None:
    """Whatever remains of them must be something, and the same."""
    assert respelled([gone], [new]) == {}


@given(st.text(st.characters(categories=("Lo",)), min_size=1), st.text(st.characters(categories=("Lo",))))
def test_names_without_case_are_compared_letter_by_letter(one: str, other: str) -> None:
    """Scripts without capitals have one spelling, up to Unicode's compatible forms."""
    same = unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    assert respelled([one], [other]) == ({one: other} if same else {})


COLUMNS = (Column("日付"), Column("金額"))


@pytest.mark.parametrize(
    ("header", "causes"),
    [(("日付", "備考"), {"column_missing"}), (("日付", "金_額"), {"header_spelled"})],
)
def test_a_missing_column_in_another_script_is_missing(header: tuple[str, ...], causes: set[str]) -> None:
    """Its cause does not propose another column as an alias."""
    raw = replace(EVENTS.raw, columns=COLUMNS)
    feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: raw})
    case = Case(facts(raw=profile(columns=header)), (), feed)
    found = {name for name in ("column_missing", "header_spelled") if list(CAUSES[name].detect(case))}
    assert found == causes


@pytest.mark.parametrize(
    ("new", "cause"),
    [("支払い", "event_renamed"), ("購_入", "events_spelled"), ("PURCHASE", "events_spelled")],
)
def test_an_event_in_another_script_is_renamed(new: str, cause: str) -> None:
    """Two words in one script are not the same event."""
    old = "purchase" if new.isascii() else "購入"
    day = replace(facts(), changes=EventChanges(vanished={old: 50.0}, appeared={new: 48}))
    found = {
        name
        for name in ("event_renamed", "events_spelled")
        if list(CAUSES[name].detect(Case(day, (), EVENTS)))
    }
    assert found == {cause}
