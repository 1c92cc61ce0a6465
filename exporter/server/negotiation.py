"""What a client accepts, read from its headers (RFC 9110, 12.5)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from exporter.server.publication import Page

# Absent counts as accepted; 0.0.1 is a draft that Prometheus still offers as second choice.
OPENMETRICS_VERSIONS = ("", "1.0.0")


class _Choice(NamedTuple):
    value: str
    parameters: dict[str, str]
    weight: float


@lru_cache(maxsize=64)  # scrapers send the same header every time
def accepts_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics 1.0.0 is accepted and not ranked below plain text.

    Wildcards mean text, and OpenMetrics wins ties, as in prometheus_client's ``choose_encoder``.
    """
    openmetrics = text = 0.0
    for choice in _choices(accept):
        version = choice.parameters.get("version", "")
        if choice.value == "application/openmetrics-text" and version in OPENMETRICS_VERSIONS:
            openmetrics = max(openmetrics, choice.weight)
        elif choice.value == "text/plain":
            text = max(text, choice.weight)
    return openmetrics > 0 and openmetrics >= text


@lru_cache(maxsize=64)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip is accepted and not ranked below plain bytes."""
    weights = {choice.value: choice.weight for choice in _choices(accept_encoding)}
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def entity_tag(page: Page, *, compressed: bool) -> str:
    """Return the strong tag of one representation: compressed bytes differ from plain ones."""
    return f'"{page.digest}-gzip"' if compressed else f'"{page.digest}"'


def is_unchanged(if_none_match: str, tag: str) -> bool:
    """Whether the client already has the content of ``tag`` (weak comparison, see RFC 9110, 13.1.2)."""
    held = [candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")]
    return tag in held or "*" in held


def _choices(header: str) -> Iterator[_Choice]:
    for part in header.lower().split(","):
        value, *rest = (piece.strip() for piece in part.split(";"))
        pairs = (piece.partition("=") for piece in rest)
        parameters = {name.strip(): content.strip().strip('"') for name, _, content in pairs}
        if value:
            yield _Choice(value, parameters, _weight(parameters.get("q", "1")))


def _weight(text: str) -> float:
    """Parse a q value; invalid ones count as a refusal."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
