"""Acknowledging on a page: accepted once from an authorised user, refused from everyone else."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
from many import DAYS, Feeds
from running import Exporter, until
from written import write_day

from exporter.server.desk import WHAT_IF

TODAY = datetime.now(UTC).date()
BAD = TODAY - timedelta(days=2)
USERS = {user: bcrypt.hashpw(b"pw", bcrypt.gensalt(4)).decode() for user in ("ann", "bob")}
SESSION = "puffy_session"
EVIL = "<script>alert('x')</script> \"&"


def write_feed(folder: Path) -> None:
    """Write days of which the newest lacks a column, the configuration, and the users."""
    for back in range(3, 6):
        write_day(folder / "data", TODAY - timedelta(days=back))
    write_day(folder / "data", BAD, without=("referrer",))
    (folder / "puffy.yml").write_text("watch: {settle_seconds: 0, rescan_seconds: 2}\n")
    (folder / "web.yml").write_text(json.dumps({"basic_auth_users": USERS}))


class Site:
    """The pages of a running exporter as seen in a browser."""

    def __init__(self, port: int, user: str | None = None, below: str = "") -> None:
        auth = None if user is None else httpx.BasicAuth(user, "pw")
        address, no_more = f"http://127.0.0.1:{port}{below}", httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=address, auth=auth, trust_env=False, timeout=20, limits=no_more)

    def get(self, path: str) -> httpx.Response:
        """Return the response without following redirects."""
        return self.client.get(path)

    def token(self, path: str) -> str:
        """Return the token of the form on a page, empty if there is none."""
        found = re.search(r'name="token" value="(\w+)"', self.get(path).text)
        return "" if found is None else found[1]

    def send(self, path: str, headers: dict[str, str] | None = None, **typed: str) -> httpx.Response:
        """Send a form with the page's token unless another is given."""
        typed = {"token": self.token(path), **typed}
        return self.client.post(f"{path}/acknowledge", data=typed, headers=headers)


def incident_of(site: Site) -> str:
    """Return the ID of the incident of the missing column."""
    known = site.get("/api/v1/report").json()["incidents"]
    return next(str(one["id"]) for one in known if one["cause"] == "column_missing")


