"""Basic authentication for every route, with bcrypt hashes as exporter-toolkit keeps them."""

import asyncio
import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

import bcrypt
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_REMEMBERED = 128
USER = "puffy.user"  # the key of the user in a request's scope
LONGEST_PASSWORD = 72  # bytes that bcrypt uses; the library rejects more instead of truncating


class _Credentials(NamedTuple):
    user: str
    password: bytes


class BasicAuth:
    """Lets a request through to ``app`` if it names one of ``users`` (name to bcrypt hash) and its password.

    bcrypt is slow on purpose, so it runs on a thread, one at a time, and a verified pair is remembered by its
    SHA-256: a scraper pays once, and guessing clients wait in a queue that scrapers need not join.
    """

    def __init__(self, app: ASGIApp, users: Mapping[str, bytes]) -> None:
        self._app = app
        self._users = dict(users)
        self._decoy = max(users.values(), key=_cost)  # an unknown name must cost as much as a known one
        self._remembered: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with 401, or pass the request on."""
        if scope["type"] == "lifespan":  # the server's own start and stop, not a request
            await self._app(scope, receive, send)
            return
        credentials = _read_credentials(Headers(scope=scope).get("authorization", ""))
        if credentials is not None and await self._is_known(credentials):
            await self._app({**scope, USER: credentials.user}, receive, send)
            return
        response = PlainTextResponse(
            "Unauthorized\n",
            status_code=401,
            headers={"www-authenticate": 'Basic realm="puffy-exporter", charset="UTF-8"'},
        )
        await response(scope, receive, send)

    async def _is_known(self, credentials: _Credentials) -> bool:
        key = (credentials.user, hashlib.sha256(credentials.password).digest())
        if key in self._remembered:
            self._remembered.move_to_end(key)
            return True
        async with self._turn:
            known = await asyncio.to_thread(self._verify, credentials)
        if known:
            self._remembered[key] = None
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def _verify(self, credentials: _Credentials) -> bool:
        wanted = self._users.get(credentials.user)
        matches = bcrypt.checkpw(credentials.password[:LONGEST_PASSWORD], wanted or self._decoy)
        return matches and wanted is not None


def _read_credentials(header: str) -> _Credentials | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return _Credentials(user.decode("utf-8"), password) if colon else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _cost(hashed: bytes) -> int:
    return int(hashed.split(b"$")[2])
