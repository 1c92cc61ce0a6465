"""The addresses that notifications are sent to, and the page that shows them."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from exporter.sink.inbox import Inbox
from exporter.sink.message import Channel, Message
from exporter.sink.page import STYLE_HASH, message_page, page
from exporter.sink.pagerduty import event_fault

MOST_BYTES = 1 << 20  # of one message; PagerDuty accepts half of it
MOST_NESTED = 64  # lists and objects within each other
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": (
        f"default-src 'none'; style-src '{STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

Endpoint = Callable[[Request], Awaitable[Response]]


def create_sink(inbox: Inbox) -> Starlette:
    """Return the application that stores what it receives in ``inbox``.

    Slack: POST ``/services/...``, answered ``ok``. PagerDuty Events v2: POST ``/v2/enqueue``, answered 202.
    Anything else that posts JSON: ``/webhook`` and below. Anything else is answered 400 and not stored.
    """
    posts = ["POST"]
    app = Starlette(
        routes=[
            Route("/", _page(inbox)),
            Route("/messages/{number}", _single(inbox)),
            Route("/api/messages", _messages(inbox)),
            Route("/-/healthy", _healthy),
            Route("/services/{rest:path}", _receiving(inbox, _slack), methods=posts),
            Route("/v2/enqueue", _receiving(inbox, _pagerduty), methods=posts),
            Route("/webhook", _receiving(inbox, _webhook), methods=posts),
            Route("/webhook/{rest:path}", _receiving(inbox, _webhook), methods=posts),
        ]
    )
    app.router.redirect_slashes = False
    return app


def _slack(inbox: Inbox, path: str, body: Any) -> Response:
    if not isinstance(body, dict):
        return PlainTextResponse("invalid_payload", 400)
    inbox.add(Channel.SLACK, path, body)
    return PlainTextResponse("ok")  # Alertmanager treats any other word as a failure


def _pagerduty(inbox: Inbox, path: str, body: Any) -> Response:
    fault = event_fault(body)
    if fault is not None:
        refusal = {"status": "invalid event", "message": "Event object is invalid", "errors": [fault]}
        return JSONResponse(refusal, 400)
    message = inbox.add(Channel.PAGERDUTY, path, body)
    key = body.get("dedup_key") or f"message-{message.number}"
    return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def _webhook(inbox: Inbox, path: str, body: Any) -> Response:
    inbox.add(Channel.WEBHOOK, path, body)
    return PlainTextResponse("ok")


def _receiving(inbox: Inbox, keep: Callable[[Inbox, str, Any], Response]) -> Endpoint:
    async def answer(request: Request) -> Response:
        content = b""
        async for chunk in request.stream():
            content += chunk
            if len(content) > MOST_BYTES:
                return PlainTextResponse("too large", 413)
        try:
            body = _load(content)
        except (ValueError, RecursionError):
            return PlainTextResponse("no_json", 400)
        return keep(inbox, request.url.path, body)

    return answer


def _load(content: bytes) -> Any:
    """Return strict JSON, in which half a letter, which no page can show, is a question mark.

    Raises ValueError, or RecursionError.
    """
    text = json.dumps(json.loads(content), ensure_ascii=False, allow_nan=False)
    body = json.loads(text.encode("utf-8", "replace"))
    level = [body]
    for _ in range(MOST_NESTED):
        level = [below for value in level for below in _below(value)]
    if level:
        raise ValueError(f"nested more than {MOST_NESTED} times")
    return body


def _below(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _page(inbox: Inbox) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            channel = _channel(request)
        except ValueError:
            return PlainTextResponse("no such channel", 404)
        shown = page(inbox.newest(channel), inbox.received(), channel, datetime.now(tz=UTC))
        return HTMLResponse(shown, headers=HEADERS)

    return answer


def _single(inbox: Inbox) -> Endpoint:
    async def answer(request: Request) -> Response:
        number = request.path_params["number"]
        for message in inbox.newest():
            if str(message.number) == number:
                return HTMLResponse(message_page(message, datetime.now(tz=UTC)), headers=HEADERS)
        return PlainTextResponse("no such message; only the newest are kept", 404)

    return answer


def _messages(inbox: Inbox) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            chosen = inbox.newest(_channel(request))
        except ValueError:
            return PlainTextResponse("no such channel", 404)
        document = {"received": inbox.received(), "messages": [_document(message) for message in chosen]}
        return JSONResponse(document, headers=HEADERS)

    return answer


async def _healthy(_: Request) -> Response:
    return PlainTextResponse("Healthy.\n")


def _channel(request: Request) -> Channel | None:
    name = request.query_params.get("channel")
    return None if name is None else Channel(name)


def _document(message: Message) -> dict[str, Any]:
    return asdict(message) | {"received_at": message.received_at.isoformat(timespec="milliseconds")}
