"""What a long run remembers: of days outside the window little, of deleted ones in the end nothing."""

import shutil
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from feeds import EVENTS, RULES
from written import NAMES, content, put, write_day

from exporter.discover import calendar
from exporter.discover.calendar import Calendar
from exporter.model import NANOSECONDS, ONE_WEEK, Partition, Stage
from exporter.pipeline import mirror, retention
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.daybook import Daybook
from exporter.pipeline.intake import Intake
from exporter.pipeline.judge import Judge
from exporter.pipeline.mirror import Mirror
from exporter.pipeline.reader import Reading
from exporter.pipeline.refresh import Refresher
from exporter.pipeline.retention import KEPT_DAYS, forgettable
from exporter.pipeline.settling import Settling
from exporter.pipeline.snapshot import Snapshot
from exporter.store import files
from exporter.store.state import State

FIRST = date(2025, 1, 1)
WINDOW, LEAD_IN, KEPT, ON_DISK = 3, 4, 5, 13  # days; upstream deletes its files after the last
STEPS = 34


class Everything(Mirror):
    """Remembers all there ever was."""

    def turn_to(self, days: Collection[Partition]) -> None:
        """Keep all days in memory."""
        super().turn_to({*days, *(day for day, _ in self.files)})

    def forget(self, days: Collection[Partition]) -> None:
        """Drop nothing."""


@dataclass
class Run:
    """An exporter over a directory that is restarted now and then."""

    data: Path
    state: Path
    mirror: type[Mirror]
    made: Refresher | None = None

    def start(self) -> None:
        """Begin with what the state remembers."""
        self.stop()
        state = State.open(self.state)
        timetable = Calendar(window_days=WINDOW, alert_days=2)
        intake = Intake.begin(Reading(timetable, EVENTS), Settling(2.0), state, threading.Event())
        intake.mirror, _ = self.mirror.of(state)
        judge = Judge(Assembler(RULES), daybook=Daybook(state))
        self.made = Refresher(self.data, timetable, intake, judge)

    def stop(self) -> None:
        """Close the state."""
        if self.made is not None:
            self.made.close()

    def look(self, day: date, window_days: int = WINDOW) -> Snapshot:
        """Make a pass at noon of the next day."""
        assert self.made is not None
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)
        self.made.as_of_ns = int(noon.timestamp()) * NANOSECONDS
        self.made.calendar = replace(self.made.calendar, window_days=window_days)
        return replace(self.made.refresh().snapshot, generated_ns=0)

    @property
    def remembered(self) -> Mirror:
        """What it has in memory."""
        assert self.made is not None
        return self.made.intake.mirror


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Run]]:
    """Provide a run that forgets and one that does not, over one directory, with short times."""
    monkeypatch.setattr(calendar, "LEAD_IN_DAYS", LEAD_IN)
    monkeypatch.setattr(retention, "KEPT_DAYS", KEPT)
    both = (
        Run(tmp_path / "data", tmp_path / "short.db", Mirror),
        Run(tmp_path / "data", tmp_path / "long.db", Everything),
    )
    yield both
    for run in both:
        run.stop()


def happen(data: Path, step: int, day: date) -> None:
    """Write the day, delete an old one, and do what people and pipelines do."""
    write_day(data, day, 20 + step % 4)
    for old in sorted(data.glob("events_*.csv"))[:-ON_DISK]:
        for name in NAMES.values():
            (data / name.format(datetime.strptime(old.stem, "events_%Y%m%d"))).unlink(missing_ok=True)  # noqa: DTZ007  its date alone is used
    back = day - timedelta(days=2)
    raw, aside = data / NAMES[Stage.RAW].format(back), data / ".aside"
    if step % 7 == 3:
        put(data, back, Stage.RAW, content(back, 9 + step))  # exported again
    if step == 16:
        shutil.move(raw, aside)
    if step == 18:
        shutil.move(aside, data / NAMES[Stage.RAW].format(back - timedelta(days=2)))
    if step == 21:
        write_day(data, day - timedelta(days=ON_DISK + 6), 8)  # restored from a backup
    clean, hidden = data / "raw_clean", data / ".raw_clean"
    if step == 24:
        clean.rename(hidden)
    if step == 26:
        shutil.copytree(clean, hidden, dirs_exist_ok=True)
        shutil.rmtree(clean)
        hidden.rename(clean)
    if step == 30:
        put(data, day - timedelta(days=9), Stage.RAW, content(day, 30))  # before the window


def test_a_long_run_that_forgets_says_what_one_says_that_does_not(runs: tuple[Run, Run]) -> None:
    """At each pass, over restarts, backfills, lost and restored files, a wider window and a replay."""
    short, long = runs
    for step in range(STEPS):
        day = FIRST + timedelta(days=step)
        happen(short.data, step, day)
        if step % 5 == 0:
            for run in runs:
                run.start()
        for window_days in (WINDOW, 9) if step in {28, 32} else (WINDOW,):
            assert short.look(day, window_days) == long.look(day, window_days), step
            assert short.made is not None
            assert long.made is not None
            assert short.made.vitals.problems == long.made.vitals.problems
            assert short.made.vitals.profiled_files == long.made.vitals.profiled_files, step
    for run in runs:
        run.start()
    then = FIRST + timedelta(days=STEPS - 6)
    assert short.look(then) == long.look(then)
    assert {day for day, _ in short.remembered.profiles} < {day for day, _ in long.remembered.profiles}
    assert len({day for day, _ in long.remembered.files}) == STEPS
    assert len({day for day, _ in short.remembered.files}) <= ON_DISK + 4
    assert min(short.remembered.files)[0] == FIRST
    short.stop()
    assert len({day for day, _ in State.open(short.state).load().files}) <= ON_DISK + 4