def answers(output: Path) -> list[dict[str, Any]]:
    """Return the acknowledgements in the audit log."""
    log = output / "gate_audit.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    return [entry for line in lines if (entry := json.loads(line))["kind"] in ("acknowledgement", "standing")]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """Run an exporter with two users for refused acknowledgements: none may be recorded."""
    folder = tmp_path_factory.mktemp("guarded")
    write_feed(folder)
    with Exporter(folder, "--web.config.file", str(folder / "web.yml")) as exporter:
        assert until(lambda: Site(exporter.port, "ann").get("/-/ready").status_code == 200, 40)
        yield exporter
        assert answers(exporter.output) == []


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Exporter]:
    """Run a separate exporter for a test that acknowledges."""
    write_feed(tmp_path)
    with Exporter(tmp_path, "--web.config.file", str(tmp_path / "web.yml")) as exporter:
        assert until(lambda: Site(exporter.port, "ann").get("/-/ready").status_code == 200, 40)
        yield exporter


def test_an_acknowledgement_is_recorded_and_shown_on_the_page(fresh: Exporter) -> None:
    """The logged-in user is recorded, whatever the form says, and then nothing is left to acknowledge."""
    ann = Site(fresh.port, "ann")
    path = f"/incidents/{incident_of(ann)}"
    sent = ann.send(path, reason=EVIL, by="mallory", until=f"{TODAY + timedelta(days=9)}", standing="yes")
    assert (sent.status_code, sent.headers["location"]) == (303, f"..{path.removeprefix('/incidents')}")
    shown = ann.client.get(sent.url.join(sent.headers["location"]).path).text
    assert html.escape(EVIL).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in shown
    assert "<script>alert" not in shown
    assert "<form" not in shown
    day, later = answers(fresh.output)
    assert (day["by"], day["reason"], day["partition"]) == ("ann", EVIL, str(BAD))
    assert (later["kind"], later["by"], later["until"][:10]) == (
        "standing",
        "ann",
        f"{TODAY + timedelta(days=10)}",
    )
    assert until(lambda: not ann.get("/api/v1/gate").json()["closed"])
    assert until(lambda: "It is acknowledged." in ann.get(path).text)


def test_a_held_day_is_acknowledged_on_its_own_page(fresh: Exporter) -> None:
    """It covers the content that was reviewed: if the day has changed since, the form is refused."""
    ann = Site(fresh.port, "ann")
    path = f"/partitions/{BAD}"
    token = ann.token(f"{path}/acknowledge")
    refused = ann.send(path, token=token, reason="fine", content="0123456789abcdef")
    assert refused.status_code == 400
    assert "review it again" in refused.text
    sent = ann.send(path, token=token, reason="fine")
    assert (sent.status_code, sent.headers["location"]) == (303, f"../{BAD}")
    assert [(one["by"], one["partition"], one["checks"]) for one in answers(fresh.output)] == [
        ("ann", str(BAD), [])
    ]


def test_a_form_that_is_sent_twice_is_recorded_once(fresh: Exporter) -> None:
    """Both submissions lead to the same page; another reason is a new acknowledgement."""
    ann = Site(fresh.port, "ann")
    path = f"/incidents/{incident_of(ann)}"
    token = ann.token(path)
    twice = [ann.send(path, token=token, reason="known") for _ in range(2)]
    assert [one.status_code for one in twice] == [303, 303]
    assert len({one.headers["location"] for one in twice}) == 1
    assert len(answers(fresh.output)) == 1
    assert until(lambda: "It is acknowledged." in ann.get(path).text)
    again = ann.send(path, token=token, reason="known, really")
    assert again.status_code == 400
    assert "nothing to acknowledge" in again.text
    assert 'value="known, really"' in again.text


def test_without_a_login_nothing_is_shown_or_accepted(guarded: Exporter) -> None:
    """Neither the page nor the form works, whatever the token."""
    ann, nobody = Site(guarded.port, "ann"), Site(guarded.port)
    path = f"/incidents/{incident_of(ann)}"
    assert nobody.get(path).status_code == 401
    assert nobody.send(path, token=ann.token(path), reason="x").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://["},
    ],
)
def test_another_sites_page_cannot_acknowledge(guarded: Exporter, headers: dict[str, str]) -> None:
    """Even with a valid token, which it could not get."""
    ann = Site(guarded.port, "ann")
    sent = ann.send(f"/incidents/{incident_of(ann)}", headers, reason="x")
    assert (sent.status_code, "another site" in sent.text) == (403, True)


def test_a_form_without_the_visitors_own_token_is_refused(guarded: Exporter) -> None:
    """A missing, foreign or broken token is refused, and what was typed is shown again."""
    ann, other, bob = (Site(guarded.port, user) for user in ("ann", "ann", "bob"))
    path = f"/incidents/{incident_of(ann)}"
    mine = ann.token(path)
    for site in (other, bob):
        assert site.token(path) not in ("", mine)
    bob.client.cookies.set(SESSION, ann.client.cookies[SESSION])
    tokens = ["", "x", "é", mine[:-1], other.token(path), bob.token(path)]
    for token in tokens:
        sent = ann.send(path, token=token, reason="typed <b>")
        assert sent.status_code == 403, token
        assert "The form is too old; load the page again" in sent.text
        assert 'value="typed &lt;b&gt;"' in sent.text
        assert f'value="{mine}"' in sent.text
    assert bob.send(path, token=mine, reason="x").status_code == 403
    assert (
        Site(guarded.port, "ann").client.post(f"{path}/acknowledge", data={"token": mine}).status_code == 403
    )


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"reason": ""}, "reason: say why"),
        ({"reason": "   "}, "reason: say why"),
        ({}, "reason: say why"),
        ({"reason": "x" * 501}, "one line of at most 500 characters"),
        ({"reason": "\x07"}, "one line of at most 500 characters"),
        ({"reason": "fine", "until": "2020-01-01"}, "has passed"),
        ({"reason": "fine", "until": "<b>"}, "neither a date nor an instant"),
        (
            {"reason": "fine", "until": f"{TODAY + timedelta(days=999)}", "standing": "yes"},
            "at most 366 days",
        ),
    ],
)
def test_an_invalid_acknowledgement_is_shown_again(
    guarded: Exporter, typed: dict[str, str], why: str
) -> None:
    """The page shows the reason and everything that was typed."""
    ann = Site(guarded.port, "ann")
    sent = ann.send(f"/incidents/{incident_of(ann)}", **typed)
    assert sent.status_code == 400
    assert f"Not recorded. {why}" in sent.text or why in html.unescape(sent.text)
    assert "<b>" not in sent.text.replace("<b>ann</b>", "").split("<form")[1]
    assert (" checked>" in sent.text) is ("standing" in typed)


def test_an_unknown_incident_is_not_found(guarded: Exporter) -> None:
    """Even with a valid token."""
    ann = Site(guarded.port, "ann")
    token = ann.token(f"/incidents/{incident_of(ann)}")
    for path in ("/incidents/beefbeef", "/incidents/%3Cb%3E", "/partitions/2001-01-01"):
        sent = ann.send(path, token=token, reason="x")
        assert sent.status_code == 404, path
        assert "<b>" not in sent.text


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"reason=x", "text/plain", 415),
        (b"reason=x", "", 415),
        (b"reason=%ff", "application/x-www-form-urlencoded", 400),
        (b"reason=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 30, "application/x-www-form-urlencoded", 400),
        (b"reason=" + b"x" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_body_that_is_not_a_form_is_refused(
    guarded: Exporter, body: bytes, content_type: str, status: int
) -> None:
    """The refusal is always one line."""
    ann = Site(guarded.port, "ann")
    path = f"/incidents/{incident_of(ann)}/acknowledge"
    sent = ann.client.post(path, content=body, headers={"content-type": content_type})
    assert (sent.status_code, sent.text.count("\n")) == (status, 1)


def test_a_page_with_a_form_is_not_cached(guarded: Exporter) -> None:
    """It is not cached or shared, its size leaks nothing, and scripts cannot read the session."""
    ann = Site(guarded.port, "ann")
    path = f"/incidents/{incident_of(ann)}"
    answer = ann.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert not {"etag", "content-encoding"} & answer.headers.keys()
    assert (
        answer.headers["referrer-policy"] == "same-origin"
    )  # otherwise browsers send the form without an origin
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(rf"{SESSION}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=strict", cookie)
    assert "set-cookie" not in ann.get(path).headers
    assert "You acknowledge as <b>bob</b>" in Site(guarded.port, "bob").get(path).text
    ann.client.cookies.set(SESSION, "chosen by somebody else")
    assert "set-cookie" in ann.get(path).headers


def test_reloading_a_refused_form_leads_to_the_page(guarded: Exporter) -> None:
    """On reload, browsers request the form's address."""
    ann = Site(guarded.port, "ann")
    path = f"/incidents/{incident_of(ann)}"
    found = ann.get(f"{path}/acknowledge")
    assert found.status_code == 302
    assert found.url.join(found.headers["location"]).path == path


