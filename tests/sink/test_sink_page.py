"""The sink's pages: each message as a locked phone shows it, then in full; nothing in it becomes markup."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alertmanager_server import Sink, run_a_sink
from chromium import run_chromium
from playwright.sync_api import Browser, Page
from prometheus_server import LOOPBACK
from running import fetch

from exporter.sink.app import HEADERS
from exporter.sink.message import Channel, Message, Span
from exporter.sink.page import message_page, page
from exporter.sink.slack import marked

NOW = datetime(2025, 7, 1, 9, tzinfo=UTC)
HEADLINE = "CRITICAL events 2025-06-29: column referrer is missing"
TEXT = """\
Column referrer is missing in all 3,680 rows. 3,680 of 3,680 rows are rejected.

   Consumers of the column get no data for the whole day.
*Next:* Find the release that dropped or renamed the column, have it restored and the day exported.
Owner: data-engineering
<http://x/runbook|Runbook> | <http://x/silence|Silence>"""
SLACK = {"channel": "#a", "attachments": [{"title": HEADLINE, "text": TEXT, "color": "danger"}]}
EVENT = {
    "routing_key": "key",
    "event_action": "trigger",
    "payload": {
        "summary": HEADLINE,
        "source": "x",
        "severity": "critical",
        "custom_details": {"findings": TEXT, "firing": "Labels: all of them", "num_firing": "1"},
    },
}
MAIL = {"from": "a@x", "to": ["b@x"], "subject": HEADLINE, "text": TEXT}
BEAT = {"status": "firing", "alerts": [{"labels": {"alertname": "Watchdog"}}]}
BODIES = {Channel.SLACK: SLACK, Channel.PAGERDUTY: EVENT, Channel.EMAIL: MAIL, Channel.WEBHOOK: BEAT}


def received(channel: Channel, body: Any, number: int = 1, age: timedelta = timedelta()) -> Message:
    """Return a message that came that long before now."""
    return Message(number, NOW - age, channel, "/somewhere", body)


def shown(*messages: Message) -> str:
    """Return the page of all channels."""
    return page(messages, dict.fromkeys(Channel, len(messages)), None, NOW)


def on_the_phone(html: str) -> list[str]:
    """Return the words of a page's first notification: app, time, title, lines."""
    found = re.search(r'class="phone".*?>(.*?)</(?:a|div)>', html, re.DOTALL)
    assert found is not None
    words = re.sub(r'<span class="icon.*?</span>', "", found[1])
    return [line.strip() for line in re.sub(r"<[^>]+>", "", words).splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("channel", "app"),
    [(Channel.SLACK, "Slack"), (Channel.PAGERDUTY, "PagerDuty"), (Channel.EMAIL, "Mail")],
)
def test_a_notification_has_app_time_title_and_first_lines(channel: Channel, app: str) -> None:
    """What the message says in words: without marks and addresses, empty lines and indentation."""
    told = on_the_phone(shown(received(channel, BODIES[channel], age=timedelta(minutes=5))))
    assert told[:4] == [app, "5 min ago", HEADLINE, TEXT.splitlines()[0]]
    assert told[4] == "Consumers of the column get no data for the whole day."
    assert "http" not in "".join(told[:6])


def test_a_heartbeat_is_told_by_its_alert() -> None:
    """And by where it went."""
    told = on_the_phone(shown(received(Channel.WEBHOOK, BEAT)))
    assert told == ["Webhook", "now", "Watchdog", "firing /somewhere"]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(hours=49), "2 d ago"),
        (timedelta(seconds=-5), "now"),
    ],
)
def test_a_notification_says_how_old_it_is(age: timedelta, words: str) -> None:
    """As phones do; a clock that was set back makes none of the future."""
    assert on_the_phone(shown(received(Channel.SLACK, SLACK, age=age)))[1] == words


def test_a_phone_is_given_little_of_a_long_message() -> None:
    """However long title and text are; the message itself is whole."""
    long = "word " * 10_000
    html = shown(received(Channel.EMAIL, MAIL | {"subject": long, "text": long}))
    assert len("".join(on_the_phone(html))) < 700
    assert html.count("word") > 20_000


def test_a_message_has_a_page_that_stays_still() -> None:
    """The list reloads itself and would collapse what was opened; the page of one message does not."""
    message = received(Channel.PAGERDUTY, EVENT, number=7)
    assert 'http-equiv="refresh"' in shown(message)
    assert '<a class="phone" href="messages/7">' in shown(message)
    assert "<details>" not in shown(message)
    own = message_page(message, NOW)
    assert "refresh" not in own
    assert "<details><summary>As received</summary><pre>Labels: all of them</pre></details>" in own
    assert "trigger to the service of key …key" in own


HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & {{ 7 * 7 }} {% raw %}"
HOSTILE_BODIES = {
    Channel.SLACK: {
        "channel": HOSTILE,
        "attachments": [{"title": HOSTILE, "text": f"*b* {HOSTILE}", "footer": HOSTILE}],
    },
    Channel.PAGERDUTY: {
        "event_action": HOSTILE,
        "dedup_key": HOSTILE,
        "links": [{"href": f"http://x/{HOSTILE}", "text": HOSTILE}],
        "payload": {"summary": HOSTILE, "custom_details": {HOSTILE: HOSTILE, "list": [HOSTILE]}},
    },
    Channel.EMAIL: {"from": HOSTILE, "to": [HOSTILE], "subject": HOSTILE, "text": HOSTILE},
    Channel.WEBHOOK: {"status": HOSTILE, "alerts": [{"labels": {"alertname": HOSTILE}}]},
}


@pytest.mark.parametrize("channel", Channel)
def test_nothing_that_is_received_becomes_markup(channel: Channel) -> None:
    """On both pages, wherever in the message it stands."""
    message = received(channel, HOSTILE_BODIES[channel])
    for html in (shown(message), message_page(message, NOW)):
        assert "<script" not in html
        assert "<img" not in html
        assert html.count("</style>") == 1
        assert "49" not in html.partition("</style>")[2]
        assert "&lt;script&gt;" in html


def test_a_browser_may_use_the_pages_own_style_and_nothing_else() -> None:
    """The policy names the style by its hash, so that one that a message smuggled in would be none."""
    found = re.search(r"<style>(.*?)</style>", shown(), re.DOTALL)
    assert found is not None
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    policy = HEADERS["content-security-policy"].split("; ")
    assert policy[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "unsafe" not in HEADERS["content-security-policy"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a *b* c", [Span("a "), Span("b", "strong"), Span(" c")]),
        ("_a_ b", [Span("a", "em"), Span(" b")]),
        ("2*3*4 is_not_this", [Span("2*3*4 is_not_this")]),
        ("`x &lt; y`", [Span("x < y", "code")]),
        ("<javascript:alert(1)|x>", [Span("<javascript:alert(1)|x>")]),
        ("a &amp; b", [Span("a & b")]),
        ("<http://x/?a=1&amp;b=2|y>", [Span("y", address="http://x/?a=1&b=2")]),
        ("*<http://x|y>*", [Span("*"), Span("y", address="http://x"), Span("*")]),
    ],
)
def test_slacks_marks_are_read_as_slack_does(text: str, spans: list[Span]) -> None:
    """Bold, italic, code and links to the web; nothing else."""
    assert [span for span in marked(text) if span.text] == spans


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Provide a real browser; skip if there is none."""
    with run_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """Run a sink that received one message on each channel."""
    with run_a_sink() as running:
        for channel, body in BODIES.items():
            running.inbox.add(channel, "/somewhere", body)
        yield running


def opened(browser: Browser, sink: Sink, path: str, width: int, scheme: str) -> tuple[Page, list[str]]:
    """Open a page; what the browser complains of is added to the list."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    complaints: list[str] = []
    tab = context.new_page()
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(f"http://{LOOPBACK}:{sink.http_port}{path}")
    return tab, complaints


LINES = """nodes => nodes.map(node => {
  const look = getComputedStyle(node);
  return Math.round(node.clientHeight / parseFloat(look.lineHeight));
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800, 1280, 1920])
def test_a_browser_cuts_at_two_and_four_lines(browser: Browser, sink: Sink, width: int, scheme: str) -> None:
    """At every width, and nothing is wider than the window; the full one is next to it if there is room."""
    tab, complaints = opened(browser, sink, "/", width, scheme)
    assert max(tab.eval_on_selector_all(".title", LINES)) <= 2
    assert max(tab.eval_on_selector_all(".first", LINES)) == 4
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert all(box.is_visible() is (width >= 1280) for box in tab.query_selector_all(".full"))
    assert complaints == []
    tab.context.close()


def test_a_tap_opens_the_message(browser: Browser, sink: Sink) -> None:
    """In full, with what was folded away; a link leads back."""
    tab, complaints = opened(browser, sink, "/?channel=pagerduty", 390, "light")
    tab.click(".phone")
    assert tab.url.endswith("/messages/2")
    assert tab.is_visible(".full")
    assert not tab.is_visible("details pre")
    tab.click("summary")
    assert tab.is_visible("details pre")
    tab.click(".back a")
    assert tab.title() == "4 notifications"
    assert complaints == []
    tab.context.close()


def test_a_message_that_is_not_kept_is_told_in_a_line(sink: Sink) -> None:
    """An old address leads to one line and no traceback."""
    status, text = fetch(f"http://{LOOPBACK}:{sink.http_port}/messages/99")
    assert (status, text) == (404, "no such message; only the newest are kept")


def test_time_grows_with_the_message_whatever_begins_in_it() -> None:
    """An address that never ends is looked for no further than the next one begins."""

    def seconds(count: int) -> float:
        taken = []
        for _ in range(3):
            start = time.process_time()
            assert len(list(marked("<http://a" * count))) == 1
            taken.append(time.process_time() - start)
        return min(taken)

    few = seconds(1_000)
    assert seconds(8_000) < 24 * few
