"""No personal data leaves the event files: not in a metric, a report, a page, a log or an explanation."""

import contextlib
import csv
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from running import Exporter, call

pytestmark = [pytest.mark.sample, pytest.mark.xdist_group("sample")]

AS_OF = ("--as-of", "2025-03-09")
DAYS = ["2025-02-28", "2025-03-02", "2025-03-08"]
HASH = re.compile(r"[0-9a-f]{32,}")
PLAIN = re.compile(r"[0-9.]+|[A-Za-z ._-]+")
LEAST = 6  # characters; shorter strings occur in any text by chance


@pytest.fixture(scope="module")
def folder(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a folder whose ``data`` is a copy of the sample, each file as old as its due time."""
    base = tmp_path_factory.mktemp("privacy")
    shutil.copytree(sample, base / "data", copy_function=shutil.copyfile)
    for path in (base / "data").rglob("events_*.csv"):
        digits = re.search(r"\d{8}", path.name)
        assert digits
        due = datetime.strptime(digits[0], "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1, hours=6)
        os.utime(path, (due.timestamp(),) * 2)
    (base / "puffy.yml").write_text("")
    return base


def personal(row: dict[str, str]) -> Iterator[str]:
    """Yield what could identify a person in a row."""
    yield row.get("client_id") or row.get("clientId") or ""
    data = row.get("event_data") or ""
    yield from HASH.findall(data)
    with contextlib.suppress(ValueError, AttributeError):
        yield json.loads(data).get("user_email") or ""
    for column in ("page_url", "referrer"):
        yield from (value for _, value in parse_qsl(urlsplit(row.get(column) or "").query))


@pytest.fixture(scope="module")
def secrets(folder: Path) -> set[str]:
    """Provide every client id, e-mail hash and query value of the sample except plain words and numbers."""
    csv.field_size_limit(sys.maxsize)
    found: set[str] = set()
    for path in (folder / "data").rglob("events_*.csv"):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                found.update(personal(row))
    return {text for text in found if len(text) >= LEAST and not PLAIN.fullmatch(text)}


def leaked(text: str, secrets: set[str]) -> set[str]:
    """Return the secrets that a text contains as words, or, if long, within a longer word."""
    words = set(re.findall(r"[\w.~%+-]+", text)) | set(re.findall(r"[A-Za-z0-9]+", text))
    return words & secrets | {secret for secret in secrets if len(secret) >= 20 and secret in text}


def outputs(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every output of the exporter on the sample, by its place."""
    places = ("--data.dir", folder / "data", "--output.dir", folder / "out", *AS_OF)
    for arguments in (("run",), ("metrics",), ("backfill",)):
        done = call(*arguments, *places, "--log.level", "debug")
        assert done.returncode == 0, done.stderr
        yield arguments[0], done.stdout + done.stderr
    for day in DAYS:
        for arguments in (("explain", day, "--rows", "40"), ("explain", day, "--json"), ("postmortem", day)):
            done = call(*arguments, *places)
            assert done.returncode == 0, done.stderr
            yield " ".join(arguments), done.stdout + done.stderr
    exporter = Exporter(folder, *AS_OF, "--log.level", "debug")
    try:
        for path in ("/", "/metrics", "/api/v1/report", "/api/v1/alerts", "/nowhere"):
            yield path, exporter.get(path)[1]
    finally:
        exporter.stop()
    yield "log", exporter.said()
    for path in (folder / "out").rglob("*"):
        if path.suffix in {".json", ".txt", ".jsonl"}:
            yield path.name, path.read_text()


def test_no_client_id_no_hash_and_no_query_value_leaves_the_files(folder: Path, secrets: set[str]) -> None:
    """Not one of tens of thousands is in anything that the exporter writes, serves, logs or prints."""
    assert len(secrets) > 10_000
    said = dict(outputs(folder))
    assert {name: leaked(text, secrets) for name, text in said.items() if leaked(text, secrets)} == {}


def test_the_search_finds_what_is_not_masked(folder: Path, secrets: set[str]) -> None:
    """Otherwise the test above would prove nothing."""
    shown = call("explain", DAYS[-1], "--rows", "40", "--unmask", "--data.dir", folder / "data", *AS_OF)
    assert len(leaked(shown.stdout, secrets)) > 20