def test_a_log_that_cannot_be_written_is_reported_on_the_page(fresh: Exporter) -> None:
    """Nothing is recorded, and nothing that was typed is lost."""
    ann = Site(fresh.port, "ann")
    path = f"/incidents/{incident_of(ann)}"
    token, audit = ann.token(path), fresh.output / "gate_audit.jsonl"
    audit.unlink()
    audit.mkdir()
    sent = ann.send(path, token=token, reason="typed")
    assert (sent.status_code, 'value="typed"' in sent.text) == (500, True)
    assert "Not recorded. is a directory." in sent.text


def test_without_users_pages_accept_no_acknowledgement(tmp_path: Path) -> None:
    """The page shows the command instead; a form is refused in one line, even on loopback."""
    write_feed(tmp_path)
    with Exporter(tmp_path) as exporter:
        site = Site(exporter.port)
        path = f"/incidents/{incident_of(site)}"
        page = site.get(path)
        assert f"puffy-exporter gate ack {path.rpartition('/')[2]} --by NAME" in page.text
        assert "set-cookie" not in page.headers
        sent = site.send(path, reason="x")
        assert (sent.status_code, sent.text.count("\n")) == (403, 1)
        assert "basic_auth_users" in sent.text
        assert answers(exporter.output) == []


def serve_feeds(folder: Path, *options: str) -> Feeds:
    """Serve two feeds with too few rows per day to two users."""
    feeds = Feeds(folder)
    for feed in ("a", "b"):
        feeds.write(feed, least=20)
    (folder / "web.yml").write_text(json.dumps({"basic_auth_users": USERS}))
    feeds.start("--web.config.file", folder / "web.yml", *options)
    return feeds


