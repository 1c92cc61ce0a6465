"""Receives forms: who may send one, from which page, and each only once.

A form needs a token that only a page shown to the same person contains, in the same session of the same
browser. The session is a random id in a cookie that no script reads and no other site's page sends.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from exporter.server.auth import USER

Recorded = Mapping[str, object]
Acknowledge = Callable[[Mapping[str, object], str | None], Awaitable[Recorded]]

SESSION = "puffy_session"  # the cookie
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{43}")
BYTES = 32  # of randomness
PURPOSE = "acknowledge"
TWICE_SECONDS = 10.0  # a form sent again within this time is a double click
MOST_REMEMBERED = 256

NO_USERS = (
    "Refused: you cannot be identified, because the web configuration file has no basic_auth_users."
    " Set them up, or use puffy-exporter gate ack."
)
WHAT_IF = "Refused: the exporter shows another time (--as-of), so acknowledgements have no effect."
OPEN = "Refused: set up basic auth, or listen on the loopback address only."
FOREIGN = "Refused: the request comes from a page of another site."
TOO_OLD = "The form is too old; load the page again, or send this new one."


class Desk:
    """Issues tokens and receives forms, for one feed. All on the event loop.

    ``acknowledge`` records what they say, or is the reason why nobody may.
    """

    def __init__(self, acknowledge: Acknowledge | str) -> None:
        self._acknowledge = acknowledge
        self._secret = secrets.token_bytes(BYTES)
        self._taken: OrderedDict[bytes, tuple[float, asyncio.Task[Recorded]]] = OrderedDict()

    def refusal(self, request: Request) -> str | None:
        """Return why nobody may acknowledge from a page, or ``None`` if people may."""
        if self._acknowledge == WHAT_IF:  # users would not help
            return WHAT_IF
        if request.scope.get(USER) is None:
            return NO_USERS
        return self._acknowledge if isinstance(self._acknowledge, str) else None

    def token(self, request: Request, session: str) -> str:
        """Return the token that a form from this visitor must contain, empty if nobody may acknowledge."""
        if self.refusal(request) is not None:
            return ""
        parts = "\0".join((session, request.scope[USER], PURPOSE))
        return hmac.new(self._secret, parts.encode(), hashlib.sha256).hexdigest()

    def knows(self, request: Request, token: str) -> bool:
        """Return whether a token is the one issued to this visitor."""
        session = request.cookies.get(SESSION, "")
        wanted = self.token(request, session) if SESSION_ID.fullmatch(session) else ""
        return bool(wanted) and hmac.compare_digest(wanted.encode(), token.encode())

    async def take(self, fields: Mapping[str, object], request: Request, token: str) -> Recorded:
        """Record an acknowledgement and return it; the same one sent twice is recorded once.

        Raises UserError if it is rejected, OSError if it cannot be recorded.
        """
        assert not isinstance(self._acknowledge, str)  # noqa: S101  a token implies permission
        text = repr((token, sorted(fields.items())))
        key = hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()
        self._forget(time.monotonic() - TWICE_SECONDS)
        _, task = self._taken.get(key, (0.0, None))
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.ensure_future(self._record(fields, request.scope[USER]))
            self._taken[key] = time.monotonic(), task
            self._taken.move_to_end(key)
        return await asyncio.shield(task)  # it counts even if the client hangs up

    async def _record(self, fields: Mapping[str, object], user: str) -> Recorded:
        assert not isinstance(self._acknowledge, str)  # noqa: S101  see above
        return await self._acknowledge(fields, user)

    def _forget(self, before: float) -> None:
        while self._taken:
            at, _ = next(iter(self._taken.values()))
            if at >= before and len(self._taken) < MOST_REMEMBERED:
                return
            self._taken.popitem(last=False)


def session_of(request: Request) -> tuple[str, bool]:
    """Return the visitor's session, and whether it is new and must be sent with the response."""
    known = request.cookies.get(SESSION, "")
    return (known, False) if SESSION_ID.fullmatch(known) else (secrets.token_urlsafe(BYTES), True)


def give(response: Response, request: Request, session: str) -> None:
    """Set a session cookie in the visitor's browser, until that is closed."""
    secure = request.scope["scheme"] == "https"
    response.set_cookie(SESSION, session, path="/", httponly=True, samesite="strict", secure=secure)


def place_of(recorded: Recorded) -> str:
    """Return the relative path from a form's address to the page of what was acknowledged."""
    named: Any = recorded.get("incident") or recorded["partition"]
    return f"../{quote(str(named), safe='')}"
