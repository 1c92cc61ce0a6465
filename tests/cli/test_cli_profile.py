"""``profile`` reads files once, and later passes use its results."""

import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from running import call
from written import content, put, write_day

from exporter.cli.paths import sources_of
from exporter.cli.progress import progress_words
from exporter.contract.load import shipped_feed
from exporter.errors import UserError
from exporter.model import Stage

LAST = date(2025, 3, 10)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide a folder of three days."""
    for back in range(3):
        write_day(tmp_path / "data", LAST - timedelta(days=back))
    return tmp_path / "data"


def test_a_folder_is_all_files_of_the_feed(data: Path) -> None:
    """As a table with one row per file, and a line with the duration."""
    (data / "notes.txt").write_text("nothing")
    done = call("profile", data)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[:3] for row in rows[:3]] == [
        ["2025-03-08", "clean", "96"],
        ["2025-03-08", "raw", "100"],
        ["2025-03-08", "rejects", "4"],
    ]
    assert len(rows) == 9
    assert done.stderr.startswith("9 of 9 files profiled, 0.")
    assert not (data / "monitoring").exists()


def test_json_holds_all_figures_of_a_file(data: Path) -> None:
    """With its day and stage, from its name."""
    done = call("profile", data / "events_20250310.csv", "--json")
    (file,) = json.loads(done.stdout)["files"]
    assert (file["partition"], file["stage"]) == ("2025-03-10", "raw")
    assert file["profile"]["rows"] == 100
    assert file["size_bytes"] == (data / "events_20250310.csv").stat().st_size


def test_a_folder_of_parts_is_one_file(tmp_path: Path) -> None:
    """By its name."""
    folder = tmp_path / "events_20250310"
    folder.mkdir()
    for number in range(2):
        (folder / f"part-{number}.csv").write_text(content(LAST, 10) + "\n")
    (found,) = sources_of([folder], shipped_feed())
    assert len(found.parts) == 2
    done = call("profile", folder)
    assert done.stdout.splitlines()[1].split()[:3] == ["2025-03-10", "raw", "20"]


def test_what_is_kept_is_not_read_again(data: Path, tmp_path: Path) -> None:
    """Neither by another ``profile`` nor by ``run``, which judges it."""
    out = tmp_path / "out"
    assert call("profile", data, "--output.dir", out).returncode == 0
    with sqlite3.connect(out / "state.db") as state:
        assert state.execute("SELECT count(*) FROM profile").fetchone() == (9,)
        before = state.execute("SELECT partition, stage, read_ns FROM profile").fetchall()
    state.close()
    again = call("profile", data, "--output.dir", out)
    assert "9 of 9 files profiled, 0.0 MB read" in again.stderr
    done = call("run", "--data.dir", data, "--output.dir", out, "--as-of", "2025-03-11T12:00:00Z")
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(out / "state.db") as state:
        assert state.execute("SELECT partition, stage, read_ns FROM profile").fetchall() == before
    state.close()


def test_a_file_that_cannot_be_read_is_named(data: Path) -> None:
    """The others are profiled, and the exit code is 1."""
    put(data, LAST, Stage.RAW, "<html>not found</html>")
    done = call("profile", data)
    assert done.returncode == 1
    assert "events_20250310.csv: not CSV with a header: the file is an HTML page" in done.stderr
    assert "8 of 9 files profiled" in done.stderr


def test_paths_that_are_no_files_of_the_feed_are_refused(data: Path, tmp_path: Path) -> None:
    """With the names that it knows, and before anything is read."""
    (tmp_path / "empty").mkdir()
    (data / "notes.txt").write_text("nothing")
    other = tmp_path / "other" / "events_20250310.csv"
    other.parent.mkdir()
    other.write_text("x")
    refused = {
        "no such file": [tmp_path / "events_2025.csv"],
        "does not match the feed events: events_YYYYMMDD.csv": [data / "notes.txt"],
        "contains no file of the feed": [tmp_path / "empty"],
        "both are the raw file of 2025-03-10": [data, other],
    }
    for words, paths in refused.items():
        with pytest.raises(UserError, match=words):
            sources_of(paths, shipped_feed())


def test_an_engine_that_cannot_be_used_costs_no_figure(data: Path) -> None:
    """One line reports it; it is an error if the configuration allows no fallback."""
    path = data / "events_20250310.csv"
    nobody = ("--engine.scheduler", "tcp://127.0.0.1:9")
    done = call("profile", path, *nobody)
    assert done.returncode == 0
    assert 'reason="Dask scheduler tcp://127.0.0.1:9: connection refused"' in done.stderr
    strict = data / "puffy.yml"
    strict.write_text("engine: {fallback: none}\n")
    done = call("profile", path, *nobody, "--config.file", strict)
    assert done.returncode == 1
    assert done.stderr == "puffy-exporter: error: Dask scheduler tcp://127.0.0.1:9: connection refused\n"


@pytest.mark.parametrize(
    ("done", "seconds", "words"),
    [
        (0, 0.0, "read 0 of 10,000 MB"),
        (2_500_000_000, 10.0, "read 2,500 of 10,000 MB, 250 MB/s, 30 s left"),
        (10_000_000_000, 40.0, "read 10,000 of 10,000 MB, 250 MB/s, 0 s left"),
    ],
)
def test_progress_in_words(done: int, seconds: float, words: str) -> None:
    """Bytes, rate and the remaining time."""
    assert progress_words(done, 10_000_000_000, seconds) == words


@pytest.mark.parametrize("allowed", [False, True])
def test_a_link_out_of_the_folder_is_read_only_if_passes_follow_it(data: Path, *, allowed: bool) -> None:
    """As the configuration says, like every other command."""
    raw = data / "events_20250310.csv"
    raw.rename(data.parent / "elsewhere.csv")
    raw.symlink_to(data.parent / "elsewhere.csv")
    config = data.parent / "puffy.yaml"
    config.write_text(f"data:\n  follow_links_outside: {str(allowed).lower()}\n")
    done = call("profile", data, "--config.file", config)
    assert done.returncode == (0 if allowed else 1)
    assert ("a link to outside the data directory" in done.stderr) is not allowed
