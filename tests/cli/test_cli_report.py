"""The verb that writes one file for people."""

from pathlib import Path

from made import DAY
from running import call
from written import write_day


def test_it_writes_the_pages_and_nothing_else(tmp_path: Path) -> None:
    """The file, its size in bytes; the output folder of the exporter stays as it was."""
    write_day(tmp_path / "data", DAY)
    file = tmp_path / "out.html"
    told = call("report", "html", "--data.dir", tmp_path / "data", "--as-of", f"{DAY}T12:00:00Z", "-o", file)
    assert told.returncode == 0, told.stderr
    assert told.stdout == f"{file}: {file.stat().st_size:,} bytes\n"
    assert f"partitions/{DAY}" in file.read_text()
    assert not (tmp_path / "data" / "monitoring").exists()


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """So is a missing file name."""
    write_day(tmp_path, DAY)
    told = call("report", "html", "--data.dir", tmp_path, "-o", tmp_path / "nowhere" / "out.html")
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1] == (
        f"puffy-exporter: error: {tmp_path}/nowhere/out.html: no such file or directory"
    )
    assert call("report", "html", "--data.dir", tmp_path).returncode == 1
