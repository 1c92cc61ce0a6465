"""A day in several files, pass after pass: one file to everything above."""

import gzip
import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from feeds import EVENTS
from test_pipeline_refresh import AS_OF, DAYS, LAST, names, one_pass, refresher, view
from written import NAMES, content, put, write_day

from exporter.cli.app import main
from exporter.library import profile
from exporter.model import NANOSECONDS, Stage
from exporter.pipeline.snapshot import Snapshot

RAW = NAMES[Stage.RAW].format(LAST)
ASIDE = {
    "puffy_partition_size_bytes",
    "puffy_partition_updated_timestamp_seconds",
    "puffy_partition_arrival_timestamp_seconds",
}
OLD = 1_700_000_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten healthy days."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    return folder


def split(data: Path, sizes: tuple[int, ...], *, form: str = "part-{:05}.csv") -> Path:
    """Replace the last day's raw file with a folder of parts with these row counts."""
    path = data / RAW
    status = path.stat()
    header, *rows = path.read_text().splitlines(keepends=True)
    path.unlink()
    folder = data / path.stem
    folder.mkdir()
    for number, size in enumerate(sizes):
        text = "" if size < 0 else header + "".join(rows[:size])
        rows = rows[max(size, 0) :]
        part = folder / form.format(number)
        part.write_bytes(gzip.compress(text.encode()) if form.endswith(".gz") else text.encode())
        os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not rows
    return folder


def figures(snapshot: Snapshot) -> dict[str, object]:
    """Return the last day's facts, except sizes and times."""
    known = view(snapshot, LAST).figures
    return {name: found for name, found in known.items() if name not in ASIDE}


@pytest.mark.parametrize("form", ["part-{:05}.csv", "part-{:05}.csv.gz"])
@pytest.mark.parametrize("sizes", [(100,), (1, 60, 39), (50, 0, -1, 50)])
def test_a_folder_is_judged_as_the_file_that_it_was(data: Path, sizes: tuple[int, ...], form: str) -> None:
    """Parts of different sizes, one with only a header, one empty."""
    plain, _ = one_pass(data)
    folder = split(data, sizes, form=form)
    parts, made = one_pass(data)
    assert figures(parts) == figures(plain)
    assert view(parts, LAST).facts.content == view(plain, LAST).facts.content
    assert (names(view(parts, LAST)), made.vitals.problems) == (set(), ())
    size = view(parts, LAST).figures["puffy_partition_size_bytes"][("raw",)]
    assert size == sum(path.stat().st_size for path in folder.iterdir())
    assert profile(folder, EVENTS, day=LAST).rows == 100


def test_a_part_that_comes_later_is_other_content(data: Path) -> None:
    """So does a removed one; an empty one does not count."""
    folder = split(data, (50, 50))
    with refresher(data, None) as made:
        first = view(made.refresh().snapshot, LAST).facts.content
        for name, text, changes in (("empty.csv", "", 0), ("part-9.csv", content(LAST, 7), 1)):
            (folder / name).write_text(text)
            os.utime(folder / name, (OLD, OLD))
            made.as_of_ns = (made.as_of_ns or 0) + 3600 * NANOSECONDS
            known = view(made.refresh().snapshot, LAST)
            assert (known.facts.content == first) == (not changes)
            assert len(made.intake.mirror.changes) == changes
        assert known.figures["puffy_partition_rows"][("raw",)] == 107


def test_a_folder_that_is_being_filled_is_not_judged_early(tmp_path: Path) -> None:
    """Parts with old times count once their folder has settled."""
    data, day = tmp_path / "data", datetime.now(UTC).date() - timedelta(days=2)
    write_day(data, day)
    (data / NAMES[Stage.RAW].format(day)).unlink()
    folder = data / f"events_{day:%Y%m%d}"
    folder.mkdir()
    with refresher(data, None, as_of_ns=None, settle_seconds=0.3) as made:
        for number in range(3):
            part = folder / f"part-{number}.csv"
            part.write_text(content(day, 10))
            os.utime(part, (OLD, OLD))
            outcome = made.refresh()
            assert outcome.waiting == 1
            assert (day, Stage.RAW) not in made.intake.mirror.profiles
            assert view(outcome.snapshot, day).facts.unsettled
        (folder / "part-3.csv.tmp").touch()
        time.sleep(0.35)
        unfinished = view(made.refresh().snapshot, day).facts
        assert unfinished.stages[Stage.RAW].error == "its parts are still being written"
        assert unfinished.unsettled
        (folder / "part-3.csv.tmp").unlink()
        made.refresh()
        time.sleep(0.35)
        made.refresh()
        assert made.intake.mirror.profiles[day, Stage.RAW].rows == 30


