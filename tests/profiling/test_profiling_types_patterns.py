"""Patterns have the meaning of Python's ``re``, whichever engine runs them."""

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.profiling.strings import look, text_array
from exporter.profiling.values import patterns
from exporter.profiling.values.patterns import matches

ATOMS = st.sampled_from(
    (
        *(
            "a",
            "b",
            "-",
            "1",
            ".",
            r"\d",
            r"\w",
            r"\W",
            r"\.",
            r"\-",
            r"\$",
            "[ab]",
            "[^a]",
            "[a-c1]",
            r"[\d.]",
        ),
        *(
            "[.-]",
            "_",
            " ",
            "/",
            r"\s",
            r"\b",
            "[]a]",
            "[a&&b]",
            "[[:alpha:]]",
            r"\Z",
            "^",
            "$",
            "(?i)",
            "(?=a)",
        ),
        *("(?i)", "(?=a)", "\u00e9", "{", "{,2}", "}"),
    )
)
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "++", "{,2}"])
PATTERNS = st.recursive(
    st.builds("{}{}".format, ATOMS, REPEATS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.builds("({}){}".format, inner, REPEATS),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("^{}$".format, inner),
        st.builds("{}|{}".format, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(pattern=PATTERNS, texts=st.lists(st.text("ab1-._ $/\n\u00e9A\u0663", max_size=5), max_size=5))
def test_a_pattern_matches_what_python_says_it_does(pattern: str, texts: list[str]) -> None:
    """Where RE2 would mean something else, it is not asked."""
    try:
        whole = re.compile(pattern)
    except (re.error, FutureWarning):
        return
    texts = [*texts, "a", "ab", "1.1", "-", "a\n"]
    plain = [text for text in texts if text.isascii() and "\n" not in text]
    for some in (texts, plain):
        found = matches(look(text_array(some)), pattern)
        assert found.tolist() == [whole.fullmatch(text) is not None for text in some]


@pytest.mark.parametrize(
    "pattern",
    ["[A-Z]{2}", r"^ORD-\d{4,8}$", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "yes|no", r"\+?\d{1,3}[ -]?\d+", "[^@]+"],
)
def test_common_patterns_need_no_python(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are looked for in all values at once."""
    strings = look(text_array(["AB", "ORD-12345", "me@example.com", "yes", "+49 123", "@"]))
    expected = [re.fullmatch(pattern, text) is not None for text in strings.array.to_pylist()]
    monkeypatch.setattr(patterns.np, "fromiter", None)
    assert isinstance(strings.array, pa.Array)
    assert matches(strings, pattern).tolist() == expected


def test_repeats_beyond_what_re2_takes_are_read_by_python() -> None:
    """A thousand is its bound."""
    assert matches(look(text_array(["a" * 999, "a" * 500])), "(?:a{3}){333}").tolist() == [True, False]
    assert matches(look(text_array(["a" * 1500, "a" * 1400])), "(?:a{500}){3}").tolist() == [True, False]
