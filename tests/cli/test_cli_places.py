"""Every command finds data directory and output folder as ``run`` does, whatever names them."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import many
import pytest

from exporter.cli.app import main
from exporter.cli.awaiting import close_meanwhile
from exporter.cli.gating.where import Where, find_folders
from exporter.cli.options import Common, Logs
from exporter.cli.places import Places
from exporter.model import HERE
from exporter.places.settings import use, used

CLOSED = 3
DAY = many.DAYS[-1]
NAMED = {  # how both folders can be named; {d}: data, {o}: output, both absolute
    "contract": ("--feed.file orders.yaml", {}),
    "contract and output": ("--feed.file orders.yaml --output.dir {o}", {}),
    "contract and output, relative": ("--feed.file ./orders.yaml --output.dir data/monitoring", {}),
    "contract and variable": ("--feed.file orders.yaml", {"PUFFY_OUTPUT_DIR": "{o}"}),
    "contract in a variable": ("--output.dir {o}", {"PUFFY_FEED_FILE": "orders.yaml"}),
    "contract through a link": ("--feed.file link/orders.yaml --output.dir link/data/monitoring", {}),
    "configuration": ("--config.file own.yml --feed.file bare.yaml", {}),
    "configuration and output": ("--config.file own.yml --feed.file bare.yaml --output.dir {o}", {}),
    "configuration in a variable": (
        "--feed.file bare.yaml --output.dir {o}",
        {"PUFFY_CONFIG_FILE": "own.yml"},
    ),
    "output in the configuration": ("--config.file both.yml --feed.file bare.yaml", {}),
    "data": ("--feed.file bare.yaml --data.dir data", {}),
    "data and output": ("--feed.file bare.yaml --data.dir data --output.dir {o}", {}),
    "data in a variable": ("--feed.file bare.yaml --output.dir {o}", {"PUFFY_DATA_DIR": "{d}"}),
    "data over the contract": ("--feed.file astray.yaml --data.dir data --output.dir {o}", {}),
    "configuration over the contract": ("--config.file own.yml --feed.file astray.yaml --output.dir {o}", {}),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with contracts, configurations and days that were judged."""
    folder = tmp_path_factory.mktemp("places")
    for day in many.DAYS:
        many.write_rows(folder / "data", day, 5)
    (folder / "orders.yaml").write_text(many.contract("orders", "data"))
    (folder / "astray.yaml").write_text(many.contract("orders", "elsewhere"))
    (folder / "bare.yaml").write_text(without_servers(many.contract("orders", "data")))
    (folder / "own.yml").write_text("data: {directory: data}\n")
    (folder / "both.yml").write_text("data: {directory: data, output_directory: data/monitoring}\n")
    (folder / "link").symlink_to(folder, target_is_directory=True)
    assert main(["run", "--feed.file", str(folder / "orders.yaml"), "--log.level", "error"]) == 0
    return folder


def without_servers(text: str) -> str:
    """Return a contract that names no directory."""
    return "".join(line for line in text.splitlines(keepends=True) if "server" not in line)


