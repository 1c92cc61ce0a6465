"""A day on disk: the same bytes each time, whole files, the times that were asked for."""

import csv
import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from exporter.demo.days import Arrivals, arrivals, generate_day, write_day
from exporter.demo.incidents import Incident
from exporter.demo.rows import Recipe

DAY = date(2025, 3, 5)
DUE = datetime(2025, 3, 6, 6, tzinfo=UTC)
SMALL = Recipe(rows=40)
NAMES = (
    "events_20250305.csv",
    "raw_clean/events_20250305_clean.csv",
    "raw_rejects/events_20250305_bad.csv",
)


def bytes_of(directory: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its relative path."""
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def mtimes(directory: Path) -> list[float]:
    """Return the mtimes of the day's files: raw, clean, rejects."""
    return [(directory / name).stat().st_mtime for name in NAMES]


@pytest.mark.parametrize("incidents", [(), tuple(Incident)[:8]])
def test_the_same_recipe_gives_the_same_bytes(tmp_path: Path, incidents: tuple[Incident, ...]) -> None:
    """Writing a day twice gives equal files."""
    write_day(tmp_path / "one", DAY, SMALL, incidents)
    write_day(tmp_path / "two", DAY, SMALL, incidents)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_gives_the_same_rows(hash_seed: str) -> None:
    """Nothing depends on the order in which this process happens to hash text."""
    program = (
        "import hashlib; from datetime import date; from exporter.demo.days import generate_day;"
        "from exporter.demo.incidents import Incident; from exporter.demo.rows import Recipe;"
        "day = generate_day(date(2025, 3, 5), Recipe(rows=40), set(Incident) - {Incident.EMPTY});"
        "print(hashlib.sha256(repr(tuple(map(tuple, day.rows))).encode()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONHASHSEED": hash_seed}, capture_output=True, check=True
    )
    day = generate_day(DAY, SMALL, set(Incident) - {Incident.EMPTY})
    expected = hashlib.sha256(repr(tuple(map(tuple, day.rows))).encode()).hexdigest()
    assert run.stdout.decode().strip() == expected


@pytest.mark.parametrize(
    ("partition", "recipe"),
    [(DAY, Recipe(rows=40, seed=8)), (DAY + timedelta(days=1), SMALL), (DAY, Recipe(rows=41))],
)
def test_another_seed_or_day_gives_other_rows(partition: date, recipe: Recipe) -> None:
    """Seed, size and partition each change the rows."""
    assert not set(generate_day(partition, recipe).rows) & set(generate_day(DAY, SMALL).rows)


def test_a_day_is_three_files_and_no_litter(tmp_path: Path) -> None:
    """Raw, clean and rejects are there under their names, and nothing else is."""
    write_day(tmp_path, DAY, SMALL)
    assert set(bytes_of(tmp_path)) == set(NAMES)


def test_writing_again_replaces_the_files(tmp_path: Path) -> None:
    """A backfill is a new file under the old name: readers of the old one are not disturbed."""
    write_day(tmp_path, DAY, SMALL)
    before = (tmp_path / NAMES[0]).stat().st_ino
    with (tmp_path / NAMES[0]).open(encoding="utf-8") as reader:
        write_day(tmp_path, DAY, Recipe(rows=60))
        assert sum(1 for _ in reader) - 1 == len(generate_day(DAY, SMALL).rows)
    assert (tmp_path / NAMES[0]).stat().st_ino != before
    assert set(bytes_of(tmp_path)) == set(NAMES)


@pytest.mark.parametrize(
    "incident", [None, *(incident for incident in Incident if incident is not Incident.MISSING)]
)
def test_files_are_sound_csv(tmp_path: Path, incident: Incident | None) -> None:
    """Strict CSV in UTF-8, one width, LF line ends and a last one; the raw rows come back as generated."""
    incidents = (incident,) if incident else ()
    write_day(tmp_path, DAY, SMALL, incidents)
    for name, content in bytes_of(tmp_path).items():
        assert content.endswith(b"\n"), name
        assert b"\r" not in content, name
        assert len({len(row) for row in csv.reader(content.decode().splitlines(), strict=True)}) == 1, name
    header, *rows = csv.reader((tmp_path / NAMES[0]).read_text().splitlines(), strict=True)
    day = generate_day(DAY, SMALL, incidents)
    assert tuple(header) == day.header
    assert [tuple(row) for row in rows] == [tuple(row) for row in day.rows]


def test_a_day_comes_shortly_before_it_is_due(tmp_path: Path) -> None:
    """The raw file comes within the hour before due, the others minutes later and still in time."""
    write_day(tmp_path, DAY, SMALL)
    raw, clean, rejects = mtimes(tmp_path)
    assert DUE.timestamp() - 3600 < raw < clean <= rejects < DUE.timestamp()


def test_a_late_day_comes_after_it_is_due(tmp_path: Path) -> None:
    """A late day is an hour or more past due and holds the same bytes."""
    write_day(tmp_path / "late", DAY, SMALL, (Incident.LATE,))
    write_day(tmp_path / "timely", DAY, SMALL)
    assert DUE + timedelta(hours=1) <= datetime.fromtimestamp(mtimes(tmp_path / "late")[0], UTC)
    assert max(mtimes(tmp_path / "late")) < (DUE + timedelta(hours=4)).timestamp()
    assert bytes_of(tmp_path / "late") == bytes_of(tmp_path / "timely")


@pytest.mark.parametrize("incidents", [(), (Incident.LATE,)])
def test_an_arrival_given_is_the_mtime(tmp_path: Path, incidents: tuple[Incident, ...]) -> None:
    """A given instant is set on all three files, also for a late day."""
    arrival = datetime(2025, 3, 6, 9, 30, 15, tzinfo=UTC)
    write_day(tmp_path, DAY, SMALL, incidents, arrival=arrival)
    assert mtimes(tmp_path) == [arrival.timestamp()] * 3


def test_arrivals_are_what_is_written(tmp_path: Path) -> None:
    """The times that ``arrivals`` foretells are those of the files."""
    write_day(tmp_path, DAY, SMALL, (Incident.LATE,))
    times = arrivals(DAY, SMALL, (Incident.LATE,))
    raw, clean, rejects = (datetime.fromtimestamp(mtime, UTC) for mtime in mtimes(tmp_path))
    assert times == Arrivals(raw, clean)
    assert clean == rejects


def test_a_missing_day_leaves_nothing(tmp_path: Path) -> None:
    """No file and no folder is made."""
    write_day(tmp_path, DAY, SMALL, (Incident.MISSING,))
    assert list(tmp_path.iterdir()) == []
