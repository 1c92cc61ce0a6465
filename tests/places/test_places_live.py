"""A feed on object storage, watched by a running exporter and checked from the command line."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from object_storage import KEY, SECRET, Proxy, Storage
from running import Exporter, call, until
from written import content

UP = "puffy_feed_source_up"
TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=back) for back in (3, 2, 1)]
BUCKET = "live-shop"


def fill(storage: Storage) -> None:
    """Create a bucket with three days and a note in upstream's reports."""
    storage.client.create_bucket(Bucket=BUCKET)
    for day in DAYS:
        put(storage, f"events_{day:%Y%m%d}.csv", content(day, 20))
    put(storage, "dq_reports/note.txt", "none")


def put(storage: Storage, name: str, text: str) -> None:
    """Write an object of the feed."""
    storage.client.put_object(Bucket=BUCKET, Key=f"feed/{name}", Body=text.encode())


@pytest.fixture
def live(tmp_path: Path, proxy: Proxy) -> Iterator[Exporter]:
    """Run an exporter that lists a bucket every second."""
    fill(proxy.storage)
    (tmp_path / "puffy.yml").write_text(
        "watch: {rescan_seconds: 1}\n"
        f"places: {{endpoint: '{proxy.endpoint}', attempts: 1, timeout: 2s, connect_timeout: 1s}}\n"
    )
    with Exporter(tmp_path, "--data.dir", f"s3://{BUCKET}/feed", "--log.level", "debug") as exporter:
        yield exporter
    if BUCKET in {one["Name"] for one in proxy.storage.client.list_buckets()["Buckets"]}:
        proxy.storage.remove(BUCKET)


def test_an_outage_is_reported_and_known_days_stay(live: Exporter, proxy: Proxy) -> None:
    """A truncated listing, an expired credential, a bucket that disappears and comes back."""
    assert live.value(UP) == 1
    assert live.rows(DAYS[-1]) == 20
    status, rows = live.get(f"/partitions/{DAYS[-1]}/rows")
    assert status == 200
    assert "is gone" not in rows
    proxy.asked.clear()
    assert until(lambda: len(proxy.asked) > 6, 20)
    assert all(one.lists for one in proxy.asked), "a pass at rest reads nothing"
    for trouble, word in (("cut", "network connection"), ("deny", "expired")):
        proxy.trouble = lambda _, path, what=trouble: what if "list-type" in path else "pass"
        assert until(lambda: live.value(UP) == 0, 20)
        assert live.rows(DAYS[-1]) == 20
        assert live.value("puffy_exporter_blind") == 1
        assert live.value("puffy_gate_closed") == 1
        assert until(lambda word=word: word in live.get("/")[1].lower(), 20)
        assert f"s3://{BUCKET}/feed" in live.get("/")[1]
        proxy.trouble = lambda *_: "pass"
        assert until(lambda: live.value(UP) == 1, 20)
    proxy.storage.remove(BUCKET)
    assert until(lambda: live.value(UP) == 0, 20)
    assert live.rows(DAYS[-1]) == 20
    fill(proxy.storage)
    assert until(lambda: live.value(UP) == 1, 20)
    put(proxy.storage, f"events_{DAYS[0]:%Y%m%d}.csv", content(DAYS[0], 25))
    assert until(lambda: live.rows(DAYS[0]) == 25, 20)
    assert SECRET not in live.said()
    assert KEY not in live.said()


def test_a_failing_first_pass_is_reported_as_well(tmp_path: Path, proxy: Proxy) -> None:
    """No day is known and the bucket is reported as unavailable until it can be listed."""
    proxy.trouble = lambda *_: "deny"
    (tmp_path / "puffy.yml").write_text(
        f"watch: {{rescan_seconds: 1}}\nplaces: {{endpoint: '{proxy.endpoint}', attempts: 1}}\n"
    )
    with Exporter(tmp_path, "--data.dir", f"s3://{BUCKET}/feed") as live:
        assert until(lambda: live.value(UP) == 0, 20)
        fill(proxy.storage)
        proxy.trouble = lambda *_: "pass"
        assert until(lambda: live.value(UP) == 1 and live.rows(DAYS[-1]) == 20, 20)
    proxy.storage.remove(BUCKET)


def run(*arguments: str | Path, endpoint: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return call(*arguments, **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}))


def test_the_command_line_works_on_an_address(tmp_path: Path, storage: Storage) -> None:
    """A pass, a day's rows and the gate, with the endpoint from the environment."""
    fill(storage)
    places = ("--data.dir", f"s3://{BUCKET}/feed", "--output.dir", tmp_path)
    done = run("run", *places, endpoint=storage.endpoint)
    assert done.returncode == 0, done.stderr
    assert f"{DAYS[-1]}" in done.stdout
    explained = run("explain", str(DAYS[-1]), *places, endpoint=storage.endpoint)
    assert explained.returncode == 0, explained.stderr
    status = run("gate", "status", *places, endpoint=storage.endpoint)
    assert status.stdout.startswith(("open", "closed")), status.stderr
    storage.remove(BUCKET)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--data.dir", "s3://bucket/feed"), "output must go to a local folder: set"),
        (
            ("run", "--data.dir", "s3://AKIA:hunter2@bucket", "--output.dir", "out"),
            "must not contain credentials",
        ),
        (
            ("run", "--data.dir", "data", "--output.dir", "s3://bucket"),
            "must be a local folder",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    """No traceback, and no secrets."""
    monkeypatch.chdir(tmp_path)
    done = call(*arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "hunter2" not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "s3://bucket/feed"),
        ("demo", "--dir", "s3://bucket/feed"),
        ("simulate", "--dir", "s3://bucket/feed"),
        ("task", "run", "--task", "a", "--data.dir", "s3://bucket/feed", "--", "true"),
        ("gate", "status", "--data.dir", "s3://bucket/feed"),
    ],
)
def test_commands_that_work_only_locally_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """It creates no folder named after the address."""
    monkeypatch.chdir(tmp_path)
    done = call(*arguments)
    assert done.returncode != 0
    assert "s3://bucket/feed" in done.stderr
    assert re.search("local folder|this machine", done.stderr)
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
