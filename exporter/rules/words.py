"""Templates of annotations: what an alert says of the feed and the day that it is about."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from exporter.links import Links

FEED = "{{ $labels.feed }}"
PARTITION = "{{ $labels.partition }}"
CHECK = "{{ $labels.check }}"
UNSEEN = "as last seen; the monitoring is blind, so this may have changed"


def ask(query: str, labels: Iterable[str], then: str, otherwise: str = "") -> str:
    """Return a template that asks Prometheus; the alert's labels take the places of ``%q`` in the query."""
    values = " ".join(f"$labels.{label}" for label in labels)
    without = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return f"{{{{ with printf `{query}` {values} | query }}}}{then}{without}{{{{ end }}}}"


def seen(blind: str, words: str) -> str:
    """Return a description: the feed, then the words, or that nobody can see what is so now."""
    return "{{ with $labels.feed }}feed {{ . }}: {{ end }}" + unless_blind(blind, words)


def unless_blind(blind: str, words: str) -> str:
    """Return the words, or that nobody can see what is so now."""
    return ask(f"{blind}{{feed=%q}}", ("feed",), UNSEEN, words)


def literal(text: str) -> str:
    """Keep the template engine from reading what is plain text."""
    return text.replace("{{", '{{ "{{" }}')


def links_of(links: Links, filtered: Mapping[str, str]) -> Mapping[str, str]:
    """Return where a person can go, the silence filled in for these labels."""
    matching = quote(",", safe="").join(
        quote(f'{label}="', safe="") + value + quote('"', safe="") for label, value in filtered.items()
    )
    silence = quote("{", safe="") + matching + quote("}", safe="")
    return {
        "dashboard_url": links.dashboard(FEED, PARTITION),
        "page_url": links.partition(FEED, PARTITION),
        "silence_url": f"{links.alertmanager}/#/silences/new?filter={silence}",
    }
