"""Requests that a proxy on the way may read differently: refused, or read as RFC 9112 says."""

import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.server.headers import NO_SNIFFING

HOST = re.compile(rb"[\w.~%!$&'()*+,;=:\[\]-]*", re.ASCII)
ABSOLUTE = re.compile(rb"https?://[^/]*", re.IGNORECASE)
REFUSED = {**NO_SNIFFING, "connection": "close"}  # nobody knows where the next request begins


def vetted(app: ASGIApp) -> ASGIApp:
    """Return ``app`` for requests with one clear length, host and version; the others are refused here."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif (refusal := _refusal(scope)) is not None:
            await refusal(scope, receive, send)
        else:
            await app(_from_origin(scope), receive, send)

    return answer


def _refusal(scope: Scope) -> PlainTextResponse | None:
    headers = dict(scope["headers"])
    if not scope["http_version"].startswith("1."):
        return PlainTextResponse("Speak HTTP/1.1.\n", 505, REFUSED)
    if b"content-length" in headers and b"transfer-encoding" in headers:
        return PlainTextResponse("Two lengths: Content-Length and Transfer-Encoding.\n", 400, REFUSED)
    if HOST.fullmatch(headers.get(b"host", b"")) is None:
        return PlainTextResponse("The Host is none.\n", 400, REFUSED)
    return None


def _from_origin(scope: Scope) -> Scope:
    """Read an address as proxies are sent it, scheme and host included, like its path."""
    absolute = ABSOLUTE.match(scope["raw_path"])
    if absolute is None:
        return scope
    raw, path = scope["raw_path"][absolute.end() :], scope["path"].split("://", 1)[1]
    return {**scope, "raw_path": raw or b"/", "path": f"/{path.partition('/')[2]}"}
