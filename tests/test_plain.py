"""Text from outside, cleaned once."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.plain import LONGEST, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dq", "dq"),
        ("naïve café 数据 🛏", "naïve café 数据 🛏"),
        ("dq\ud83d", "dq\\ud83d"),
        (os.fsdecode(b"a\xff\xe9.json"), "a\\xff\\xe9.json"),
        ("two\nlines\t\x00", "two\\x0alines\\x09\\x00"),
        ("\u202egnp", "\\u202egnp"),
        ('"{{}}"</script>', '"{{}}"</script>'),
    ],
)
def test_what_can_be_shown_stays_and_the_rest_is_spelled_out(text: str, shown: str) -> None:
    """On one line, as valid UTF-8, with nothing that reverses the text next to it."""
    assert plain(text) == shown


@given(st.text(st.characters(codec=None)))
def test_any_text_comes_out_bounded_and_printable(text: str) -> None:
    """Whatever it holds."""
    shown = plain(text)
    assert len(shown) <= LONGEST
    assert shown.isprintable()
    assert shown == shown.encode().decode()


def test_long_texts_that_differ_stay_different() -> None:
    """Two tasks whose names differ at the end are two."""
    one, other = plain("x" * 100_000 + "1"), plain("x" * 100_000 + "2")
    assert one != other
    assert len(one) == len(other) == LONGEST
