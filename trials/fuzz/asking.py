"""Call an application as the server does, without a socket."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message
from target import DisagreementError

FAULT = 500
BUSY = (501, 503)
LOOP = asyncio.new_event_loop()
Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; ``path`` may contain any bytes, which are percent-encoded as a client has to."""

    method: str
    path: bytes
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    scope: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(app: ASGIApp, asked: Asked) -> Answer:
    """Return the answer. Raises whatever the application raises, which the server would turn into a 500."""
    return LOOP.run_until_complete(_ask(app, asked))


async def _ask(app: ASGIApp, asked: Asked) -> Answer:
    raw = quote(asked.path, safe="/%:@!$&'()*+,;=~-._").encode("ascii")
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 9109),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
        "root_path": "",
        "method": asked.method,
        "path": unquote(raw.decode("ascii")),
        "raw_path": raw,
        "query_string": asked.query,
        "headers": [(b"host", b"127.0.0.1:9109"), *asked.headers],
        "state": {},
        **asked.scope,
    }
    await app(scope, receive, send)
    start = sent[0]
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(start["status"], _headers(start["headers"]), body)


def _headers(raw: Any) -> dict[str, str]:
    for name, value in raw:
        if any(octet in b"\r\n\0" for octet in name + value):
            raise DisagreementError(f"no header: {name!r}: {value!r}")
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}


def examine(answer: Answer) -> None:
    """Raise DisagreementError for an answer that is unreadable or reports a server error."""
    if answer.status == FAULT or (answer.status > FAULT and answer.status not in BUSY):
        raise DisagreementError(f"answered {answer.status}: {answer.body[:200]!r}")
    kind = answer.headers.get("content-type", "")
    if answer.headers.get("content-encoding") is None and ("text/" in kind or "json" in kind):
        text = answer.body.decode("utf-8")
        if "json" in kind and text:
            json.loads(text, parse_constant=_refuse)


def printable(octets: bytes) -> bytes:
    """Return the part of a header or a query that gets past the server's parser."""
    return bytes(octet for octet in octets if octet not in b"\r\n\0").strip(b" \t")


def _refuse(constant: str) -> object:
    raise DisagreementError(f"{constant} is not JSON")
