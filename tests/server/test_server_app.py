"""The routes, requested over real sockets."""

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
from exporter.server.responses import plain

Server = Callable[..., AbstractContextManager[Any]]

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PATHS = ("/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/report", "/api/v1/alerts")


def stream_bytes(client: httpx.Client, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """Return the response, and its body as sent over the wire."""
    with client.stream(
        "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    ) as got:
        return got, b"".join(got.iter_raw())


async def accept_reload() -> Reloaded:
    """Accept the reload."""
    return Reloaded()


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("*/*", TEXT), ("application/openmetrics-text;version=1.0.0", OPENMETRICS), ("text/plain", TEXT)],
)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_metrics_are_sent_as_requested(
    client: httpx.Client, publication: Publication, accept: str, content_type: str, encoding: str
) -> None:
    """Format and encoding are negotiated independently, and ``Vary`` tells caches so."""
    answer, body = stream_bytes(client, "/metrics", accept=accept, accept_encoding=encoding)
    page = publication.openmetrics if content_type == OPENMETRICS else publication.text
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert body == (page.gzip if encoding == "gzip" else page.body)
    assert answer.headers.get("content-encoding") == ("gzip" if encoding == "gzip" else None)
    assert answer.headers["content-length"] == str(len(body))


def test_an_accept_header_may_span_several_lines(client: httpx.Client) -> None:
    """Several header lines count as one list."""
    pieces = [("accept", "text/plain;q=0.3"), ("accept", "application/openmetrics-text;version=1.0.0;q=0.5")]
    assert client.get("/metrics", headers=httpx.Headers(pieces)).headers["content-type"] == OPENMETRICS


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    """HEAD returns GET's headers, including the length."""
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
    """A trailing slash makes it a different path, and there are no redirects."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_only_reading_is_allowed(client: httpx.Client, path: str, method: str) -> None:
    """Any other method is refused with a list of the allowed ones."""
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert answer.headers["content-type"].startswith("text/plain")


def test_before_the_first_pass_there_is_nothing_to_read(server: Server, publication: Publication) -> None:
    """Everything but health is unavailable until the first publication, then ready at once."""
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
    """A client that already has the document gets 304 and no body; the compressed one has its own tag."""
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


def test_a_page_may_load_and_run_only_its_own_assets(client: httpx.Client) -> None:
    """The page's headers forbid inline scripts and styles, framing and content sniffing."""
    headers = client.get("/").headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("style-src", "script-src", "connect-src", "form-action")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "frame-ancestors")} == {"'none'"}
    assert headers["x-content-type-options"] == "nosniff"


def test_a_page_has_a_tag_until_the_next_pass(server: Server) -> None:
    """A client with the current page gets 304; after a pass with changes it gets the new page."""
    with server() as served:
        served.board.post(make_publication("one"))
        first = served.client.get("/")
        held = {"if-none-match": first.headers["etag"]}
        assert served.client.get("/", headers=held).status_code == 304
        served.board.post(make_publication("two"))
        assert served.client.get("/", headers=held).status_code == 200


def test_a_page_is_made_once_a_pass(server: Server) -> None:
    """Any number of clients share it; the page for other days is rendered separately."""
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


def test_a_document_is_not_rendered_until_requested(server: Server) -> None:
    """A deferred document is rendered on first request and then kept."""
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


def test_a_missing_page_is_reported_as_html(client: httpx.Client) -> None:
    """The error page links back and escapes what was typed."""
    answer = client.get("/", params={"until": "<b>"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "until=&#39;&lt;b&gt;&#39; is not a date" in answer.text


def test_style_and_script_may_be_cached_forever(client: httpx.Client) -> None:
    """Their addresses change with their content, and the page loads nothing from elsewhere."""
    parts = re.findall(r'(?:href|src)="([^"]*assets/[^"]*)"', client.get("/").text)
    assert len(parts) == 2
    for part in parts:
        answer = client.get(f"/{part}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith(("text/css", "text/javascript"))
    assert client.get("/assets/style.000000000000.css").status_code == 404


def test_a_reload_that_works_says_so(client: httpx.Client) -> None:
    """POST gets 200 and GET is refused: a link must not trigger a reload."""
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
    """A refusal is 500 with its message; a bug is 500 without details."""
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
    """A browser on another site's page is refused, whichever header reveals it."""
    assert client.post("/-/reload", headers=headers).status_code == 403


def test_its_own_page_can_reload(client: httpx.Client) -> None:
    """Same-origin requests are allowed, and so are tools that send neither header."""
    own = {"sec-fetch-site": "same-origin", "origin": str(client.base_url).rstrip("/")}
    assert client.post("/-/reload", headers=own).status_code == 200


def test_the_telemetry_path_can_be_changed(server: Server, publication: Publication) -> None:
    """The metrics move, and the default path is not found."""
    with server(telemetry_path="/probe/puffy") as served:
        served.board.post(publication)
        assert served.client.get("/probe/puffy").content == publication.text.body
        assert served.client.get("/metrics").status_code == 404


def test_the_telemetry_path_can_be_the_root(server: Server, publication: Publication) -> None:
    """The root then serves metrics instead of the feed's front page."""
    with server(telemetry_path="/") as served:
        served.board.post(publication)
        assert served.client.get("/").content == publication.text.body


@pytest.mark.parametrize("path", ["metrics", "", "/-/ready", "/api/v1/report", "/{any}", "/a b", "/a?b"])
def test_an_invalid_telemetry_path_is_refused(path: str) -> None:
    """Relative, reserved and malformed paths are user errors."""
    with pytest.raises(UserError, match="telemetry path"):
        create_app(Board(), reload=accept_reload, telemetry_path=path)


@pytest.fixture
def small(server: Server) -> Iterator[httpx.Client]:
    """Serve a response that is sent in two small pieces, headers and body."""
    board = Board()
    board.post(Publication(*(Page.of(b"x" * 12_000, TEXT) for _ in dataclasses.fields(Publication))))
    with server(board=board) as served:
        yield served.client


def test_no_response_waits_for_a_tcp_ack(small: httpx.Client) -> None:
    """On a kept-alive connection a response takes far less than the 40 ms of a delayed TCP ACK."""
    times = []
    for _ in range(11):
        begun = time.perf_counter()
        small.get("/metrics")
        times.append(time.perf_counter() - begun)
    assert statistics.median(times) < 0.03


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b"[" * 5000, b"1" * 5000])
def test_an_acknowledgement_that_is_not_an_object_is_refused_in_one_line(server: Server, body: bytes) -> None:
    """However deeply it is nested."""
    recorded: list[object] = []
    with server(recorded=recorded) as served:
        headers = {"content-type": "application/json"}
        refused = served.client.post("/api/v1/gate/ack", content=body, headers=headers)
        assert (refused.status_code, refused.text.count("\n")) == (400, 1)
        assert recorded == []
        taken = served.client.post("/api/v1/gate/ack", content=b'{"partition": "x"}', headers=headers)
        assert (taken.status_code, recorded) == (201, [{"partition": "x"}])


def test_half_a_letter_of_a_request_is_quoted_by_its_number() -> None:
    """JSON can spell it, but UTF-8 cannot."""
    assert plain("unknown field pa\ud800\n", 400).body == b"unknown field pa\\ud800\n"
