"""Who waits for the gate asks again when it may have opened, and lists storage no more often than allowed."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import many
import pytest
from running import until

from exporter.cli.app import main
from exporter.cli.feeds import read_feed
from exporter.cli.gating.asking import wait_for
from exporter.gate.answer import About, Folders
from exporter.gate.files import Upstream

DAY = many.DAYS[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a judged day whose file has changed since."""
    many.write_rows(tmp_path / "data", DAY, 5)
    (tmp_path / "orders.yaml").write_text(many.contract("orders", "data"))
    assert main(["run", "--feed.file", str(tmp_path / "orders.yaml"), "--log.level", "error"]) == 0
    raw(tmp_path).rename(tmp_path / "before.csv")
    many.write_rows(tmp_path / "data", DAY, 6)
    return tmp_path


def raw(folder: Path) -> Path:
    """Return the path of the day's file."""
    return folder / "data" / f"rows_{DAY:%Y%m%d}.csv"


def folders(folder: Path, interval: float, asked: list[float]) -> Folders:
    """Return the gate's folders, and note when the data directory is asked for, to compare or to wait."""
    feed = read_feed(folder / "orders.yaml")

    def upstream() -> Upstream:
        asked.append(time.monotonic())
        return Upstream(folder / "data", feed, interval=interval)

    return Folders(folder / "data" / "monitoring", upstream)


@pytest.mark.parametrize("interval", [0.0, 60.0])
def test_storage_is_listed_once_an_interval_or_when_something_was_written(
    folder: Path, interval: float
) -> None:
    """A file that is as judged again opens the gate at the next listing, which a pass brings forward."""
    asked: list[float] = []
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait_for, folders(folder, interval, asked), About(DAY), 30.0)
        assert until(lambda: len(asked) > 1)  # it waits: the files have been compared once
        (folder / "before.csv").rename(raw(folder))
        if interval:
            time.sleep(2.5)
            assert not waiting.done()
            report = folder / "data" / "monitoring" / "monitoring_report.json"
            os.utime(report)
        begun = time.monotonic()
        assert waiting.result(20)
        assert time.monotonic() - begun < 10


def test_the_time_is_kept_however_long_the_interval(folder: Path) -> None:
    """A question about holds, which reads only the output folder, is answered at once."""
    begun = time.monotonic()
    assert not wait_for(folders(folder, 600.0, []), About(DAY), 1.5)
    assert 1.5 <= time.monotonic() - begun < 10
    assert wait_for(folders(folder, 600.0, []), About(), 1.5)
    assert time.monotonic() - begun < 20
