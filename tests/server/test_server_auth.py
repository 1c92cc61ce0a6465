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

PASSWORD = "puffin: päss"  # a colon and more than ASCII
LONG = "long" * 25  # more than bcrypt looks at
USERS = {
    "prometheus": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)),
    "grafana": bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(5)),
}


def basic(credentials: str) -> dict[str, str]:
    """Return the header that a client sends."""
    return {"authorization": "Basic " + b64encode(credentials.encode()).decode()}


@pytest.fixture(scope="module")
def guarded(server: Server, publication: Publication) -> Iterator[httpx.Client]:
    """Serve to the two users only."""
    board = Board()
    board.post(publication)
    with server(board=board, web=WebConfig(users=USERS)) as served:
        yield served.client


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/report", "/nothing"])
def test_every_route_asks_who_it_is(guarded: httpx.Client, path: str) -> None:
    """Without credentials there is no route, not even an absent one."""
    answer = guarded.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert answer.text == "Unauthorized\n"


def test_a_stranger_cannot_reload(guarded: httpx.Client) -> None:
    """What changes something is guarded as well."""
    assert guarded.post("/-/reload").status_code == 401
    assert guarded.post("/-/reload", headers=basic(f"prometheus:{PASSWORD}")).status_code == 200


@pytest.mark.parametrize("credentials", [f"prometheus:{PASSWORD}", f"grafana:{LONG}"])
def test_a_known_user_gets_in(guarded: httpx.Client, credentials: str) -> None:
    """The right password opens, also a second time and with the scheme in other letters."""
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
    """A wrong password, an unknown user and another's password are refused, and again."""
    assert [guarded.get("/metrics", headers=basic(credentials)).status_code for _ in range(2)] == [401, 401]


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic dXNlcg", "Bearer abc", "Basic /w==", "Basic \xe9"]
)
def test_a_broken_header_is_a_refusal(guarded: httpx.Client, header: str) -> None:
    """Whatever cannot be read is no reason to fail."""
    answer = guarded.get("/metrics", headers=[(b"authorization", header.encode("latin-1"))])
    assert answer.status_code == 401


def test_a_verified_user_pays_once(server: Server, publication: Publication) -> None:
    """Only the first request runs bcrypt; the one after is far quicker."""
    users = {"slow": bcrypt.hashpw(b"secret", bcrypt.gensalt(11))}
    board = Board()
    board.post(publication)
    with server(board=board, web=WebConfig(users=users)) as served:
        first, second = (timed(served.client, "slow:secret") for _ in range(2))
    assert first > 5 * second


def test_an_unknown_user_costs_as_much_as_a_known_one(server: Server) -> None:
    """The time of a refusal does not tell which names exist."""
    users = {
        "slow": bcrypt.hashpw(b"secret", bcrypt.gensalt(10)),
        "quick": bcrypt.hashpw(b"x", bcrypt.gensalt(4)),
    }
    with server(web=WebConfig(users=users)) as served:
        known = min(timed(served.client, "slow:wrong") for _ in range(3))
        unknown = min(timed(served.client, "nobody:wrong") for _ in range(3))
    assert known / 3 < unknown < known * 3


def test_what_is_remembered_is_bounded_and_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest verified pair makes room, and only digests are kept."""
    monkeypatch.setattr(auth, "MOST_REMEMBERED", 1)
    guard = BasicAuth(Starlette(), USERS)
    for user, password in (("prometheus", PASSWORD), ("grafana", LONG), ("grafana", "wrong")):
        ask(guard, user, password)
    assert [user for user, _ in guard._remembered] == ["grafana"]
    assert LONG.encode() not in next(iter(guard._remembered))


def ask(guard: BasicAuth, user: str, password: str) -> None:
    """Send one request through the guard, without a server around it."""

    async def request() -> None:
        with anyio.fail_after(5):
            transport = httpx.ASGITransport(guard)
            async with httpx.AsyncClient(transport=transport, base_url="http://exporter") as client:
                await client.get("/", headers=basic(f"{user}:{password}"))

    anyio.run(request)


def timed(client: httpx.Client, credentials: str) -> float:
    """Return the seconds of one request."""
    begun = time.perf_counter()
    client.get("/metrics", headers=basic(credentials))
    return time.perf_counter() - begun
