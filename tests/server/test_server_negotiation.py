"""Which format and encoding a client's headers request."""

import pytest

from exporter.server.negotiation import accepts_gzip, accepts_openmetrics, entity_tag, is_unchanged
from exporter.server.publication import Page

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)


@pytest.mark.parametrize(
    "accept",
    [
        PROMETHEUS_2,
        PROMETHEUS_3,
        "application/openmetrics-text",
        "Application/OpenMetrics-Text; Version=1.0.0",
        'application/openmetrics-text; version="1.0.0"',
        "text/plain, application/openmetrics-text",
        "text/plain;q=0.4, application/openmetrics-text;version=1.0.0;q=0.5",
        "text/html, application/openmetrics-text;version=1.0.0;q=0.001",
    ],
)
def test_a_client_that_names_openmetrics_gets_it(accept: str) -> None:
    """OpenMetrics is chosen if it is named and preferred no less than text."""
    assert accepts_openmetrics(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "text/plain",
        "text/plain;version=0.0.4",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/openmetrics-text;version=0.0.1",
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=nonsense",
        "application/openmetrics-text;q=2",
        "application/openmetrics-text;q=nan",
        "application/openmetrics-text;version=1.0.0;q=0.2, text/plain;q=0.3",
        "application/openmetrics-textual",
        ";;,=,q=1",
    ],
)
def test_every_other_client_gets_text(accept: str) -> None:
    """Wildcards, unknown versions, refusals and nonsense all mean text."""
    assert not accepts_openmetrics(accept)


@pytest.mark.parametrize(
    "accept",
    ["gzip", "GZIP", "x-gzip", "deflate, gzip;q=0.5", "*", "br;q=1, *;q=0.1", "identity;q=0.5, gzip"],
)
def test_gzip_is_sent_to_clients_that_accept_it(accept: str) -> None:
    """Gzip may be named or matched by a wildcard."""
    assert accepts_gzip(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "identity",
        "br",
        "gzip;q=0",
        "gzip; q=0.000",
        "*;q=0",
        "gzip;q=0, *",
        "gzip;q=0.3, identity",
        "gzipped",
    ],
)
def test_gzip_is_not_sent_to_clients_that_refuse_it(accept: str) -> None:
    """A weight of zero refuses it even with a wildcard; if plain bytes are preferred, they are sent."""
    assert not accepts_gzip(accept)


def test_the_two_encodings_have_two_tags() -> None:
    """A strong tag identifies exact bytes, so the compressed ones need their own."""
    page = Page.of(b"content", "text/plain")
    assert entity_tag(page, compressed=True) != entity_tag(page, compressed=False)
    assert entity_tag(page, compressed=False) != entity_tag(Page.of(b"other", "text/plain"), compressed=False)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("", False),
        ("a", False),
    ],
)
def test_a_tag_is_recognised_in_a_list(header: str, *, expected: bool) -> None:
    """If-None-Match may contain several tags, weak ones or a wildcard."""
    assert is_unchanged(header, '"a"') is expected
