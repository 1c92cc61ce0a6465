"""The runbooks, requested over real sockets, behave like every other page."""

import gzip
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import bcrypt
import httpx
import pytest
from starlette.testclient import TestClient

from exporter.errors import UserError
from exporter.runbooks.pages import NAMES
from exporter.server.app import create_app, create_feeds_app
from exporter.server.control import Reloaded
from exporter.server.publication import Board
from exporter.server.web_config import WebConfig

Server = Callable[..., AbstractContextManager[Any]]
PATHS = ("/runbooks/", *(f"/runbooks/{name}" for name in NAMES))


async def accept_reload() -> Reloaded:
    """Accept the reload."""
    return Reloaded()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_html_that_may_load_only_its_own_assets(client: httpx.Client, path: str) -> None:
    """It has every page's headers, plain and compressed, and a tag for clients that have it already."""
    status, got = client.get("/"), client.get(path)
    assert got.status_code == 200
    own = {"content-length", "etag", "date"}
    assert {name: text for name, text in got.headers.items() if name not in own} == {
        name: text for name, text in status.headers.items() if name not in own
    }
    assert not re.search(r"<(img|iframe)\b|http-equiv=.refresh|<script>|<style", got.text)
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    with client.stream("GET", path, headers={"accept-encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == got.content
    again = client.get(path, headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", PATHS)
def test_every_link_of_a_page_is_relative_and_leads_somewhere(client: httpx.Client, path: str) -> None:
    """It then works behind a path prefix; an anchor exists on the page that it points to."""
    for address in re.findall(r'href="([^"]*)"', client.get(path).text):
        assert not address.startswith(("/", "http")), address
        target = httpx.URL(f"http://exporter{path}").join(address)
        answer = client.get(target.raw_path.decode())
        assert answer.status_code == 200, address
        assert not target.fragment or f'id="{target.fragment}"' in answer.text, address


def test_the_folder_without_its_slash_redirects(client: httpx.Client) -> None:
    """The redirect is relative."""
    answer = client.get("/runbooks")
    assert (answer.status_code, answer.headers["location"]) == (307, "runbooks/")


@pytest.mark.parametrize(
    "path", ["/runbooks/nothing", "/runbooks/checks/", "/runbooks/checks.md", "/runbooks/..%2f"]
)
def test_anything_else_is_not_found(client: httpx.Client, path: str) -> None:
    """There is one page per file and nothing else."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_only_reading_is_allowed(client: httpx.Client, path: str) -> None:
    """The same applies as for other pages."""
    answer = client.post(path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_runbooks_are_served_before_the_first_pass_and_only_to_users(server: Server) -> None:
    """Help in trouble is available from the start; a stranger does not get in."""
    users = {"ann": bcrypt.hashpw(b"puffin", bcrypt.gensalt(4))}
    with server(web=WebConfig(users=users)) as served:
        assert served.client.get("/runbooks/meta").status_code == 401
        assert served.client.get("/runbooks/meta", auth=("ann", "puffin")).status_code == 200


def test_several_feeds_share_the_runbooks() -> None:
    """They are served at the root, not below a feed."""

    async def nothing(scope: object, receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = create_feeds_app(Board(), reload=accept_reload, find=lambda _: nothing, awaited=lambda: None)
    asked = TestClient(app)
    assert [asked.get(path).status_code for path in PATHS] == [200] * len(PATHS)
    assert asked.get("/feeds/events/runbooks/checks").status_code == 404


def test_metrics_cannot_replace_a_runbook() -> None:
    """The path is reserved."""
    with pytest.raises(UserError, match="is used by"):
        create_app(Board(), reload=accept_reload, telemetry_path="/runbooks/checks")
