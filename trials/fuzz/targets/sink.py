"""Messages posted to the notification sink, and its pages afterwards."""

import json

from asking import Asked, ask, examine, printable
from given import Given
from target import DisagreementError, Target

from exporter.sink.app import create_sink
from exporter.sink.inbox import Inbox

POSTS = (b"/services/T/B/X", b"/v2/enqueue", b"/webhook", b"/webhook/a")
SLACK = {
    "channel": "#a",
    "username": "puffy",
    "text": "*bad* <http://x/y|link>",
    "attachments": [
        {
            "title": "Puffy &lt;",
            "title_link": "http://x",
            "color": "danger",
            "text": "`x` _y_",
            "pretext": "p",
            "fields": [{"title": "a", "value": "b"}],
            "actions": [{"text": "Open", "url": "https://x/y", "type": "button"}],
            "footer": "f",
        }
    ],
}
EVENT = {
    "routing_key": "a-very-secret-key",
    "event_action": "trigger",
    "dedup_key": "abc",
    "client_url": "http://x",
    "links": [{"href": "http://x", "text": "x"}],
    "payload": {
        "summary": "Puffy",
        "source": "x",
        "severity": "critical",
        "custom_details": {"firing": "x", "a": ["b"], "c": "see http://x"},
    },
}
HOOK = {"status": "resolved", "alerts": [{"labels": {"alertname": "A"}}, {"labels": {"alertname": "B"}}]}
BODIES = (SLACK, EVENT, HOOK)


def run(data: bytes) -> None:
    """Post a body, then request every page, and one with an arbitrary address."""
    given = Given(data)
    app = create_sink(Inbox(3))
    path, kind = given.pick(POSTS), given.number()
    query, number = b"", b""
    if kind % 4 == 3:
        body = json.dumps(given.edited(BODIES[POSTS.index(path) % 3])).encode()
    elif kind % 4 == 2:
        query, _, number = given.rest.partition(b"\n")
        body = b"{}"
    else:
        body = given.rest
    answer = ask(app, Asked("POST", path, body=body))
    examine(answer)
    kept = answer.status in {200, 202}
    looks = [Asked("GET", b"/"), Asked("GET", b"/api/messages"), Asked("GET", b"/messages/1")]
    for look in looks:
        shown = ask(app, look)
        examine(shown)
        if shown.status != (200 if kept or look.path != b"/messages/1" else 404):
            raise DisagreementError(f"{look.path!r} is answered {shown.status}, after {answer.status}")
    examine(ask(app, Asked("GET", b"/messages/" + number)))
    examine(ask(app, Asked("GET", b"/api/messages", query=printable(query))))


TARGET = Target(
    name="sink",
    run=run,
    seeds=(
        b"\0\0" + json.dumps(SLACK).encode(),
        b"\1\0" + json.dumps(EVENT).encode(),
        b"\2\0" + json.dumps(HOOK).encode(),
        b"\3\0[]",
        b"\2\0NaN",
        b'\2\0"\\ud800"',
        b"\0\2channel=slack\n1",
        b"\0\3\0\1\4\5",
        b"\1\3\0\7\4\5",
    ),
    words=(
        b"NaN",
        b"Infinity",
        b"\\ud800",
        b"<http://x|y>",
        b'"dedup_key"',
        b"1e999",
        b"[[[[[[[[",
        b"&lt;",
        b"channel=",
        b"%ff",
    ),
    longest=1000,
)
