"""A feed with compressed files, over several passes."""

import gzip
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from feeds import EVENTS
from test_pipeline_refresh import AS_OF, DAYS, LAST, names, one_pass, refresher, view
from written import NAMES, content, put, write_day

from exporter.feed import Feed
from exporter.gate.keeper import Keeper
from exporter.model import NANOSECONDS, Stage
from exporter.pipeline import reader
from exporter.pipeline.reader import Reading
from exporter.pipeline.snapshot import Snapshot
from exporter.profiling.unpack import Expansion

RAW = NAMES[Stage.RAW].format(LAST)
FIGURES_ASIDE = {"puffy_partition_size_bytes", "puffy_partition_updated_timestamp_seconds"}


def pack(path: Path) -> Path:
    """Replace a plain file with a compressed one, keeping its times, as gzip does."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    status = path.stat()
    os.utime(packed, ns=(status.st_atime_ns, status.st_mtime_ns))
    path.unlink()
    return packed


def unpack(path: Path) -> Path:
    """Put the plain file back."""
    plain = path.with_name(path.name.removesuffix(".gz"))
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    os.utime(plain, (path.stat().st_mtime + 60,) * 2)
    path.unlink()
    return plain


def figures(snapshot: Snapshot) -> dict[str, object]:
    """Return the last day's facts, except the file's size and time."""
    known = view(snapshot, LAST).figures
    return {name: found for name, found in known.items() if name not in FIGURES_ASIDE}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten healthy days."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    return folder


def test_a_feed_of_compressed_files_is_judged_as_one_of_plain_ones(data: Path) -> None:
    """All stages of all days; only the size is that of the compressed file."""
    plain, _ = one_pass(data)
    for path in [*data.glob("*.csv"), *data.glob("raw_*/*.csv")]:
        pack(path)
    packed, made = one_pass(data)
    assert figures(packed) == figures(plain)
    assert view(packed, LAST).facts.content == view(plain, LAST).facts.content
    assert names(view(packed, LAST)) == set()
    size = view(packed, LAST).figures["puffy_partition_size_bytes"][("raw",)]
    assert size == (data / f"{RAW}.gz").stat().st_size
    assert (made.vitals.unmatched_files, made.vitals.problems) == (0, ())


def test_the_plain_file_in_its_place_is_no_new_content(data: Path, tmp_path: Path) -> None:
    """Nothing has changed and nothing was replaced, in either direction; other rows are new content."""
    with refresher(data, tmp_path / "state.db") as made:
        made.intake.shrinking.grace_seconds = 900
        first = view(made.refresh().snapshot, LAST).facts.content
        packed = pack(data / RAW)
        made.as_of_ns = AS_OF + 3600 * NANOSECONDS
        assert view(made.refresh().snapshot, LAST).facts.content == first
        assert (list(made.intake.mirror.changes), made.intake.mirror.replaced) == ([], {})
        unpack(packed)
        assert view(made.refresh().snapshot, LAST).facts.content == first
        assert (list(made.intake.mirror.changes), made.intake.mirror.replaced) == ([], {})
        put(data, LAST, Stage.RAW, content(LAST, 150))
        pack(data / RAW)
        assert view(made.refresh().snapshot, LAST).facts.content != first
        assert len(made.intake.mirror.changes) == 1


def test_a_hold_stands_when_the_same_bad_day_comes_unpacked(data: Path, tmp_path: Path) -> None:
    """There is still only one hold."""
    put(data, LAST, Stage.RAW, content(LAST, 100).replace("referrer", "other", 1))
    packed = pack(data / RAW)
    with refresher(data, tmp_path / "state.db") as made:
        made.judge.keeper = Keeper(tmp_path / "out")
        held = made.refresh().snapshot.gate.holds
        assert held
        unpack(packed)
        assert made.refresh().snapshot.gate.holds == held


def test_a_plain_file_wins_and_the_other_is_named(data: Path) -> None:
    """The rows are those of the plain one."""
    shutil.copy2(data / RAW, data / ".aside")
    packed = pack(data / RAW)
    packed.write_bytes(gzip.compress(content(LAST, 7).encode()))
    (data / ".aside").rename(data / RAW)
    snapshot, made = one_pass(data)
    assert view(snapshot, LAST).figures["puffy_partition_rows"][("raw",)] == 100
    assert f"{RAW}.gz is among the raw files of {LAST} but is not read" in made.vitals.problems


def test_a_file_that_is_cut_off_is_unreadable_and_tried_once(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cause says so; once complete, it is read."""
    packed = pack(data / RAW)
    whole = packed.read_bytes()
    packed.write_bytes(whole[:-20])
    os.utime(packed, (1_600_000_000, 1_600_000_000))
    tries: list[Path] = []

    def counted(source: reader.SourceFile, *rest: object, **options: object) -> object:
        tries.append(source.path)
        return profile_file(source, *rest, **options)  # type: ignore[arg-type]

    profile_file = reader.profile_file
    monkeypatch.setattr(reader, "profile_file", counted)
    with refresher(data, None) as made:
        known = view(made.refresh().snapshot, LAST)
        assert names(known) == {"partition_unreadable"}
        assert known.facts.stages[Stage.RAW].error == f"gzip file is cut off after {len(whole) - 20:,} bytes"
        assert [problem.cause.name for problem in known.problems] == ["file_form"]
        assert view(made.refresh().snapshot, LAST).facts.stages[Stage.RAW].error
        assert tries.count(packed) == 1
        made.intake.reading = replace(made.intake.reading, expansion=Expansion(most_times=300.0))
        made.refresh()
        assert tries.count(packed) == 2  # other limits may be what it needs
        packed.write_bytes(whole)
        os.utime(packed, (1_700_000_000, 1_700_000_000))
        made.as_of_ns = AS_OF + 3600 * NANOSECONDS
        assert names(view(made.refresh().snapshot, LAST)) == set()