def first_incident(port: int, feed: str) -> tuple[Site, str]:
    """Return a feed's pages as seen by ann, and the path of its first incident."""
    site = Site(port, "ann", f"/feeds/{feed}")
    assert until(lambda: site.get("/api/v1/report").status_code == 200, 40)
    return site, f"/incidents/{site.get('/api/v1/report').json()['incidents'][0]['id']}"


def test_each_of_several_feeds_accepts_acknowledgements_under_its_own_path(tmp_path: Path) -> None:
    """Each feed has its own log; a bare ID redirects to its feed; one feed's form is invalid for another."""
    with serve_feeds(tmp_path) as feeds:
        site, path = first_incident(feeds.port, "a")
        other, _ = first_incident(feeds.port, "b")
        whole = Site(feeds.port, "ann")
        assert until(lambda: whole.get(path).status_code == 302, 20)
        found = whole.get(path)
        assert found.url.join(found.headers["location"]).path == f"/feeds/a{path}"
        assert f'href="../feeds/a{path}"' in whole.get("/incidents/").text
        assert whole.get("/incidents").headers["location"] == "incidents/"
        token = site.token(path)
        other.client.cookies = site.client.cookies
        assert other.send(path, token=token, reason="x").status_code == 404
        sent = site.send(path, token=token, reason="few are fine")
        assert sent.url.join(sent.headers["location"]).path == f"/feeds/a{path}"
        assert {one["by"] for one in answers(tmp_path / "a" / "monitoring" / "a")} == {"ann"}
        assert answers(tmp_path / "b" / "monitoring" / "b") == []


def test_acknowledgements_are_refused_with_as_of(tmp_path: Path) -> None:
    """The page says so, and a form is refused."""
    then = f"{DAYS[-1] + timedelta(days=1)}T12:00:00Z"
    with serve_feeds(tmp_path, "--as-of", then) as feeds:
        site, path = first_incident(feeds.port, "a")
        page = site.get(path).text
        assert "has no effect" in page
        assert "<form" not in page
        sent = site.send(path, reason="x")
        assert (sent.status_code, sent.text) == (403, f"{WHAT_IF}\n")
        asked = site.client.post("/api/v1/gate/ack", json={"partition": str(DAYS[-1]), "reason": "x"})
        assert (asked.status_code, asked.text) == (403, f"{WHAT_IF}\n")
        day = html.unescape(site.get(f"/partitions/{DAYS[-1]}").text)
        assert re.search(rf"explain {DAYS[-1]} --feed.file \S+ --as-of {then}</code>", day)
