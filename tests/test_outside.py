"""Text from outside becomes fit for every output."""

import pytest

from exporter.outside import LONGEST_NAME, clean


@pytest.mark.parametrize("text", ["", "dq", "page viewed", "größe", "заказ", "{{ x }}", 'say "hi" \\', "👍"])
def test_what_can_be_printed_stays_as_it_is(text: str) -> None:
    """Quoting is the business of each output."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dq\ud83d", "dq\\ud83d"),
        ("a\0b", "a\\x00b"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("a\u2028b", "a\\u2028b"),
        ("\u202egnp", "\\u202egnp"),
        ("a\udcff", "a\\udcff"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, shown: str) -> None:
    """Surrogates, control characters, line breaks and marks that turn the direction of writing."""
    assert clean(text) == shown


def test_a_long_name_is_cut_and_stays_distinct() -> None:
    """A digest of the whole tells two apart that begin alike."""
    one, other = clean("x" * 100_000 + "1"), clean("x" * 100_000 + "2")
    assert len(one) == len(other) == LONGEST_NAME
    assert one != other
    assert one.startswith("xxx")


@pytest.mark.parametrize("text", ["\0" * 60, "\ud83d" * 100_000, "\u0301" * 5000, "ﷺ" * 100])
def test_escapes_count_towards_the_length(text: str) -> None:
    """Nothing comes out longer, and cleaning again changes nothing."""
    assert len(clean(text)) <= LONGEST_NAME
    assert clean(clean(text)) == clean(text)
    clean(text).encode()
