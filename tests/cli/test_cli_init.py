"""``init`` writes a contract for undescribed files, and never overwrites one."""

import subprocess
from datetime import date
from pathlib import Path

import pytest
from running import call
from sniff_files import orders, write, write_days

from exporter.cli import main
from exporter.contract.load import load_feed
from exporter.demo.plan import write_pipeline
from exporter.model import Stage


def init(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``init`` in a folder."""
    return call("init", *arguments, folder=folder)


def test_a_folder_becomes_a_contract_that_can_be_loaded(tmp_path: Path) -> None:
    """It is in the current directory under the feed's name, and the next steps are printed."""
    data = write_days(tmp_path / "data", 9)
    done = init(tmp_path, data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Wrote orders.yaml",
        f"  files       {data}/orders_{{date:%Y-%m-%d}}.csv",
        "  days        9 days, 2025-03-03 to 2025-03-11; 320 rows in the 8 inspected",
        "  columns     5: 2 text, 1 timestamp, 1 category, 1 number; 5 required, 1 personal",
        "  event time  ordered_at",
        "  key         order_id",
        "  due         06:00 UTC on the day after",
        "  trends      rows, amount",
        "  check       due time: modification times are all alike",
        "              order_id: text: as numbers the values would lose their leading zeros",
        "Read the contract's comments, then:",
        "  puffy-exporter run --feed.file orders.yaml",
        "  puffy-exporter serve --feed.file orders.yaml",
    ]
    loaded = load_feed(tmp_path / "orders.yaml")
    assert loaded.warnings == ()
    assert loaded.feed.directory == str(data)
    text = (tmp_path / "orders.yaml").read_text()
    assert text.startswith("# Proposed by puffy-exporter init.")
    assert "value: 06:00 UTC  # guessed: modification times are all alike\n" in text


def test_an_existing_file_is_compared_and_left_as_it_is(tmp_path: Path) -> None:
    """Equal exits with 0, different with 1 and a diff, whatever wrote it."""
    data = write_days(tmp_path / "data", 9)
    assert init(tmp_path, data, "-o", "mine.yaml").returncode == 0
    again = init(tmp_path, data, "-o", "mine.yaml")
    assert (again.returncode, again.stdout, again.stderr) == (
        0,
        "mine.yaml already matches the proposal\n",
        "",
    )
    mine = tmp_path / "mine.yaml"
    changed = mine.read_text().replace("06:00 UTC", "09:00 UTC")
    mine.write_text(changed)
    differs = init(tmp_path, data, "-o", "mine.yaml")
    assert differs.returncode == 1
    assert differs.stdout.startswith("--- mine.yaml\n+++ mine.yaml (proposed)\n@@ ")
    assert "\n-  value: 09:00 UTC" in differs.stdout
    assert "\n+  value: 06:00 UTC" in differs.stdout
    assert differs.stderr == (
        "mine.yaml exists and was left unchanged; the diff above shows what a new proposal would change\n"
    )
    assert mine.read_text() == changed


def test_a_file_that_cannot_be_compared_is_an_error(tmp_path: Path) -> None:
    """A folder, and a binary file."""
    data = write_days(tmp_path / "data", 3)
    (tmp_path / "folder").mkdir()
    assert "folder: is a directory" in init(tmp_path, data, "-o", "folder").stderr
    (tmp_path / "bytes").write_bytes(b"\xff")
    assert "bytes: not UTF-8 at byte 0" in init(tmp_path, data, "-o", "bytes").stderr
    done = init(tmp_path, data, "-o", "nowhere/x.yaml")
    assert (done.returncode, done.stderr) == (
        1,
        "puffy-exporter: error: --output: nowhere/x.yaml: no such file or directory\n",
    )


def test_a_dash_prints_the_contract_and_nothing_else(tmp_path: Path) -> None:
    """The findings go to stderr, no file is written."""
    data = write_days(tmp_path / "data", 9)
    done = init(tmp_path, data, "-o", "-", "--id", "shop-orders")
    assert done.returncode == 0
    assert "\nid: shop-orders\n" in done.stdout
    assert "Wrote" not in done.stdout
    assert "key         order_id" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_files_can_be_named_one_by_one(tmp_path: Path) -> None:
    """As with a shell pattern; other tables are then left out."""
    write_days(tmp_path, 3)
    write(tmp_path, {"clicks_2025-03-03.csv": orders(date(2025, 3, 3))})
    done = init(tmp_path, *sorted(tmp_path.glob("orders_*.csv")))
    assert done.returncode == 0
    assert "also found" not in done.stdout
    assert "3 days" in done.stdout


REFUSED = [
    ([], "no files; one file per day is needed"),
    (["--id", "No Good"], "--id: 'No Good': must be lowercase letters, digits, - and _, at most 64"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_cannot_be_described_is_one_line_and_exit_code_1(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    """No traceback, no file."""
    (tmp_path / "data").mkdir()
    done = init(tmp_path, "data", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("puffy-exporter: error: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data.yaml").exists()


def test_a_path_is_required() -> None:
    """Usage says so."""
    done = call("init")
    assert done.returncode == 1
    assert "PATH" in done.stderr


def test_the_demo_pipeline_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw, clean and rejects are stages of one feed with its renamed id column, its pack and its reasons."""
    write_pipeline(tmp_path / "data", date(2025, 3, 9), 20)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "data"]) == 0
    feed = load_feed(tmp_path / "events.yaml").feed
    assert {stage: table.path.text for stage, table in feed.tables.items()} == {
        Stage.RAW: "events_{date:%Y%m%d}.csv",
        Stage.CLEAN: "raw_clean/events_{date:%Y%m%d}_clean.csv",
        Stage.REJECTS: "raw_rejects/events_{date:%Y%m%d}_bad.csv",
    }
    assert [(column.name, column.aliases) for column in feed.raw.columns] == [
        ("client_id", ("clientId",)),
        ("page_url", ()),
        ("referrer", ()),
        ("timestamp", ()),
        ("event_name", ()),
        ("event_data", ()),
        ("user_agent", ()),
    ]
    assert feed.raw.packs == ("web-orders",)
    assert {table.event_time for table in feed.tables.values()} == {"timestamp"}
    assert feed.table(Stage.REJECTS).reason == "dq_reason"
    assert f"{feed.service.due_time:%H:%M} {feed.service.zone}" == "06:30 UTC"
    assert [trend.name for trend in feed.trends][:3] == ["rows", "revenue", "checkouts"]