@pytest.fixture
def here(judged: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder, which is the current one, and leave the day's file as it was."""
    monkeypatch.chdir(judged)
    for name in [name for name in os.environ if name.startswith("PUFFY_")]:
        monkeypatch.delenv(name)
    raw = judged / "data" / f"rows_{DAY:%Y%m%d}.csv"
    before, at = raw.read_bytes(), raw.stat()
    yield judged
    raw.write_bytes(before)
    os.utime(raw, ns=(at.st_atime_ns, at.st_mtime_ns))


def append(folder: Path) -> None:
    """Add a row to the day's raw file."""
    with (folder / "data" / f"rows_{DAY:%Y%m%d}.csv").open("a") as raw:
        raw.write("99,1.5\n")


@pytest.mark.parametrize("name", NAMED)
def test_a_changed_file_closes_the_gate_however_the_folders_are_named(
    here: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the unchanged one does not."""
    options, variables = NAMED[name]
    folders = {"d": here / "data", "o": here / "data" / "monitoring"}
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value.format(**folders))
    asked = ["gate", "status", *options.format(**folders).split(), "--partition", str(DAY)]
    assert (main(asked), capsys.readouterr().out) == (0, "open\n")
    append(here)
    assert main(asked) == CLOSED
    assert f"{DAY}: the raw file has changed and has not been judged yet" in capsys.readouterr().out
    assert main([asked[0], "wait", *asked[2:], "--timeout", "0"]) == CLOSED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--output.dir data/monitoring", "no data directory: set --data.dir, "),
        ("--output.dir data/monitoring --feed.file bare.yaml", "no data directory: set --data.dir, "),
        ("--output.dir data/monitoring --feed.file astray.yaml", "elsewhere: no such file or directory"),
        ("--output.dir data/monitoring --feed.file gone.yaml", "gone.yaml: "),
        ("--output.dir data/monitoring --config.file gone.yml", "gone.yml: "),
        ("--output.dir data/monitoring --data.dir ftp://x/y", "unknown scheme ftp://"),
        ("--feed.file bare.yaml", "no data directory: set --data.dir, "),
        ("--feed.file astray.yaml", "has the exporter run?"),
        ("--feed.file bare.yaml --data.dir s3://bucket/x", "output must go to a local folder"),
        ("--feed.file bare.yaml --data.dir data --output.dir s3://bucket/x", "must be a local folder"),
    ],
)
def test_who_does_not_know_where_the_files_are_cannot_call_a_day_open(
    here: Path, options: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what is missing."""
    assert (here / "data").is_dir()
    for verb in (["status"], ["wait", "--timeout", "0"]):
        assert main(["gate", *verb, *options.split(), "--partition", str(DAY)]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        assert words in said.err


def test_questions_about_holds_need_only_the_output_folder(here: Path) -> None:
    """They work while the data directory is unmounted, and without a contract."""
    assert here.is_dir()
    for options in ("--output.dir data/monitoring", "--output.dir data/monitoring --feed.file astray.yaml"):
        assert main(["gate", "status", *options.split()]) == 0
        assert main(["gate", "history", *options.split()]) == 0


def test_the_gate_accesses_storage_as_the_configuration_says(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The endpoint is not that of the default provider."""
    (here / "stored.yml").write_text(
        "data: {directory: 's3://bucket/x'}\n"
        "places: {endpoint: 'http://127.0.0.1:9', timeout: 1s, attempts: 1}\n"
    )
    try:
        options = [
            "--config.file",
            "stored.yml",
            "--feed.file",
            "bare.yaml",
            "--output.dir",
            "data/monitoring",
        ]
        assert main(["gate", "status", *options, "--partition", str(DAY)]) == 1
        assert used().endpoint == "http://127.0.0.1:9"
        assert capsys.readouterr().err.startswith("puffy-exporter: error: s3://bucket/x: ")
        stored = Where(Path("stored.yml"), Path("bare.yaml"), None, Path("data/monitoring"))
        assert find_folders(stored).upstream().interval == 60.0, "a listing costs money"
        assert find_folders(stored._replace(data_dir=Path("data"))).upstream().interval == 0.0
    finally:
        use(HERE)


def test_push_and_task_find_what_run_finds(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With the contract alone, as ``run`` does."""
    asked = ["push", "openlineage", "--feed.file", "orders.yaml", "--dry-run"]
    assert main(asked) == 0
    events = capfd.readouterr().out
    assert events.count("# ") >= len(many.DAYS)
    assert main(["task", "run", "--task", "dq", "--feed.file", "orders.yaml", "--", "true"]) == 0
    (record,) = (here / "data" / "task_runs").iterdir()
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert date.fromisoformat(json.loads(record.read_text())["partition"]) == yesterday
    record.unlink()
    assert main(["push", "openlineage", "--feed.file", "bare.yaml"]) == 1
    assert "no folder to find the report in" in capfd.readouterr().err


def test_one_of_many_feeds_is_found_in_its_own_folder(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of all of them knows no day, or only what was judged before there were many."""
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    for name in ("orders", "returns"):
        (contracts / f"{name}.yaml").write_text(many.contract(name, here / "data"))
    output = tmp_path / "out"
    where = ("--output.dir", str(output), "--log.level", "error")
    assert main(["run", "--feeds.dir", str(contracts), *where]) == 0
    asked = ["gate", "status", "--feed.file", str(contracts / "orders.yaml"), "--partition", str(DAY)]
    capsys.readouterr()
    assert main([*asked, "--output.dir", str(output / "orders")]) == 0
    assert main([*asked, "--output.dir", str(output)]) == 1
    words = "has the exporter run? Each of many feeds has its own folder, such as "
    assert words in capsys.readouterr().err
    (output / "monitoring_report.json").write_bytes(
        (output / "orders" / "monitoring_report.json").read_bytes()
    )
    os.utime(output / "monitoring_report.json", (1, 1))
    assert main([*asked, "--output.dir", str(output)]) == 1
    words = f"{output / 'orders'}: has a newer report of the feed orders: set --output.dir to it"
    assert words in capsys.readouterr().err
    assert main([*asked, "--output.dir", str(output / "orders")]) == 0


def test_a_folder_that_cannot_be_looked_at_is_refused_in_a_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as one with a name that is too long, or below a folder of another user."""
    assert here.is_dir()
    long = "a" * 300
    for asked in (
        ["gate", "status", "--output.dir", long],
        ["gate", "status", "--output.dir", "data/monitoring", "--data.dir", long, "--partition", str(DAY)],
        ["run", "--data.dir", long],
        ["init", "data", "-o", f"{long}.yaml"],
        ["postmortem", str(DAY), "--data.dir", "data", "--output", long],
        ["demo", "--dir", long],
        ["assets", long],
        ["rules", "--rules.dir", long],
        ["rules", "--check", "--rules.dir", long],
    ):
        assert main(asked) == 1
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        assert long in said.err
        assert "file name too long" in said.err


def test_waiting_for_data_goes_on_without_an_output_folder_that_cannot_be_looked_at(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names it, and nothing if there is merely none."""
    common = Common(None, None, None, None, None, Logs())
    close_meanwhile(common, Places(tmp_path / "data", tmp_path / "none"))
    assert caplog.messages == []
    close_meanwhile(common, Places(tmp_path / "data", tmp_path / ("a" * 300)))
    assert caplog.messages == ["output folder cannot be looked at"]
