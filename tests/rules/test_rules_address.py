"""Addresses that links begin with are whole, and nothing in them ends a link."""

import pytest

from exporter.rules.address import page_address, server_address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("http://localhost:10110", "http://localhost:10110"),
        ("https://puffy.example/", "https://puffy.example"),
        ("https://example.com/monitoring/puffy//", "https://example.com/monitoring/puffy"),
        ("http://[::1]:10110/", "http://[::1]:10110"),
        ("HTTPS://Puffy.Example", "HTTPS://Puffy.Example"),
    ],
)
def test_a_server_has_an_address_without_a_slash_at_the_end(written: str, address: str) -> None:
    """Paths are appended to it."""
    assert server_address(written) == page_address(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "localhost",
        "localhost:10110",
        "//host",
        "/path",
        "docs/runbooks/checks.md",
        "ftp://host",
        "javascript:alert(1)",
        "http://",
        "http://:10110",
        "http:host",
        "http://host:port",
        "http://host:0",
        "http://host:65536",
        "http://[::1",
        "http://user@host",
        "http://user:secret@host",
        "http://host#top",
        '"http://host"',
        "'http://host'",
        "http://ho st",
        " http://host",
        "http://host\n",
        "http://host/{{ $labels.feed }}",
        "http://host|Click",
        "http://host>",
        "http:\\\\host",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    """With the reason."""
    with pytest.raises(ValueError, match=r"address"):
        page_address(written)
    with pytest.raises(ValueError, match=r"address"):
        server_address(written)


def test_a_page_may_have_a_query() -> None:
    """As those of a wiki; a server's path could not follow one."""
    assert page_address("https://wiki.example/view?page=7") == "https://wiki.example/view?page=7"
    with pytest.raises(ValueError, match="without a query"):
        server_address("https://wiki.example/view?page=7")