def test_a_start_decodes_the_profiles_of_the_window_once_and_no_others(
    runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many files the directory has."""
    short, _ = runs
    last = FIRST + timedelta(days=19)
    for back in range(20):
        write_day(short.data, last - timedelta(days=back), 5)
    short.start()
    short.look(last, window_days=20)
    decoded: list[bytes] = []
    decode = files.decode_profile
    monkeypatch.setattr(files, "decode_profile", lambda body: decoded.append(body) or decode(body))
    short.start()
    assert decoded == []
    short.look(last)
    assert short.made is not None
    assert short.made.vitals.profiled_files == 0
    assert len(decoded) == 3 * (WINDOW + LEAD_IN)


def test_without_a_state_nothing_waits_to_be_stored(tmp_path: Path) -> None:
    """Or the profiles of all files ever read would."""
    write_day(tmp_path, FIRST)
    intake = Intake.begin(Reading(Calendar(), EVENTS), Settling(2.0), None, threading.Event())
    made = Refresher(tmp_path, Calendar(), intake, Judge(Assembler(RULES)))
    made.as_of_ns = Calendar().due_ns(FIRST)
    assert made.refresh().snapshot.window
    assert intake.mirror._unsaved == []


DAYS = [FIRST + timedelta(days=number) for number in range(400)]
KNOWN = {(day, stage) for day in DAYS for stage in (Stage.RAW, Stage.CLEAN)}
AHEAD = DAYS[-1] + timedelta(days=KEPT_DAYS)


@pytest.mark.parametrize(
    ("known", "listed", "first", "gone"),
    [
        (KNOWN, set(), DAYS[-1], DAYS[1 : -1 - KEPT_DAYS]),
        (KNOWN, KNOWN, AHEAD, []),
        (KNOWN, {(DAYS[50], Stage.CLEAN)}, DAYS[KEPT_DAYS + 52], [*DAYS[1:50], DAYS[51]]),
        (KNOWN, set(), DAYS[KEPT_DAYS + 1], []),
        (KNOWN, set(), AHEAD + timedelta(days=999), DAYS[1:-35]),
        (set(), set(), FIRST, []),
    ],
    ids=["long gone", "there", "one stage is there", "not long enough", "none arrives any more", "nothing"],
)
def test_a_day_is_forgotten_when_its_files_are_long_gone(
    known: set[tuple[date, Stage]], listed: set[tuple[date, Stage]], first: date, gone: list[date]
) -> None:
    """But the oldest and the newest known ones are not, and none with a file."""
    assert forgettable(known, listed, first, 35) == set(gone)


def test_a_weekly_feed_is_remembered_for_as_many_weeks() -> None:
    """Its baselines reach back seven times as far."""
    weeks = [FIRST + timedelta(days=7 * number) for number in range(400)]
    known = {(day, Stage.RAW) for day in weeks}
    assert forgettable(known, set(), weeks[-1], 35, ONE_WEEK) == set(weeks[1 : -1 - KEPT_DAYS])
    assert len(forgettable(known, set(), weeks[-1], 35)) > 350


def test_changes_are_bounded_in_memory_as_in_the_state(
    runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is rewritten all day does not fill either; the newest ones count."""
    monkeypatch.setattr(mirror, "KEPT_CHANGES", 2)
    monkeypatch.setattr(files, "KEPT_CHANGES", 2)
    short, _ = runs
    write_day(short.data, FIRST)
    short.start()
    short.look(FIRST)
    for rows in range(5, 9):
        put(short.data, FIRST, Stage.RAW, content(FIRST, rows))
        short.look(FIRST)
    kept = list(short.remembered.changes)
    short.start()
    assert len(kept) == 2
    assert list(short.remembered.changes) == kept
    assert kept[-1].after == short.remembered.files[FIRST, Stage.RAW].fingerprint


def test_days_that_cannot_be_loaded_are_read_again(runs: tuple[Run, Run]) -> None:
    """The state was deleted while in use, and the window became wider; the failure is counted."""
    short, _ = runs
    last = FIRST + timedelta(days=19)
    for back in range(20):
        write_day(short.data, last - timedelta(days=back), 5)
    short.start()
    whole = short.look(last, window_days=16)
    short.look(last)
    assert short.made is not None
    assert short.made.vitals.state_errors == 0
    short.state.unlink()
    again = short.look(last, window_days=16)
    assert again.views == whole.views
    assert short.made.vitals.state_errors > 0
    assert short.made.vitals.profiled_files > 3 * 20
