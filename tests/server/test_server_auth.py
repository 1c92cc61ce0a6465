"""Basic authentication on every route."""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import anyio
import bcrypt
import httpx
import pytest
from starlette.applications import Starlette

from exporter.server import auth
from exporter.server.auth import BasicAuth
from exporter.server.publication import Board, Publication
from exporter.server.web_config import WebConfig

Server = Callable[..., AbstractContextManager[Any]]

PASSWORD = "puffin: päss"  # a colon and non-ASCII
LONG = "long" * 25  # longer than bcrypt reads
USERS = {
    "prometheus": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)),
    "grafana": bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(5)),
}


def basic(credentials: str) -> dict[str, str]:
    """Return the Authorization header of a client."""
    return {"authorization": "Basic " + b64encode(credentials.encode()).decode()}


@pytest.fixture(scope="module")
def guarded(server: Server, publication: Publication) -> Iterator[httpx.Client]:
    """Serve to these two users only."""
    board = Board()
    board.post(publication)
    with server(board=board, web=WebConfig(users=USERS)) as served:
        yield served.client


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/report", "/nothing"])
def test_every_route_requires_credentials(guarded: httpx.Client, path: str) -> None:
    """Without credentials every path is 401, even one that does not exist."""
    answer = guarded.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert answer.text == "Unauthorized\n"


def test_a_stranger_cannot_reload(guarded: httpx.Client) -> None:
    """Routes that change something are protected as well."""
    assert guarded.post("/-/reload").status_code == 401
    assert guarded.post("/-/reload", headers=basic(f"prometheus:{PASSWORD}")).status_code == 200


@pytest.mark.parametrize("credentials", [f"prometheus:{PASSWORD}", f"grafana:{LONG}"])
def test_a_known_user_gets_in(guarded: httpx.Client, credentials: str) -> None:
    """The right password works, repeatedly and with the scheme in any case."""
    headers = basic(credentials)
    shouted = {"authorization": headers["authorization"].replace("Basic", "BASIC")}
    assert [guarded.get("/metrics", headers=sent).status_code for sent in (headers, headers, shouted)] == [
        200
    ] * 3


@pytest.mark.parametrize(
    "credentials",
    [
        "prometheus:wrong",
        "prometheus:",
        "nobody:" + PASSWORD,
        "nobody:" + LONG,
        ":" + PASSWORD,
        "prometheus",
        f"grafana:{PASSWORD}",
    ],
)
def test_nobody_else_gets_in(guarded: httpx.Client, credentials: str) -> None:
    """A wrong password, an unknown user or another user's password is refused each time."""
    assert [guarded.get("/metrics", headers=basic(credentials)).status_code for _ in range(2)] == [401, 401]


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic dXNlcg", "Bearer abc", "Basic /w==", "Basic \xe9"]
)
def test_a_broken_header_is_refused(guarded: httpx.Client, header: str) -> None:
    """An unreadable header is a 401, not a server error."""
    answer = guarded.get("/metrics", headers=[(b"authorization", header.encode("latin-1"))])
    assert answer.status_code == 401


def test_a_verified_user_is_hashed_once(server: Server, publication: Publication) -> None:
    """Only the first request runs bcrypt; the second is far quicker."""
    users = {"slow": bcrypt.hashpw(b"secret", bcrypt.gensalt(11))}
    board = Board()
    board.post(publication)
    with server(board=board, web=WebConfig(users=users)) as served:
        first, second = (timed(served.client, "slow:secret") for _ in range(2))
    assert first > 5 * second


def test_an_unknown_user_costs_as_much_as_a_known_one(server: Server) -> None:
    """The response time does not reveal which user names exist."""
    users = {
        "slow": bcrypt.hashpw(b"secret", bcrypt.gensalt(10)),
        "quick": bcrypt.hashpw(b"x", bcrypt.gensalt(4)),
    }
    with server(web=WebConfig(users=users)) as served:
        known = min(timed(served.client, "slow:wrong") for _ in range(3))
        unknown = min(timed(served.client, "nobody:wrong") for _ in range(3))
    assert known / 3 < unknown < known * 3


def test_the_cache_is_bounded_and_contains_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest verified pair is evicted, and only digests are kept."""
    monkeypatch.setattr(auth, "MOST_REMEMBERED", 1)
    guard = BasicAuth(Starlette(), USERS)
    for user, password in (("prometheus", PASSWORD), ("grafana", LONG), ("grafana", "wrong")):
        ask(guard, user, password)
    assert [user for user, _ in guard._remembered] == ["grafana"]
    assert LONG.encode() not in next(iter(guard._remembered))


def ask(guard: BasicAuth, user: str, password: str) -> None:
    """Send one request through the middleware, without a server."""

    async def request() -> None:
        with anyio.fail_after(5):
            transport = httpx.ASGITransport(guard)
            async with httpx.AsyncClient(transport=transport, base_url="http://exporter") as client:
                await client.get("/", headers=basic(f"{user}:{password}"))

    anyio.run(request)


def timed(client: httpx.Client, credentials: str) -> float:
    """Return how many seconds one request takes."""
    begun = time.perf_counter()
    client.get("/metrics", headers=basic(credentials))
    return time.perf_counter() - begun
