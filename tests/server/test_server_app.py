"""The routes, asked over real sockets."""

import dataclasses
import gzip
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from sites import make_publication, site_of

from exporter.errors import UserError
from exporter.pages.site import Site
from exporter.server.app import create_app
from exporter.server.control import Reloaded
from exporter.server.publication import Board, Deferred, Page, Publication, Shelf

Server = Callable[..., AbstractContextManager[Any]]

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PATHS = ("/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/report", "/api/v1/alerts")


def stream_bytes(client: httpx.Client, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """Return the answer with the bytes as they came over the wire."""
    with client.stream(
        "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    ) as got:
        return got, b"".join(got.iter_raw())


async def accept_reload() -> Reloaded:
    """Reload without a word."""
    return Reloaded()


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("*/*", TEXT), ("application/openmetrics-text;version=1.0.0", OPENMETRICS), ("text/plain", TEXT)],
)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_metrics_come_as_asked(
    client: httpx.Client, publication: Publication, accept: str, content_type: str, encoding: str
) -> None:
    """Format and encoding are negotiated independently, and caches are informed."""
    answer, body = stream_bytes(client, "/metrics", accept=accept, accept_encoding=encoding)
    page = publication.openmetrics if content_type == OPENMETRICS else publication.text
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert body == (page.gzip if encoding == "gzip" else page.body)
    assert answer.headers.get("content-encoding") == ("gzip" if encoding == "gzip" else None)
    assert answer.headers["content-length"] == str(len(body))


def test_an_accept_header_may_come_in_pieces(client: httpx.Client) -> None:
    """Several header lines count as one list."""
    pieces = [("accept", "text/plain;q=0.3"), ("accept", "application/openmetrics-text;version=1.0.0;q=0.5")]
    assert client.get("/metrics", headers=httpx.Headers(pieces)).headers["content-type"] == OPENMETRICS


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    """HEAD answers with GET's headers, the length included."""
    head, got = client.head(path), client.get(path)
    assert head.content == b""
    assert got.content
    for name in ("content-length", "content-type"):
        assert head.headers[name] == got.headers[name]
    assert head.status_code == got.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/metrics/",
        "/-/healthy/",
        "/api/v1",
        "/api/v1/report/",
        "/nothing",
        "/index.html",
        "/-/reload/",
    ],
)
def test_anything_else_is_not_found(client: httpx.Client, path: str) -> None:
    """A trailing slash is another path, and nobody is sent elsewhere."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_only_reading_is_allowed(client: httpx.Client, path: str, method: str) -> None:
    """Another method is refused with the list of those that are not."""
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert answer.headers["content-type"].startswith("text/plain")


def test_before_the_first_pass_there_is_nothing_to_read(server: Server, publication: Publication) -> None:
    """Everything but health waits for the first publication, and then is ready at once."""
    waiting = [path for path in PATHS if path != "/-/healthy"]
    with server() as served:
        assert served.client.get("/-/healthy").status_code == 200
        assert {path: served.client.get(path).status_code for path in waiting} == dict.fromkeys(waiting, 503)
        assert "first pass" in served.client.get("/").text
        assert served.client.get("/metrics").headers["content-type"].startswith("text/plain")
        served.board.post(publication)
        assert {path: served.client.get(path).status_code for path in PATHS} == dict.fromkeys(PATHS, 200)


def test_a_new_publication_shows_at_once(server: Server, publication: Publication) -> None:
    """The next request gets the newest pages, and an old tag no longer matches."""
    newer = Publication(*(Page.of(b"newer", "text/plain") for _ in dataclasses.fields(Publication)))
    with server() as served:
        served.board.post(publication)
        tag = served.client.get("/api/v1/report").headers["etag"]
        assert served.client.get("/api/v1/report", headers={"if-none-match": tag}).status_code == 304
        served.board.post(newer)
        assert served.client.get("/metrics").content == b"newer"
        assert served.client.get("/api/v1/report", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("name", ["report", "alerts"])
def test_documents_are_json_with_a_tag(client: httpx.Client, publication: Publication, name: str) -> None:
    """Who holds the document already gets 304 and no body; the compressed one has a tag of its own."""
    path, page = f"/api/v1/{name}", getattr(publication, name)
    plain, body = stream_bytes(client, path, accept_encoding="identity")
    packed, packed_body = stream_bytes(client, path, accept_encoding="gzip")
    assert plain.headers["content-type"] == packed.headers["content-type"] == "application/json"
    assert body == gzip.decompress(packed_body) == page.body
    assert plain.headers["etag"] != packed.headers["etag"]
    for answer, encoding in ((plain, "identity"), (packed, "gzip")):
        headers = {"if-none-match": answer.headers["etag"], "accept-encoding": encoding}
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        assert again.headers["vary"] == "Accept-Encoding"
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_page_may_load_and_run_only_what_is_ones_own(client: httpx.Client) -> None:
    """The page's own headers forbid inline scripts and styles, frames and guessing."""
    headers = client.get("/").headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("style-src", "script-src", "connect-src", "form-action")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "frame-ancestors")} == {"'none'"}
    assert headers["x-content-type-options"] == "nosniff"


def test_a_page_has_a_tag_until_the_next_pass(server: Server) -> None:
    """Who holds it gets 304; after a pass with changes it is sent again."""
    with server() as served:
        served.board.post(make_publication("one"))
        first = served.client.get("/")
        held = {"if-none-match": first.headers["etag"]}
        assert served.client.get("/", headers=held).status_code == 304
        served.board.post(make_publication("two"))
        assert served.client.get("/", headers=held).status_code == 200


