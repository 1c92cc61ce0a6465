"""Where a running exporter's links lead: --web.external-url, the configuration, or the listen address."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from many import Feeds
from running import Exporter, call, until
from written import write_day

from exporter.cli.reach import Reach, external_url
from exporter.config.schema import LinksSpec
from exporter.errors import UserError

EMPTY = LinksSpec()
OWNED = "checks: {schema_mismatch: {owner: ann}}\n"  # shows in the report once it is in use
NAMED = LinksSpec.model_validate({"exporter": "http://localhost:10110"})


@pytest.mark.parametrize(
    ("reach", "address"),
    [
        (Reach(None, "127.0.0.1:10110", secure=False), "http://127.0.0.1:10110"),
        (Reach(None, "puffy.example:80", secure=False), "http://puffy.example:80"),
        (Reach(None, ":10110", secure=False), "http://localhost:10110"),
        (Reach(None, "0.0.0.0:10110", secure=False), "http://localhost:10110"),
        (Reach(None, "[::]:10110", secure=False), "http://localhost:10110"),
        (Reach(None, "[::1]:10110", secure=False), "http://[::1]:10110"),
        (Reach(None, "[fe80::1%eth0]:1", secure=False), "http://[fe80::1%25eth0]:1"),
        (Reach(None, "127.0.0.1:0", secure=False, port=4242), "http://127.0.0.1:4242"),
        (Reach(None, ":10110", secure=True), "https://localhost:10110"),
    ],
)
def test_it_is_reached_where_it_listens(reach: Reach, address: str) -> None:
    """With the port chosen by the system, and with https if enabled."""
    assert reach.links(EMPTY).exporter == address


def test_what_is_said_wins() -> None:
    """The option overrides the configuration, which overrides the listener; other runbooks are unchanged."""
    given = "https://puffy.example/prefix"
    assert Reach(given, ":1", secure=False).links(NAMED).exporter == given
    assert Reach(None, ":1", secure=False).links(NAMED).exporter == "http://localhost:10110"
    assert Reach(given, ":1", secure=False).links(EMPTY).checks == f"{given}/runbooks/checks"
    wiki = LinksSpec.model_validate({"runbooks": "https://wiki.example/r"})
    assert Reach(given, ":1", secure=False).links(wiki).checks == "https://wiki.example/r"


def test_an_empty_url_is_none() -> None:
    """As in Prometheus; a slash at the end does not matter."""
    assert external_url(None) is external_url("") is None
    assert external_url("https://puffy.example/prefix/") == "https://puffy.example/prefix"


@pytest.mark.parametrize(
    "url", ["puffy.example", "ftp://host", "http://host:port", "http://host?a=b", '"http://h"']
)
def test_a_bad_url_is_one_line(url: str) -> None:
    """It names the option and the value."""
    with pytest.raises(UserError, match=r"^--web\.external-url .*: .*address"):
        external_url(url)


def test_serve_refuses_a_bad_url_before_anything_else(tmp_path: Path) -> None:
    """Whether given as an option or as a variable."""
    for done in (
        call("serve", "--data.dir", tmp_path, "--web.external-url", "puffy.example"),
        call("serve", "--data.dir", tmp_path, PUFFY_WEB_EXTERNAL_URL="puffy.example"),
    ):
        assert refusal(done) == (
            "puffy-exporter: error: --web.external-url 'puffy.example': not an address such as https://host"
        )
    assert list(tmp_path.iterdir()) == []


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of error of a call."""
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line


def runbooks(text: str) -> set[str]:
    """Return the pages that a report's alerts link to."""
    return {alert["runbook_url"].partition("#")[0] for alert in json.loads(text)["alerts"]}


def test_the_report_leads_where_the_option_says(tmp_path: Path) -> None:
    """Including the URL's path, also after a reload; without it the configuration decides."""
    day = datetime.now(UTC).date() - timedelta(days=2)
    write_day(tmp_path / "data", day, without=("referrer",))
    config = "watch: {settle_seconds: 0}\n"
    (tmp_path / "puffy.yml").write_text(config)
    with Exporter(tmp_path, "--web.external-url", "https://proxy.example/puffy/") as exporter:
        assert runbooks(exporter.get("/api/v1/report")[1]) == {"https://proxy.example/puffy/runbooks/checks"}
        exporter.configure(f"{config}links: {{exporter: 'https://other.example'}}\n{OWNED}")
        assert exporter.get("/-/reload", "POST")[0] == 200
        assert until(lambda: '"owner": "ann"' in exporter.get("/api/v1/report")[1])
        assert runbooks(exporter.get("/api/v1/report")[1]) == {"https://proxy.example/puffy/runbooks/checks"}
    with Exporter(tmp_path) as exporter:
        assert runbooks(exporter.get("/api/v1/report")[1]) == {"https://other.example/runbooks/checks"}
        exporter.configure(config)
        assert exporter.get("/-/reload", "POST")[0] == 200
        own = f"http://127.0.0.1:{exporter.port}/runbooks/checks"
        assert until(lambda: runbooks(exporter.get("/api/v1/report")[1]) == {own})


def test_each_of_several_feeds_leads_to_the_same_runbooks(tmp_path: Path) -> None:
    """Those at the root, to which every feed's page links."""
    feeds = Feeds(tmp_path)
    feeds.write("a", rows=1, least=5)
    feeds.write("b", rows=1, least=5)
    with feeds:
        feeds.start()
        feeds.ready()
        for feed in ("a", "b"):
            report = feeds.get(f"/feeds/{feed}/api/v1/report")[1]
            assert runbooks(report) == {f"http://127.0.0.1:{feeds.port}/runbooks/checks"}
            assert 'href="../../runbooks/"' in feeds.get(f"/feeds/{feed}/")[1]
            assert 'href="../../metrics"' in feeds.get(f"/feeds/{feed}/")[1]
        assert 'href="runbooks/"' in feeds.get("/")[1]
        assert [feeds.get(path)[0] for path in ("/runbooks/checks", "/feeds/a/runbooks/checks")] == [200, 404]
