"""Fuzzing finds what there is to find, and keeps it."""

import subprocess
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from distil import distil
from finds import Finds, name_of
from given import Given
from target import FOLDER, NAMES, DisagreementError, SlowError, Target, agree, is_one_line, load

from exporter.profiling.rfc3339 import parse_ns

PROGRAM = FOLDER.parent
NEEDS_ATHERIS = pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is installed by make fuzz")


def parse(data: bytes) -> None:
    """Parse a timestamp, and fail for one particular instant."""
    if parse_ns(data.decode("latin-1")) == 0:
        raise ValueError(data)


TARGET = Target("parse", parse, seeds=(b"2025",))


def test_every_target_is_named_after_its_module() -> None:
    """`--target` and the corpus use this name."""
    assert [load(name).name for name in NAMES] == list(NAMES)
    assert all(load(name).seeds for name in NAMES)
    with pytest.raises(KeyError):
        load("nothing")


def test_what_a_target_raises_is_a_find() -> None:
    """If it raises nothing, the input is fine."""
    TARGET.examine(b"x")
    with pytest.raises(ValueError, match="1970"):
        TARGET.examine(b"1970-01-01T00:00:00Z")


def test_an_input_that_takes_too_long_is_a_find() -> None:
    """Measured in CPU time, so a busy machine causes no finds."""

    def burn(data: bytes) -> None:
        end = time.process_time() + len(data) / 100
        while time.process_time() < end:
            pass

    slow = Target("burn", burn, seeds=(b"",), seconds=0.05)
    slow.examine(b"x")
    with pytest.raises(SlowError, match="20 bytes took"):
        slow.examine(b"x" * 20)


def test_results_that_differ_are_a_find() -> None:
    """For mappings the differing entries are named."""
    agree({"a": 1}, {"a": 1}, "x")
    with pytest.raises(DisagreementError, match=r"^x: \{'b': 2\} is not \{'b': 3\}$"):
        agree({"a": 1, "b": 2}, {"a": 1, "b": 3}, "x")
    is_one_line("words", "x")
    for words in ("", "two\nlines", "\0"):
        with pytest.raises(DisagreementError):
            is_one_line(words, "x")


def test_a_reader_that_is_wrong_is_found_by_the_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result differs from the reference."""
    times = load("times")
    times.examine(times.seeds[0])
    monkeypatch.setattr("targets.times.parse_ns", lambda *_: None)
    with pytest.raises(DisagreementError, match=r"^instants: "):
        times.examine(times.seeds[0])


def test_the_shortest_input_of_each_find_is_kept(tmp_path: Path) -> None:
    """Finds are distinguished by the line of code in which they occur."""
    finds = Finds(tmp_path / "finds")
    for data in (b"long one", b"short", b"longer one"):
        with pytest.raises(KeyError) as found:
            load("nothing")
        finds.keep(data, found.value)
        assert name_of(found.value).startswith("KeyError-fuzz.target-")
    (kept,) = (path for path in finds.folder.iterdir() if path.suffix != ".txt")
    assert kept.read_bytes() == b"short"
    assert "KeyError: 'nothing'" in kept.with_name(f"{kept.name}.txt").read_text()


def test_inputs_that_reach_nothing_new_are_left_out() -> None:
    """Of several inputs that reach the same code, the shortest is kept."""
    good, longer = b"2025-03-05T01:00:00Z", b"2025-03-05T01:00:00.123456789Z"
    kept, before, after = distil(TARGET, [longer, good, b"2026"])
    assert kept == [good]
    assert before < after
    assert distil(replace(TARGET, seeds=(longer,)), [good])[0] == []


def test_a_document_is_changed_where_the_input_says() -> None:
    """Without choices nothing changes, and the original document is not modified."""
    document = {"a": 1, "b": [2, 3]}
    assert Given(b"").edited(document) == document
    assert Given(bytes([0, 0, 0, 0])).edited(document) == {"b": [2, 3]}
    assert Given(bytes([0, 2, 4, 1])).edited(document) == {"a": 1, "b": [True, 3]}
    assert Given(bytes([0, 2, 2, 0, 0, 0, 3, 0])).edited(document) == {"a": [1], "b": [2, 3, 2]}
    assert document == {"a": 1, "b": [2, 3]}


def test_replaying_reports_that_there_are_no_finds(tmp_path: Path) -> None:
    """The exit code is for scripts."""
    good = tmp_path / "good"
    good.write_bytes(b"\0{}\n")
    command = [sys.executable, str(PROGRAM), "--target", "audit", "--replay", str(good)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 inputs, 0 finds\n")


@NEEDS_ATHERIS
def test_fuzzing_keeps_the_inputs_that_reach_new_code(tmp_path: Path) -> None:
    """They are written to one folder per target, with the seeds, and the number of runs is printed."""
    command = [sys.executable, str(PROGRAM), "--target", "addresses", "--runs", "300", "--seed", "7"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path)], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cells = [cell.strip() for cell in done.stdout.splitlines()[2].split("|")]
    assert (cells[1:3], cells[5]) == (["addresses", "300"], "none")
    names = {path.name for path in (tmp_path / "corpus" / "addresses").iterdir()}
    assert {f"seed-{number}" for number in range(4)} < names
