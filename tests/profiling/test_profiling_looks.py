"""What values look like: how many share one at most, and their form; however they are cut."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.profiling.looks import BUCKETS, Look
from exporter.profiling.strings import Strings, text_array

VALUES = st.lists(
    st.one_of(
        st.text("ab", max_size=12),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.sampled_from(["", "http", "https://a.example", "Mozilla/5.0", "Moz", "{}", "{", "[1]", "{{a}}"]),
    ),
    min_size=1,
    max_size=30,
)


def look(values: list[str]) -> Look:
    """Look at some values."""
    return Look.of(Strings.of_array(text_array(values)))


def bucket(value: str) -> int:
    """Return a value's bucket: by its last eight bytes and its length."""
    octets = value.encode()
    return (int.from_bytes(octets[-8:], "little") + len(octets)) * 0x9E3779B97F4A7C15 % 2**64 * BUCKETS >> 64


@given(values=VALUES, start=st.integers(0, 30))
def test_buckets_are_those_of_the_bytes(values: list[str], start: int) -> None:
    """Of short values too, the first ones, and those of a part of an array."""
    array = pa.concat_arrays([text_array(["x" * start]), text_array(values)]).slice(1)
    found = Look.of(Strings.of_array(array)).buckets
    expected = [bucket(value) for value in values if value]
    assert {place: rows for place, rows in enumerate(found.tolist()) if rows} == {
        place: expected.count(place) for place in expected
    }


@given(values=VALUES, cut=st.integers(1, 29))
def test_parts_add_up(values: list[str], cut: int) -> None:
    """In any order."""
    parts = [part for part in (values[:cut], values[cut:]) if part]
    whole = look(values)
    assert look(parts[0]).merge(*map(look, parts[1:])) == whole
    assert look(parts[-1]).merge(*map(look, parts[:-1])) == whole
    assert whole.merge(Look()) == Look().merge(whole) == whole != 1


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("https://shop.example/a", "web addresses"),
        ("Mozilla/5.0 (X11)", "user agents"),
        ('{"a": 1}', "JSON"),
        ("{}", "JSON"),
        ("[1]", "JSON"),
        ("{{client_id}}", None),
        ("http", None),
        ("{", None),
        ("[object Object]", None),
        ("1740959397-I9koxjexP0-3", None),
    ],
)
def test_a_form_shows_in_the_first_bytes(value: str, form: str | None) -> None:
    """A template is not JSON."""
    forms = {} if form is None else {form: 2}
    assert look([value, "a", value]).seal() == {"fullest": 2, "values": 3, **forms}