@pytest.mark.parametrize("damage", ["cut off", "not CSV"])
def test_a_file_that_cannot_be_read_is_one_failed_attempt_until_it_changes(data: Path, damage: str) -> None:
    """However many passes find it so; it stays unreadable, and its other content is another attempt."""
    path = pack(data / RAW) if damage == "cut off" else data / RAW
    with refresher(data, None) as made:
        for attempt, size in enumerate((20, 30), start=1):
            whole = gzip.compress(content(LAST, 100).encode())
            path.write_bytes(whole[:-size] if damage == "cut off" else b"<!DOCTYPE html>" + b" " * size)
            os.utime(path, (1_600_000_000 + size,) * 2)
            for _ in range(3):
                made.refresh()
                assert (made.vitals.profile_errors, made.vitals.unreadable_files) == (attempt, 1)
        assert made.vitals.profiled_files == 3 * len(DAYS) - 1


def test_a_file_in_another_encoding_is_tried_again_when_the_contract_names_it(data: Path) -> None:
    """Its bytes have not changed, but what they are read as has."""
    (data / RAW).write_bytes(content(LAST, 100).encode("utf-16-le"))
    os.utime(data / RAW, (1_600_000_000,) * 2)

    def reads_as(encoding: str) -> Feed:
        tables = {stage: replace(EVENTS.table(stage)) for stage in Stage}
        form = replace(tables[Stage.RAW].form, encoding=encoding)
        return replace(EVENTS, tables=tables | {Stage.RAW: replace(tables[Stage.RAW], form=form)})

    with refresher(data, None, feed=reads_as("utf-16")) as made:
        assert names(view(made.refresh().snapshot, LAST)) == {"partition_unreadable"}
        made.intake.reading = Reading(made.calendar, reads_as("utf-16-le"))
        assert view(made.refresh().snapshot, LAST).facts.stages[Stage.RAW].error is None


@pytest.mark.parametrize("text", ["", content(LAST, 0)], ids=["nothing", "header"])
def test_a_compressed_file_without_rows_is_an_empty_day(data: Path, text: str) -> None:
    """Like a plain one, and it has not arrived either."""
    put(data, LAST, Stage.RAW, text)
    plain, _ = one_pass(data)
    pack(data / RAW)
    packed, _ = one_pass(data)
    assert names(view(packed, LAST)) == names(view(plain, LAST)) >= {"partition_empty"}
    assert figures(packed) == figures(plain)


def test_a_compressed_file_that_shrinks_where_it_lies_has_its_grace(data: Path) -> None:
    """It is probably being rewritten."""
    packed = pack(data / RAW)
    with refresher(data, None) as made:
        made.intake.shrinking.grace_seconds = 900
        made.refresh()
        packed.write_bytes(packed.read_bytes()[:100])
        made.as_of_ns = AS_OF + 60 * NANOSECONDS
        known = view(made.refresh().snapshot, LAST)
        assert known.figures["puffy_partition_rows"][("raw",)] == 100
        assert known.facts.unsettled


def test_known_compressed_files_that_are_gone_at_once_are_a_lost_folder(data: Path) -> None:
    """Their last known figures stay."""
    for day in DAYS:
        pack(data / NAMES[Stage.CLEAN].format(day))
    with refresher(data, None) as made:
        before = figures(made.refresh().snapshot)
        shutil.rmtree(data / "raw_clean")
        assert figures(made.refresh().snapshot) == before
        assert [line for line in made.vitals.problems if "are gone; their last known state is used" in line]