def test_a_success_file_is_awaited_where_the_contract_asks_for_it(data: Path) -> None:
    """The day stays as it was, and is on no record; so it does when the folder is rewritten."""
    folder = split(data, (50, 50))
    with refresher(data, None) as made:
        raw = replace(EVENTS.raw, success_file="_SUCCESS")
        feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: raw})
        made.intake.reading = replace(made.intake.reading, feed=feed)
        facts = view(made.refresh().snapshot, LAST).facts
        assert (facts.stages[Stage.RAW].error, facts.unsettled) == ("its _SUCCESS does not exist yet", True)
        (folder / "_SUCCESS").touch()
        assert names(view(made.refresh().snapshot, LAST)) == set()
        for path in folder.iterdir():
            path.unlink()
        (folder / "part-0.csv").write_text(content(LAST, 5))
        made.as_of_ns = AS_OF + 3600 * NANOSECONDS
        known = view(made.refresh().snapshot, LAST)
        assert (known.facts.unsettled, known.figures["puffy_partition_rows"][("raw",)]) == (True, 100)


def test_a_folder_that_shrinks_has_its_grace(data: Path) -> None:
    """Parts are removed one by one before they are rewritten."""
    folder = split(data, (50, 50))
    with refresher(data, None) as made:
        made.intake.shrinking.grace_seconds = 900
        made.refresh()
        (folder / "part-00001.csv").unlink()
        made.as_of_ns = AS_OF + 60 * NANOSECONDS
        known = view(made.refresh().snapshot, LAST)
        assert (known.facts.unsettled, known.figures["puffy_partition_rows"][("raw",)]) == (True, 100)


def test_a_part_that_cannot_be_read_is_named(data: Path) -> None:
    """The day gets no invented figures, and other days are unaffected."""
    folder = split(data, (50, 50), form="part-{:05}.csv.gz")
    whole = (folder / "part-00001.csv.gz").read_bytes()
    (folder / "part-00001.csv.gz").write_bytes(whole[:-9])
    os.utime(folder / "part-00001.csv.gz", (OLD, OLD))
    snapshot, _ = one_pass(data)
    known = view(snapshot, LAST)
    words = f"part-00001.csv.gz: gzip file is cut off after {len(whole) - 9:,} bytes"
    assert known.facts.stages[Stage.RAW].error == words
    assert [problem.name for problem in known.problems] == ["file_form"]
    assert names(view(snapshot, DAYS[8])) == set()


def test_parts_of_other_columns_are_one_cause_and_none_of_their_rows_is_lost(data: Path) -> None:
    """They are named with what they lack."""
    folder = split(data, (40, 40, 20))
    part = folder / "part-00002.csv"
    part.write_text(part.read_text().replace("client_id", "visitor", 1))
    os.utime(part, (OLD, OLD))
    snapshot, made = one_pass(data)
    known = view(snapshot, LAST)
    assert known.figures["puffy_partition_rows"][("raw",)] == 100
    assert known.figures["puffy_partition_missing_rows"]["raw", "client_id"] == 20
    (problem,) = [one for one in known.problems if one.severity is not None]
    assert problem.name == "parts_differ"
    assert "part-00002.csv lacks client_id and has visitor" in str(known.words[problem.key])
    line = f"raw parts of {LAST} differ in their columns: part-00002.csv lacks client_id and has visitor"
    assert line in made.vitals.problems


def test_every_part_may_end_within_a_record(data: Path) -> None:
    """Not the last one alone."""
    folder = split(data, (50, 50))
    part = folder / "part-00000.csv"
    part.write_text(part.read_text().rstrip("\n")[:-9].rpartition(",")[0])
    os.utime(part, (OLD, OLD))
    assert "truncated" in names(view(one_pass(data)[0], LAST))


def test_the_rows_that_explain_shows_say_which_part_they_are_in(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the line in it."""
    folder = split(data, (50, 50))
    part = folder / "part-00001.csv"
    header, first, *rest = part.read_text().splitlines(keepends=True)
    part.write_text(header + first.partition(",")[2] + "".join(rest))
    os.utime(part, (OLD, OLD))
    options = ["--data.dir", str(data), "--output.dir", str(data / "out"), "--as-of", "2025-03-11T12:00:00Z"]
    main(["explain", f"{LAST}", "malformed_rows", "--json", *options])
    (row,) = json.loads(capsys.readouterr().out)["evidence"]["rows"]
    assert (row["part"], row["line"], row["count"]) == ("part-00001.csv", 2, 6)


def test_numbered_parts_are_one_day_and_a_gap_is_no_day(data: Path) -> None:
    """A missing part is reported, not counted as a bad day."""
    text = (data / RAW).read_text().splitlines(keepends=True)
    (data / RAW).unlink()
    for number in range(2):
        part = data / f"events_{LAST:%Y%m%d}_00{number + 1}.csv"
        part.write_text(text[0] + "".join(text[1 + 50 * number : 51 + 50 * number]))
        os.utime(part, (OLD, OLD))
    assert view(one_pass(data)[0], LAST).figures["puffy_partition_rows"][("raw",)] == 100
    put(data, DAYS[8], Stage.RAW, content(DAYS[8], 100)).rename(data / f"events_{DAYS[8]:%Y%m%d}_002.csv")
    (data / f"events_{DAYS[8]:%Y%m%d}_004.csv").write_text(content(DAYS[8], 9))
    snapshot, made = one_pass(data)
    assert "partition_missing" in names(view(snapshot, DAYS[8]))
    assert [line for line in made.vitals.problems if "have the numbers 2, 4" in line]
