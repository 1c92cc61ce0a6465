"""Requests to the exporter itself: is it up, reload, record an acknowledgement."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exporter.errors import UserError, reason_of
from exporter.server.asking import is_foreign, media_type, read_text, status_of
from exporter.server.auth import USER
from exporter.server.desk import FOREIGN, Acknowledge
from exporter.server.headers import NO_SNIFFING
from exporter.server.responses import plain


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The result of a reload: why the old configuration stays, or which keys need a restart."""

    problem: str | None = None
    waiting: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """One line for the requester."""
        if self.problem is not None:
            return self.problem
        return "Reloaded." + (f" Needs a restart: {', '.join(self.waiting)}." if self.waiting else "")


Reload = Callable[[], Awaitable[Reloaded]]
Awaited = Callable[[], str | None]  # returns why something is not ready, None if it is
Endpoint = Callable[[Request], Awaitable[Response]]


async def healthy(_: Request) -> Response:
    """Respond as long as the server does."""
    return plain("Healthy.\n")


def readiness(awaited: Awaited) -> Endpoint:
    """Return an endpoint that responds with 503 and the reason while something is awaited."""

    async def answer(_: Request) -> Response:
        why = awaited()
        return plain("Ready.\n") if why is None else plain(f"{why}\n", 503)

    return answer


def reloading(reload: Reload) -> Endpoint:
    """Return an endpoint that reloads the configuration; requests from other sites are rejected."""

    async def answer(request: Request) -> Response:
        if is_foreign(request):
            return plain(f"{FOREIGN}\n", 403)
        reloaded = await reload()
        return plain(f"{reloaded.line}\n", 200 if reloaded.problem is None else 500)

    return answer


def acknowledging(acknowledge: Acknowledge | str) -> Endpoint:
    """Return an endpoint that records an acknowledgement, sent as JSON, or says why it is refused."""

    async def answer(request: Request) -> Response:
        if isinstance(acknowledge, str):
            return plain(f"{acknowledge}\n", 403)
        if is_foreign(request):
            return plain(f"{FOREIGN}\n", 403)
        # A page of another site can send a form without preflight, but not JSON.
        if media_type(request) != "application/json":
            return plain("Send application/json.\n", 415)
        try:
            fields = await _fields(request)
            recorded = await acknowledge(fields, request.scope.get(USER))
        except UserError as error:
            return plain(f"{error}\n", status_of(error))
        except OSError as error:
            why = reason_of(error)
            return plain(f"Not recorded: the audit log cannot be written: {why}.\n", 500)
        return JSONResponse(recorded, 201, NO_SNIFFING)

    return answer


async def _fields(request: Request) -> Mapping[str, object]:
    try:
        fields = json.loads(await read_text(request))
    except (ValueError, RecursionError):
        raise UserError("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise UserError("the body is not a JSON object")
    return fields
