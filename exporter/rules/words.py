"""Templates of annotations: an alert's text about its feed and day."""

from collections.abc import Iterable, Mapping

from exporter.links import Links

FEED = "{{ $labels.feed }}"
PARTITION = "{{ $labels.partition }}"
CHECK = "{{ $labels.check }}"
UNSEEN = "as last seen; the monitoring is blind, so this may have changed"


def ask(query: str, labels: Iterable[str], then: str, otherwise: str = "") -> str:
    """Return a template that queries Prometheus; the alert's labels replace ``%q`` in the query."""
    values = " ".join(f"$labels.{label}" for label in labels)
    without = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return f"{{{{ with printf `{query}` {values} | query }}}}{then}{without}{{{{ end }}}}"


def seen(blind: str, words: str) -> str:
    """Return a description: the feed, then the text, or that the feed is blind."""
    return "{{ with $labels.feed }}feed {{ . }}: {{ end }}" + unless_blind(blind, words)


def unless_blind(blind: str, words: str) -> str:
    """Return the text, or that the feed is blind."""
    return ask(f"{blind}{{feed=%q}}", ("feed",), UNSEEN, words)


def literal(text: str) -> str:
    """Escape plain text for the template engine."""
    return text.replace("{{", '{{ "{{" }}')


def links_of(links: Links, filtered: Mapping[str, str]) -> Mapping[str, str]:
    """Return the links, with the silence prefilled for these labels."""
    return {
        "dashboard_url": links.dashboard(FEED, PARTITION),
        "page_url": links.partition(FEED, PARTITION),
        "silence_url": links.silence(filtered),
    }
