"""Addresses are counted by their hosts."""

from collections import Counter

import pytest
from addresses import read
from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, common, cut_figures, cuts, figures, flat, is_inside, present

from exporter.feed import Column, Limits

HOSTS = st.sampled_from(
    [
        "example.com",
        "Example.COM",
        "a.b.example.org.",
        "localhost",
        "10.0.0.1",
        "[::1]",
        "m\u00fcnchen.de",
        "intranet",
        "a_b.de",
        "",
        ".",
        "1.5",
        "a b",
        "-",
    ]
)
TAILS = st.sampled_from(
    ["", "/", "/a?b#c", "?q=https://other.org/", "#x", "\\path", "/a//b", ":", "//", "/\n", "@", ":80a"]
)
WRITTEN = st.one_of(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(
            [
                "",
                "http://",
                "HTTPS://",
                "//",
                "/",
                "app+x://",
                "mailto:",
                "3x://",
                "://",
                "http:/",
                "http:///",
            ]
        ),
        st.sampled_from(["", "", "", "me@", "me:secret@", "a@b@", "me:p/w@"]),
        HOSTS,
        st.sampled_from(["", "", ":", ":8080"]),
        TAILS,
    ),
    st.sampled_from(ODD),
    st.text(":/?#@.a[]\\", max_size=12),
)


@settings(max_examples=300)
@given(parts=cuts(WRITTEN), row_by_row=st.booleans(), named=st.sampled_from([2, 1000]))
def test_addresses_are_counted_alike_however_they_are_cut(
    parts: list[list[list[str]]], named: int, *, row_by_row: bool
) -> None:
    """Any cut counts what taking one address apart at a time does."""
    limits = Limits(longest=40)
    with bounds(row_by_row=row_by_row, named=named):
        found = cut_figures(parts, Column("page", "url", limits=limits))
    read_here = [place for text in present(flat(parts)) if (place := read(text)) is not None]
    hosts = Counter(host for host, _ in read_here)
    kept = {host: hosts[host] for host in sorted(hosts)[:named]}
    assert dict(found.values) == kept
    assert found.values_overflow == hosts.total() - sum(kept.values())
    told = {**common(flat(parts), lambda text: read(text) is not None and is_inside(text, limits))}
    assert dict(found.numbers) == told | {"without_scheme_rows": sum(not scheme for _, scheme in read_here)}
    assert found.type == "url"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.Example.com/a/b?c=d#e", "www.example.com"),
        ("https://me:secret@example.com:8443", "example.com"),
        ("//cdn.example.com/x.js", "cdn.example.com"),
        ("example.com/path", "example.com"),
        ("http://intranet/", "intranet"),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("/only/a/path?next=https://example.com/", None),
        ("https:///path", None),
        ("mailto:me@example.com", None),
        ("me@example.com", None),
        ("javascript:void(0)", None),
        ("hello", None),
        ("12.50", None),
    ],
)
def test_an_address_has_a_host_or_is_invalid(text: str, host: str | None) -> None:
    """A host needs no scheme, if it looks like one."""
    found = figures([text], Column("page", "url"))
    assert found.numbers["invalid_rows"] == int(host is None)
    assert dict(found.values) == ({} if host is None else {host: 1})


def test_a_personal_column_names_no_host() -> None:
    """How many addresses are without a scheme is told all the same."""
    found = figures(["https://a.example.com", "b.example.com"], Column("page", "url", personal=True))
    assert (found.values, found.numbers["without_scheme_rows"]) == ({}, 1)
