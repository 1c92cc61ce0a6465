"""Headers of pages, and those that the operator wants on every response."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_SNIFFING = {"x-content-type-options": "nosniff"}
HTML_HEADERS = {
    **NO_SNIFFING,
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def with_headers(app: ASGIApp, headers: Mapping[str, str]) -> ASGIApp:
    """Return ``app`` with ``headers`` set on each response, replacing its own."""
    if not headers:
        return app

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer
