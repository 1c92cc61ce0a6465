"""Headers that the operator wants on every answer."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def with_headers(app: ASGIApp, headers: Mapping[str, str]) -> ASGIApp:
    """Return ``app`` with ``headers`` set on each answer, in place of its own of the same names."""
    if not headers:
        return app

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer
