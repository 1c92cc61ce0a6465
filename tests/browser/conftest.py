"""Exporters on the demo's days, and a browser to open their pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bcrypt
import pytest
from chromium import run_chromium
from many import Feeds
from places import LAST, NOW
from playwright.sync_api import Browser, HttpCredentials
from running import Exporter, until
from shown import Shown

from exporter.demo.plan import write_pipeline

QUICK = "watch: {settle_seconds: 0.2, rescan_seconds: 2}\n"
LOGIN: HttpCredentials = {"username": "ann", "password": "correct horse"}


def configured(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a folder for an exporter that checks soon and often."""
    folder = factory.mktemp(name)
    (folder / "puffy.yml").write_text(QUICK)
    return folder


@pytest.fixture(scope="module")  # while it runs, nothing else in the process can run a loop of asyncio
def chromium() -> Iterator[Browser]:
    """Provide a real browser; skip if there is none."""
    with run_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide the demo's days, which have most kinds of faults."""
    data = tmp_path_factory.mktemp("days")
    write_pipeline(data, LAST)
    return data


@pytest.fixture(scope="session")
def demo(days: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run an exporter over the demo's days."""
    folder = configured(tmp_path_factory, "demo")
    with Exporter(folder, "--as-of", NOW, "--data.dir", str(days)) as exporter:
        yield Shown(exporter)


@pytest.fixture(scope="session")
def guarded(days: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run one with a login; nothing is acknowledged there."""
    with guarding(days, configured(tmp_path_factory, "guarded")) as shown:
        yield shown


@pytest.fixture(scope="module")
def answering(days: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run another one of these, for acknowledgements."""
    with guarding(days, configured(tmp_path_factory, "answering")) as shown:
        yield shown


@contextmanager
def guarding(days: Path, folder: Path) -> Iterator[Shown]:
    """Run an exporter with a login."""
    hashed = bcrypt.hashpw(LOGIN["password"].encode(), bcrypt.gensalt(4)).decode()
    (folder / "web.yml").write_text(f"basic_auth_users: {{{LOGIN['username']}: '{hashed}'}}\n")
    options = ("--data.dir", str(days), "--web.config.file", str(folder / "web.yml"))
    with Exporter(folder, "--as-of", NOW, *options) as exporter:
        shown = Shown(exporter, login=LOGIN)
        assert until(lambda: shown.ask("/-/ready")[0] == 200, 40), exporter.said()
        yield shown


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run one over two feeds, one of them with too few rows, and an invalid contract."""
    with Feeds(tmp_path_factory.mktemp("many")) as feeds:
        feeds.write("orders", least=100)
        feeds.write("payments")
        feeds.put("refunds", "kind: DataContract\n")
        feeds.start()
        feeds.ready()
        yield Shown(feeds, "/feeds/orders/")


@pytest.fixture(scope="session")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run one whose data directory does not exist yet."""
    with Exporter(configured(tmp_path_factory, "waiting"), begun=[503]) as exporter:
        yield Shown(exporter)
