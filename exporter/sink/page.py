"""The page that shows every message: one small HTML document, without scripts or anything to fetch."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from exporter.sink.cards import card
from exporter.sink.message import Channel, Message

STYLE = (files(__package__) / "style.css").read_text(encoding="utf-8")
NAMES: Mapping[Channel, str] = {
    Channel.SLACK: "Slack",
    Channel.PAGERDUTY: "PagerDuty",
    Channel.EMAIL: "Mail",
    Channel.WEBHOOK: "Webhook",
}
RELOAD_SECONDS = 5
HEADING = (
    "<header><h1>Notifications</h1><p>What Slack, PagerDuty, the mail server and the heartbeat"
    " would have received. Nothing leaves this machine.</p></header>"
)


def page(messages: Sequence[Message], received: Mapping[Channel, int], chosen: Channel | None) -> str:
    """Return the page: ``messages`` in the order given, under how many each channel received."""
    shown = "".join(_article(message) for message in messages)
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="refresh" content="{RELOAD_SECONDS}">',
            f"<title>{sum(received.values())} notifications</title>",
            f"<style>{STYLE}</style>",
            HEADING,
            _choices(received, chosen),
            f"<main>{shown}</main>" if shown else '<p class="quiet">Nothing yet.</p>',
            "</html>",
        )
    )


def _choices(received: Mapping[Channel, int], chosen: Channel | None) -> str:
    links = [_choice("./", "All", sum(received.values()), current=chosen is None)]
    links += [
        _choice(f"?channel={channel}", NAMES[channel], count, current=channel is chosen)
        for channel, count in received.items()
    ]
    return f"<nav>{''.join(links)}</nav>"


def _choice(address: str, name: str, count: int, *, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{address}"{mark}>{name} <small>{count}</small></a>'


def _article(message: Message) -> str:
    shown = card(message)
    title = escape(shown.title)
    if shown.address:
        title = f'<a href="{escape(shown.address)}">{title}</a>'
    when = message.received_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f'<article class="{shown.tone}" id="message-{message.number}">'
        f'<p class="head"><b class="{message.channel}">{NAMES[message.channel]}</b>'
        f"<span>{escape(shown.place)}</span><time>{when}</time></p>"
        f"<h2>{title}</h2>{shown.html}</article>"
    )