def test_a_page_is_made_once_a_pass(server: Server) -> None:
    """However many ask for it; the same page of other days is another one."""
    made: list[int] = []

    def gather() -> Site:
        made.append(1)
        return site_of()

    with server() as served:
        served.board.post(dataclasses.replace(make_publication(), shelf=Shelf(gather)))
        for _ in range(3):
            served.client.get("/")
        assert len(made) == 1
        served.client.get("/", params={"until": "2025-03-04"})
        assert len(made) == 2


def test_what_nobody_asks_for_is_not_made(server: Server) -> None:
    """A deferred document is made at the first request, and kept."""
    made: list[int] = []

    def make() -> Page:
        made.append(1)
        return Page.of(b"{}", "application/json")

    with server() as served:
        served.board.post(dataclasses.replace(make_publication(), report=Deferred(make)))
        served.client.get("/")
        assert made == []
        answers = [served.client.get("/api/v1/report").content for _ in range(3)]
        assert (answers, made) == ([b"{}"] * 3, [1])


def test_a_page_that_does_not_exist_says_so_to_a_person(client: httpx.Client) -> None:
    """With the way back, and as text."""
    answer = client.get("/", params={"until": "<b>"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "until=&#39;&lt;b&gt;&#39; is not a date" in answer.text


def test_style_and_script_may_be_kept_for_good(client: httpx.Client) -> None:
    """Their addresses change with their content; the page and every part of it come from here."""
    parts = re.findall(r'(?:href|src)="([^"]*assets/[^"]*)"', client.get("/").text)
    assert len(parts) == 2
    for part in parts:
        answer = client.get(f"/{part}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith(("text/css", "text/javascript"))
    assert client.get("/assets/style.000000000000.css").status_code == 404


def test_a_reload_that_works_says_so(client: httpx.Client) -> None:
    """POST is 200, and GET is refused: a link must not reload anything."""
    assert client.post("/-/reload").status_code == 200
    answer = client.get("/-/reload")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("problem", "body"),
    [
        ("puffy.yml: window_days: not a number", "puffy.yml: window_days: not a number\n"),
        (OSError("x"), None),
    ],
)
def test_a_reload_that_fails_says_why(server: Server, problem: str | Exception, body: str | None) -> None:
    """A refusal is 500 with its line; a bug is 500 without its insides."""
    with server(problem=problem) as served:
        answer = served.client.post("/-/reload")
        assert answer.status_code == 500
        assert answer.text == (body or "Internal Server Error")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
    ],
)
def test_a_foreign_page_cannot_reload(client: httpx.Client, headers: dict[str, str]) -> None:
    """A browser on another site's page is refused, whichever header gives it away."""
    assert client.post("/-/reload", headers=headers).status_code == 403


def test_ones_own_page_can_reload(client: httpx.Client) -> None:
    """Same origin, and tools that say nothing, may."""
    own = {"sec-fetch-site": "same-origin", "origin": str(client.base_url).rstrip("/")}
    assert client.post("/-/reload", headers=own).status_code == 200


def test_the_telemetry_path_can_be_another(server: Server, publication: Publication) -> None:
    """The metrics move, and the usual path is free."""
    with server(telemetry_path="/probe/puffy") as served:
        served.board.post(publication)
        assert served.client.get("/probe/puffy").content == publication.text.body
        assert served.client.get("/metrics").status_code == 404


def test_the_telemetry_path_can_be_the_root(server: Server, publication: Publication) -> None:
    """Then there are metrics in place of the feed's first page."""
    with server(telemetry_path="/") as served:
        served.board.post(publication)
        assert served.client.get("/").content == publication.text.body


@pytest.mark.parametrize("path", ["metrics", "", "/-/ready", "/api/v1/report", "/{any}", "/a b", "/a?b"])
def test_a_telemetry_path_that_cannot_be_one_is_refused(path: str) -> None:
    """Relative, taken and special paths are the user's mistake."""
    with pytest.raises(UserError, match="telemetry path"):
        create_app(Board(), reload=accept_reload, telemetry_path=path)


@pytest.fixture
def small(server: Server) -> Iterator[httpx.Client]:
    """Serve an answer that is sent in two small pieces, headers and body."""
    board = Board()
    board.post(Publication(*(Page.of(b"x" * 12_000, TEXT) for _ in dataclasses.fields(Publication))))
    with server(board=board) as served:
        yield served.client


def test_no_answer_waits_for_an_acknowledgement(small: httpx.Client) -> None:
    """On a kept connection an answer takes far less than the 40 ms of a delayed acknowledgement."""
    times = []
    for _ in range(11):
        begun = time.perf_counter()
        small.get("/metrics")
        times.append(time.perf_counter() - begun)
    assert statistics.median(times) < 0.03


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b"[" * 5000, b"1" * 5000])
def test_an_answer_that_is_no_object_is_refused_in_a_line(server: Server, body: bytes) -> None:
    """However deep it is nested."""
    recorded: list[object] = []
    with server(recorded=recorded) as served:
        headers = {"content-type": "application/json"}
        refused = served.client.post("/api/v1/gate/ack", content=body, headers=headers)
        assert (refused.status_code, refused.text.count("\n")) == (400, 1)
        assert recorded == []
        taken = served.client.post("/api/v1/gate/ack", content=b'{"partition": "x"}', headers=headers)
        assert (taken.status_code, recorded) == (201, [{"partition": "x"}])
