"""Many feeds in one running exporter: each judged alone, all on one page, contracts watched."""

import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from many import DAYS, TODAY, Feeds, contract, write_rows
from running import call
from running import until as wait_until

from exporter.gate.audit import AUDIT


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition, for as long as a busy machine may take."""
    return wait_until(condition, 40)


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[Feeds]:
    """Provide two feeds, not yet served; whatever happens then shows no traceback."""
    with Feeds(tmp_path) as many:
        many.write("flights", rows=10)
        many.write("orders", rows=20)
        yield many
        assert many.stop() == 0
        said = many.said()
        assert "Traceback" not in said


def test_all_feeds_are_on_one_page_with_one_header_a_family(feeds: Feeds, promtool: str) -> None:
    """In the text format and in OpenMetrics; the process speaks once."""
    feeds.start()
    feeds.ready()
    assert until(lambda: (feeds.rows("flights"), feeds.rows("orders")) == (10, 20))
    page = feeds.get("/metrics")[1]
    headers = [line for line in page.splitlines() if line.startswith("# TYPE ")]
    assert len(headers) == len(set(headers))
    assert page.count("\npuffy_exporter_build_info{") == 1
    assert page.count("\nprocess_cpu_seconds_total ") == 1
    assert feeds.value('puffy_feed_up{feed="flights"}') == feeds.value('puffy_feed_up{feed="orders"}') == 1
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=page, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    request = urllib.request.Request(f"http://127.0.0.1:{feeds.port}/metrics")
    request.add_header("accept", "application/openmetrics-text; version=1.0.0")
    with urllib.request.urlopen(request, timeout=10) as answer:
        other = answer.read().decode()
    assert other.endswith("# EOF\n")
    assert other.count("# EOF") == 1
    assert f'puffy_partition_rows{{feed="orders",partition="{DAYS[-1]}",stage="raw"}} 20.0' in other


def test_each_feed_has_files_and_pages_of_its_own(feeds: Feeds) -> None:
    """In monitoring/ID of its data directory, and below /feeds/ID."""
    feeds.start()
    feeds.ready()
    for feed, rows in (("flights", 10), ("orders", 20)):
        output = feeds.folder / feed / "monitoring" / feed
        assert until((output / "monitoring_report.json").is_file)
        assert (output / "state.db").is_file()
        report = feeds.json(f"/feeds/{feed}/api/v1/report")
        assert list(report["partitions"]) == [day.isoformat() for day in DAYS]
        assert feeds.rows(feed) == rows
        assert feeds.json(f"/feeds/{feed}/api/v1/gate")["closed"] is False
        assert str(feeds.folder / feed) in feeds.get(f"/feeds/{feed}")[1]  # led to the page with a slash
    index = feeds.get("/")[1]
    assert '<a href="feeds/flights/">flights</a>' in index
    assert feeds.get("/feeds/other/") == (404, "There is no such feed.\n")


def test_an_output_folder_that_is_given_has_one_below_it_for_each_feed(feeds: Feeds, tmp_path: Path) -> None:
    """And contracts may be named one by one."""
    named = [
        part for name in ("flights", "orders") for part in ("--feed.file", feeds.contracts / f"{name}.yaml")
    ]
    feeds.start(*named, "--output.dir", tmp_path / "out")
    feeds.ready()
    for feed in ("flights", "orders"):
        assert until((tmp_path / "out" / feed / "monitoring_report.json").is_file)
        assert not (feeds.folder / feed / "monitoring").exists()


def test_contracts_come_change_and_go_without_a_restart(feeds: Feeds) -> None:
    """What a removed feed said is gone from the page."""
    feeds.start()
    feeds.ready()
    feeds.write("visits", rows=30)
    assert until(lambda: feeds.rows("visits") == 30)
    assert feeds.json("/feeds/orders/api/v1/alerts")["alerts"] == []
    feeds.write("orders", rows=20, least=100)
    assert until(lambda: feeds.json("/feeds/orders/api/v1/alerts")["alerts"] != [])
    (feeds.contracts / "flights.yaml").unlink()
    assert until(lambda: 'feed="flights"' not in feeds.get("/metrics")[1])
    assert feeds.get("/feeds/flights/")[0] == 404
    assert feeds.rows("visits") == 30


def test_a_bad_contract_stops_its_own_feed_only(feeds: Feeds) -> None:
    """It is named by its id, or otherwise by its file; once fixed it is used."""
    feeds.put(
        "visits",
        contract("visits", feeds.folder / "visits").replace("logicalType: number", "logicalType: so"),
    )
    feeds.put("torn", "id: [")
    feeds.start()
    feeds.ready()
    assert feeds.value('puffy_feed_up{feed="visits"}') == 0
    assert feeds.value('puffy_feed_up{feed="torn.yaml"}') == 0
    assert until(lambda: feeds.rows("orders") == 20)
    assert "visits is not watched" in feeds.get("/")[1]
    assert "schema.0.properties.1.logicalType: so is not one of" in feeds.said()
    feeds.write("visits", rows=30)
    assert until(lambda: feeds.value('puffy_feed_up{feed="visits"}') == 1)
    assert until(lambda: feeds.rows("visits") == 30)


def test_a_good_contract_that_becomes_bad_leaves_its_feed_as_it_was(feeds: Feeds) -> None:
    """The feed goes on, and a metric, the index and the answer to a reload say so."""
    feeds.start()
    feeds.ready()
    good = (feeds.contracts / "orders.yaml").read_text()
    feeds.put("orders", good.replace("schema:", "shema:"))
    success = 'puffy_exporter_config_reload_success{feed="%s"}'
    assert until(lambda: feeds.value(success % "orders") == 0)
    assert feeds.value(success % "flights") == feeds.value('puffy_feed_up{feed="orders"}') == 1
    write_rows(feeds.folder / "orders", TODAY, 7)
    assert until(lambda: feeds.rows("orders", TODAY) == 7)
    status, answer = feeds.get("/-/reload", "POST")
    assert (status, answer.startswith("orders: "), "shema" in answer) == (500, True, True)
    assert "shema" in feeds.get("/")[1]
    feeds.put("orders", good)
    assert until(lambda: feeds.value(success % "orders") == 1)
    assert feeds.get("/-/reload", "POST") == (200, "Reloaded.\n")


def test_of_two_contracts_with_one_id_the_second_is_refused(feeds: Feeds) -> None:
    """With the names of both files; the one in use stays, whatever the other is called."""
    feeds.start()
    feeds.ready()
    feeds.put("a", contract("orders", feeds.folder / "flights"))
    assert until(lambda: feeds.value('puffy_feed_up{feed="a.yaml"}') == 0)
    assert feeds.rows("orders") == 20
    page = feeds.get("/")[1]
    assert (
        f"{feeds.contracts / 'a.yaml'}: the id orders is also used by {feeds.contracts / 'orders.yaml'}"
        in page
    )
    (feeds.contracts / "orders.yaml").unlink()  # and then the other is the only one
    assert until(lambda: feeds.rows("orders") == 10)


def test_a_feed_that_cannot_be_seen_yet_is_blind_and_delays_no_other(feeds: Feeds) -> None:
    """Its directory is not made, and is waited for; the process is ready."""
    feeds.put("visits", contract("visits", feeds.folder / "visits"))
    feeds.start()
    feeds.ready()
    blind = 'puffy_exporter_blind{feed="visits"}'
    assert (feeds.value(blind), feeds.value('puffy_feed_up{feed="visits"}')) == (1, 1)
    assert until(lambda: feeds.rows("orders") == 20)
    assert "does not exist yet" in feeds.get("/feeds/visits/")[1]
    assert not (feeds.folder / "visits").exists()
    write_rows(feeds.folder / "visits", DAYS[-1], 30)
    assert until(lambda: feeds.rows("visits") == 30)
    assert feeds.value(blind) == 0


def test_a_feed_that_moves_to_a_missing_directory_shows_nothing_of_the_old_one(feeds: Feeds) -> None:
    """Neither pages nor an open gate nor figures, until there is something to judge; other feeds stay."""
    feeds.start()
    feeds.ready()
    assert feeds.json("/feeds/orders/api/v1/gate")["closed"] is False
    feeds.put("orders", contract("orders", feeds.folder / "moved"))
    assert until(lambda: feeds.get("/feeds/orders/api/v1/gate")[0] == 503)
    for path in ("", "api/v1/report", "api/v1/alerts", "api/v1/gate"):
        status, said = feeds.get(f"/feeds/orders/{path}")
        assert (status, "moved does not exist yet." in said) == (503, True)
    assert until(lambda: feeds.rows("orders") is None)
    assert feeds.value('puffy_exporter_blind{feed="orders"}') == 1
    assert feeds.json("/feeds/flights/api/v1/gate")["closed"] is False
    write_rows(feeds.folder / "moved", DAYS[-1], 30)
    assert until(lambda: feeds.rows("orders") == 30)
    assert feeds.get("/feeds/orders/api/v1/gate")[0] == 200


def test_the_configuration_is_reloaded_for_all_feeds(feeds: Feeds) -> None:
    """A bad one is refused for all of them."""
    feeds.start()
    feeds.ready()
    feeds.config.write_text(feeds.config.read_text() + "report: {histery: 3}\n")
    assert feeds.get("/-/reload", "POST")[0] == 500
    success = 'puffy_exporter_config_reload_success{feed="%s"}'
    assert until(lambda: feeds.value(success % "orders") == feeds.value(success % "flights") == 0)
    feeds.config.write_text(feeds.config.read_text().replace("histery", "history"))
    assert feeds.process is not None
    feeds.process.send_signal(signal.SIGHUP)
    assert until(lambda: feeds.value(success % "orders") == feeds.value(success % "flights") == 1)


def test_an_answer_is_about_one_feed(feeds: Feeds) -> None:
    """Recorded in its audit log alone."""
    for feed in ("flights", "orders"):
        feeds.write(feed, rows=5, least=100)
    feeds.start()
    feeds.ready()
    assert until(lambda: feeds.json("/feeds/orders/api/v1/alerts")["alerts"] != [])
    request = urllib.request.Request(
        f"http://127.0.0.1:{feeds.port}/feeds/orders/api/v1/gate/ack",
        data=f'{{"partition": "{DAYS[-1]}", "by": "Ann", "reason": "known"}}'.encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 201

    def acknowledged(feed: str) -> bool:
        audit = feeds.folder / feed / "monitoring" / feed / AUDIT
        return audit.exists() and '"Ann"' in audit.read_text()

    assert (acknowledged("orders"), acknowledged("flights")) == (True, False)


def test_one_feed_alone_has_the_paths_it_always_had_and_those_below_feeds(feeds: Feeds) -> None:
    """With a single contract, addresses stay the same."""
    feeds.start("--feed.file", feeds.contracts / "orders.yaml")
    feeds.ready()
    assert feeds.rows("orders") == 20
    assert feeds.get("/api/v1/gate") == feeds.get("/feeds/orders/api/v1/gate")
    assert feeds.get("/feeds/orders/metrics")[0] == feeds.get("/feeds/orders/-/ready")[0] == 200
    assert feeds.get("/feeds/flights/")[0] == 404
    assert "puffy_feed_up" not in feeds.get("/metrics")[1]
    assert (feeds.folder / "orders" / "monitoring" / "state.db").is_file()


def test_a_folder_of_contracts_that_is_not_there_is_said_at_once(feeds: Feeds, tmp_path: Path) -> None:
    """With exit code 1; an environment variable names it as well."""
    told = call("serve", PUFFY_FEEDS_DIR=str(tmp_path / "nowhere"))
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert f"--feeds.dir: {tmp_path / 'nowhere'}: no such file or directory" in told.stderr
    feeds.start("--as-of", str(DAYS[-1]))
    feeds.ready()
    assert not (feeds.folder / "orders" / "monitoring").exists()
