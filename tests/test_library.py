"""What Python programs may use: a contract, and the figures of a file."""

import gzip
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest
from sniff_files import FIRST, orders, write

import exporter
from exporter import Feed, load_feed, profile
from exporter.cli import main
from exporter.document import InvalidFileError
from exporter.profiling.grammar import NotCsvError


@pytest.fixture
def feed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Feed:
    """Orders of three days, whose contract init writes."""
    write(tmp_path, {f"data/{day}/orders.csv": orders(day) for day in (FIRST, date(2025, 3, 4))})
    assert main(["init", str(tmp_path / "data"), "-o", str(tmp_path / "orders.yaml")]) == 0
    capsys.readouterr()
    return load_feed(tmp_path / "orders.yaml")


def test_a_file_has_figures_by_column(tmp_path: Path, feed: Feed) -> None:
    """Its day is told from the path, folders included, wherever the file lies."""
    found = profile(tmp_path / "data" / "2025-03-03" / "orders.csv", feed)
    assert (found.rows, found.out_of_day_rows, found.missing["country"]) == (40, 0, 0)
    assert found.figures["amount"].numbers["mean"] == 20
    assert found.figures["country"].values == {"DE": 14, "FR": 13, "IT": 13}
    elsewhere = write(tmp_path, {"else/2025-03-03/orders.csv": orders(FIRST)}) / "else/2025-03-03/orders.csv"
    assert profile(str(elsewhere), feed, threads=1) == found
    with pytest.raises(FrozenInstanceError):
        found.rows = 0  # type: ignore[misc]


def test_a_day_that_is_given_wins_over_the_path(tmp_path: Path, feed: Feed) -> None:
    """Then every timestamp lies outside of it."""
    path = tmp_path / "data" / "2025-03-03" / "orders.csv"
    assert profile(path, feed, day=date(2025, 3, 4)).out_of_day_rows == 40


@pytest.mark.parametrize("name", ["orders.csv", "2025-02-30/orders.csv"])
def test_a_path_without_a_day_needs_one(tmp_path: Path, feed: Feed, name: str) -> None:
    """The error says how the contract writes it."""
    path = write(tmp_path, {name: orders(FIRST)}) / name
    with pytest.raises(ValueError, match=r"does not match YYYY-MM-DD/orders\.csv, so its day must be given"):
        profile(path, feed)
    assert profile(path, feed, day=FIRST).rows == 40


def test_a_stage_that_the_feed_lacks_is_an_error(tmp_path: Path, feed: Feed) -> None:
    """It names those that there are."""
    with pytest.raises(ValueError, match="stage 'clean': the feed orders has raw"):
        profile(tmp_path / "x.csv", feed, stage="clean", day=FIRST)


def test_files_that_cannot_be_read_are_os_errors(tmp_path: Path, feed: Feed) -> None:
    """Absent, or no CSV of the feed."""
    with pytest.raises(FileNotFoundError):
        profile(tmp_path / "absent.csv", feed, day=FIRST)
    path = write(tmp_path, {"x.csv": b"PK\x03\x04" + bytes(100)}) / "x.csv"
    with pytest.raises(NotCsvError):
        profile(path, feed, day=FIRST)


def test_a_contract_that_cannot_be_used_says_everything_that_is_wrong(tmp_path: Path, feed: Feed) -> None:
    """As lines with file, line and key."""
    path = tmp_path / "orders.yaml"
    path.write_text(path.read_text().replace("id: orders", "id: My Orders").replace("v3.1.0", "v2.1.0"))
    with pytest.raises(InvalidFileError) as caught:
        load_feed(path)
    assert len(caught.value.lines) == 2


def test_what_is_beyond_this_tool_is_a_warning(tmp_path: Path, feed: Feed) -> None:
    """It points at the caller's line."""
    path = tmp_path / "orders.yaml"
    path.write_text(path.read_text().replace("v3.1.0", "v3.9.0"))
    with pytest.warns(UserWarning, match="newer than this tool supports") as caught:
        load_feed(str(path))
    assert caught[0].filename == __file__


def test_importing_the_package_loads_nothing() -> None:
    """The command line would wait for it."""
    script = "import sys, exporter; print(sorted({'numpy', 'pyarrow', 'pandas', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_other_names_are_not_there() -> None:
    """As of any module."""
    assert all(getattr(exporter, name) for name in exporter.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'profiles'"):
        exporter.profiles  # noqa: B018


def test_a_compressed_file_has_the_figures_of_the_plain_one(tmp_path: Path, feed: Feed) -> None:
    """Its day is told from the path as well."""
    plain = tmp_path / "data" / "2025-03-03" / "orders.csv"
    packed = tmp_path / "else" / "2025-03-03" / "orders.csv.gz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert profile(packed, feed) == profile(plain, feed)
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(NotCsvError, match="gzip file is cut off after"):
        profile(packed, feed)
