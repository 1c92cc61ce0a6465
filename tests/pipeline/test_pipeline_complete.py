"""Complete before judged: growing, shrinking, marked, misnamed, linked and vanished files."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS, PLAIN
from test_pipeline_refresh import AS_OF, DAYS, LAST, names, one_pass, refresher, view
from written import NAMES, content, put, write_day

from exporter.discover.listing import list_directory
from exporter.model import NANOSECONDS, Stage
from exporter.pipeline.intake import Look
from exporter.pipeline.refresh import DirectoryUnavailableError, Refresher
from exporter.store.state import State, StateError

DUE = int(datetime(2025, 3, 11, 6, tzinfo=UTC).timestamp()) * NANOSECONDS
MINUTE = 60 * NANOSECONDS
RAW = NAMES[Stage.RAW].format(LAST)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten healthy days."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    return folder


@contextmanager
def patient(data: Path, state: Path | None = None, **changes: Any) -> Iterator[Refresher]:
    """Provide what makes passes, with a grace period of 15 minutes."""
    with refresher(data, state, **changes) as made:
        made.intake.shrinking.grace_seconds = 900
        yield made


def raw_rows(made: Refresher, now_ns: int) -> float | None:
    """Make a pass at an instant; return the row count of the last day's raw file."""
    made.as_of_ns = now_ns
    known = view(made.refresh().snapshot, LAST).figures.get("puffy_partition_rows", {})
    return known.get(("raw",))


def cut(data: Path, text: str = "") -> None:
    """Truncate the last day's raw file."""
    put(data, LAST, Stage.RAW, text)


@pytest.mark.parametrize("text", ["", content(LAST, 40)], ids=["empty", "smaller"])
def test_a_file_that_shrank_is_judged_when_its_grace_is_over(data: Path, text: str) -> None:
    """Until then the last complete content counts, nothing is recorded, and a log line says so."""
    with patient(data) as made:
        assert raw_rows(made, AS_OF) == 100
        cut(data, text)
        assert raw_rows(made, AS_OF) == 100
        assert [line for line in made.vitals.problems if "shrank" in line]
        assert view(made.refresh().snapshot, LAST).facts.unsettled
        assert raw_rows(made, AS_OF + 14 * MINUTE) == 100
        assert raw_rows(made, AS_OF + 15 * MINUTE) == (40 if text else 0)
        assert not view(made.refresh().snapshot, LAST).facts.unsettled


def test_a_smaller_file_that_was_moved_into_place_is_whole(data: Path) -> None:
    """A rename means that writing is finished."""
    with patient(data) as made:
        raw_rows(made, AS_OF)
        put(data, LAST, Stage.RAW, content(LAST, 40)).rename(data / ".aside")
        (data / ".aside").rename(data / RAW)
        os.utime(data / RAW, (1, 1))
        other = data / ".other"
        other.write_text(content(LAST, 30))
        os.utime(other, (1, 1))
        other.replace(data / RAW)
        assert raw_rows(made, AS_OF) == 30


def test_a_file_that_came_back_had_not_shrunk(data: Path) -> None:
    """The next shrink has a grace of its own, and nothing counts as replaced."""
    with patient(data) as made:
        raw_rows(made, AS_OF)
        for minutes in (0, 20):
            cut(data)
            assert raw_rows(made, AS_OF + minutes * MINUTE) == 100
            cut(data, content(LAST, 100))
            assert raw_rows(made, AS_OF + (minutes + 1) * MINUTE) == 100
        assert view(made.refresh().snapshot, LAST).repair is None


def test_a_file_that_was_judged_smaller_has_a_grace_of_its_own_when_it_shrinks_again(
    data: Path, tmp_path: Path
) -> None:
    """Each shrink of a file is one, also after a restart; the state keeps none that has ended."""
    state = tmp_path / "state.db"
    with patient(data, state) as made:
        raw_rows(made, AS_OF)
        cut(data, content(LAST, 97))
        raw_rows(made, AS_OF)
        assert raw_rows(made, AS_OF + 15 * MINUTE) == 97
        assert made.intake.mirror.state is not None
        assert made.intake.mirror.state.load().shrunk == {}
        cut(data)
        assert raw_rows(made, AS_OF + 20 * MINUTE) == 97
    with patient(data, state) as made:
        assert raw_rows(made, AS_OF + 34 * MINUTE) == 97
        assert raw_rows(made, AS_OF + 35 * MINUTE) == 0


def test_a_grace_that_ended_while_nobody_looked_is_not_continued_later(data: Path, tmp_path: Path) -> None:
    """The file was whole again at the next start, and has shrunk again since."""
    state = tmp_path / "state.db"
    with patient(data, state) as made:
        raw_rows(made, AS_OF)
        cut(data)
        assert raw_rows(made, AS_OF) == 100
    cut(data, content(LAST, 100))
    with patient(data, state) as made:
        assert raw_rows(made, AS_OF + MINUTE) == 100
    with patient(data, state) as made:
        assert made.intake.shrinking.since_ns == {}
        cut(data)
        assert raw_rows(made, AS_OF + 20 * MINUTE) == 100


def test_an_empty_file_that_was_judged_is_read_again_with_other_settings_at_once(
    data: Path, tmp_path: Path
) -> None:
    """It has not changed, so nobody is writing it."""
    state = tmp_path / "state.db"
    with patient(data, state) as made:
        raw_rows(made, AS_OF)
        cut(data)
        raw_rows(made, AS_OF)
        assert raw_rows(made, AS_OF + 15 * MINUTE) == 0
    with patient(data, state, feed=replace(EVENTS, tables=PLAIN)) as made:
        assert raw_rows(made, AS_OF + 16 * MINUTE) == 0


def test_the_grace_lasts_until_the_day_is_due_and_over_a_restart(data: Path, tmp_path: Path) -> None:
    """The state stores the time."""
    state = tmp_path / "state.db"
    with patient(data, state) as made:
        raw_rows(made, DUE - 120 * MINUTE)
        cut(data)
        assert raw_rows(made, DUE - 90 * MINUTE) == 100
    with patient(data, state) as made:
        assert raw_rows(made, DUE - MINUTE) == 100
        assert raw_rows(made, DUE) == 0


def test_a_file_that_came_empty_has_not_arrived(data: Path) -> None:
    """If it is filled after the due time it is late, whatever the empty file's time."""
    (data / RAW).unlink()
    with patient(data) as made:
        assert raw_rows(made, DUE - 2 * MINUTE) is None
        cut(data)
        assert raw_rows(made, DUE - MINUTE) is None
        assert raw_rows(made, DUE) is None  # it was seen by the scan before, a minute ago
        assert raw_rows(made, DUE + 15 * MINUTE) == 0
        found = view(made.refresh().snapshot, LAST)
        assert ("partition_empty" in names(found), "partition_late" in names(found)) == (True, False)
        cut(data, content(LAST, 100))
        os.utime(data / RAW, ns=(DUE + 180 * MINUTE,) * 2)
        raw_rows(made, DUE + 181 * MINUTE)
        late = view(made.refresh().snapshot, LAST)
    assert late.figures["puffy_partition_arrival_timestamp_seconds"]["raw",] == (DUE / NANOSECONDS) + 10_800
    assert "partition_late" in names(late)


@pytest.mark.parametrize(
    ("listed", "unlisted", "clock"),
    [
        ({(LAST, Stage.RAW)}, set(), "mtime"),
        (set(), {Stage.RAW}, "mtime"),
        (set(), set(), "seen"),
    ],
    ids=["there, not wanted", "folder unlisted", "absent"],
)
def test_a_file_has_been_missed_only_where_it_was_looked_for(
    data: Path, listed: set[tuple[date, Stage]], unlisted: set[Stage], clock: str
) -> None:
    """A file older than a scan that did not find it arrived later than its time says."""
    os.utime(data / RAW, ns=(DUE - MINUTE,) * 2)
    sources = [source for source in list_directory(data, EVENTS).files.values() if source.path == data / RAW]
    before = Look(DUE, DUE, live=True, listed=frozenset(listed), unlisted=frozenset(unlisted))
    with refresher(data, None) as made:
        made.intake.settling.settle_seconds = 0
        made.intake.take([], before)
        made.intake.take(sources, Look(DUE + MINUTE, DUE + MINUTE, live=True))
        assert made.intake.mirror.arrivals[LAST, Stage.RAW].clock == clock


MISSED = Look(DUE, DUE, live=True, days=frozenset(DAYS), place="here")


@pytest.mark.parametrize(
    ("before", "clock"),
    [
        (MISSED, "seen"),
        (replace(MISSED, listed=frozenset({(LAST, Stage.CLEAN)})), "seen"),
        (replace(MISSED, listed=frozenset({(LAST, Stage.RAW)})), "mtime"),
        (replace(MISSED, unlisted=frozenset({Stage.RAW})), "mtime"),
        (replace(MISSED, lost=frozenset({(DAYS[0], Stage.RAW)})), "mtime"),
        (replace(MISSED, days=frozenset({LAST + timedelta(days=1)})), "mtime"),
        (replace(MISSED, days=frozenset()), "mtime"),
        (replace(MISSED, place="elsewhere"), "mtime"),
        (replace(MISSED, live=False), "mtime"),
        (replace(MISSED, wall_ns=DUE + 2 * MINUTE), "mtime"),
    ],
    ids=[
        "absent",
        "only the clean one there",
        "there, not read",
        "folder unlisted",
        "lost",
        "of a day before the window",
        "blind",
        "another directory",
        "what-if",
        "the clock was ahead",
    ],
)
def test_the_next_process_knows_which_files_were_absent(
    data: Path, tmp_path: Path, before: Look, clock: str
) -> None:
    """A pass from cron is a process of its own: a file moved in later with an old time is not punctual."""
    os.utime(data / RAW, ns=(DUE - MINUTE,) * 2)
    sources = [source for source in list_directory(data, EVENTS).files.values() if source.path == data / RAW]
    with refresher(data, tmp_path / "state.db", settle_seconds=0) as made:
        made.intake.take([], before)
    with refresher(data, tmp_path / "state.db", settle_seconds=0) as made:
        made.intake.take(sources, replace(MISSED, now_ns=DUE + MINUTE, wall_ns=DUE + MINUTE))
        assert made.intake.mirror.arrivals[LAST, Stage.RAW].clock == clock


def test_a_look_is_not_noted_if_what_it_read_could_not_be_stored(data: Path, tmp_path: Path) -> None:
    """The next process would take those files for absent ones."""
    with refresher(data, tmp_path / "other.db", settle_seconds=0) as made:
        state = made.intake.mirror.state
        assert state is not None
        made.intake.mirror.state = Full(state)  # type: ignore[assignment]  # only what fails is replaced
        sources = list(list_directory(data, EVENTS).files.values())
        made.intake.take(sources, replace(MISSED, listed=frozenset((LAST, stage) for stage in Stage)))
        assert (made.intake.mirror.errors, state.load().looks) == (1, {})


@dataclass
class Full:
    """A state that cannot store what was read."""

    state: State

    def remember(self, _: object) -> None:
        """Fail as a full disk does."""
        raise StateError("the disk is full")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.state, name)


def test_a_pass_tells_the_next_process_when_it_looked(tmp_path: Path) -> None:
    """A file of yesterday that is moved in between two of them arrives when it is first seen."""
    folder, today = tmp_path / "data", datetime.now(UTC).date()
    for back in (4, 3, 2):
        write_day(folder, today - timedelta(days=back))
    clocks = []
    for day in (today - timedelta(days=2), today - timedelta(days=1)):
        put(folder, day, Stage.RAW, content(day, 100), age_seconds=60)
        with refresher(folder, tmp_path / "state.db", as_of_ns=None, settle_seconds=0) as made:
            made.refresh()
            clocks.append(made.intake.mirror.arrivals[day, Stage.RAW].clock)
            assert not any(look.unread for look in made.intake.mirror.looks.values()), "all were read"
    assert clocks == ["mtime", "seen"]


@pytest.mark.parametrize(("after", "notes"), [(30, 1), (61, 2), (-10, 2)])
def test_looks_are_noted_once_a_minute(tmp_path: Path, after: int, notes: int) -> None:
    """Each pass would be a write for nothing; if the clock was set back, the note would not count."""
    with refresher(tmp_path, tmp_path / "state.db") as made:
        made.intake.take([], MISSED)
        made.intake.take([], replace(MISSED, wall_ns=DUE + after * NANOSECONDS))
        state = made.intake.mirror.state
        assert state is not None
        assert state.load().looks[Stage.RAW].at_ns == DUE + (notes - 1) * after * NANOSECONDS


@pytest.mark.parametrize("looks", [1, 2])
def test_a_file_that_could_not_be_read_arrives_when_it_is_replaced(data: Path, looks: int) -> None:
    """The day is late, whether or not this process saw the file that was there in time."""
    (data / RAW).unlink()
    with refresher(data, None, settle_seconds=0) as made:
        made.intake.take([], Look(DUE - 2 * MINUTE, DUE - 2 * MINUTE, live=True))
        contents = ((DUE - MINUTE, "\0" * 4096), (DUE + 180 * MINUTE, content(LAST, 100)))
        for written, text in contents[-looks:]:
            cut(data, text)
            os.utime(data / RAW, ns=(written,) * 2)
            (source,) = (one for one in list_directory(data, EVENTS).files.values() if one.path == data / RAW)
            made.intake.take([source], Look(written + MINUTE, written + MINUTE, live=True))
        arrival = made.intake.mirror.arrivals[LAST, Stage.RAW]
    assert (arrival.at_ns, arrival.clock) == (DUE + 180 * MINUTE, "mtime")


def test_a_header_alone_has_not_arrived_either(data: Path) -> None:
    """Only rows count as an arrival, except for a clean file, which may have none."""
    cut(data, content(LAST, 0))
    put(data, LAST, Stage.CLEAN, content(LAST, 0, Stage.CLEAN))
    found = view(one_pass(data)[0], LAST).figures["puffy_partition_arrival_timestamp_seconds"]
    assert found.keys() == {("clean",), ("rejects",)}


def test_a_day_is_not_alertable_before_it_is_due(data: Path) -> None:
    """However often its content changes."""
    with refresher(data, None) as made:
        for size in (100, 20, 60):
            cut(data, content(LAST, size))
            made.as_of_ns = DUE - MINUTE
            assert not view(made.refresh().snapshot, LAST).facts.alertable
        made.as_of_ns = DUE
        assert view(made.refresh().snapshot, LAST).facts.alertable


def test_a_file_that_grows_under_a_clock_behind_is_watched(tmp_path: Path) -> None:
    """Its modification time is hours old whenever it is looked at, yet it must stop changing first."""
    data, day = tmp_path / "data", datetime.now(UTC).date() - timedelta(days=2)
    write_day(data, day)
    with refresher(data, None, as_of_ns=None, settle_seconds=0.2) as made:
        made.refresh()
        for size in (120, 130, 140):
            put(data, day, Stage.RAW, content(day, size))
            outcome = made.refresh()
            assert outcome.waiting == 1
            assert made.intake.mirror.profiles[day, Stage.RAW].rows == 100
        time.sleep(0.25)
        made.refresh()
        assert made.intake.mirror.profiles[day, Stage.RAW].rows == 140
        assert len([change for change in made.intake.mirror.changes if change.partition == day]) == 1


def test_a_marker_says_that_a_day_is_complete(data: Path) -> None:
    """If one is configured, nothing else does."""
    with refresher(data, None) as made:
        made.marker = "%Y%m%d.done"
        for day in DAYS[:-1]:
            (data / f"{day:%Y%m%d}.done").touch()
        waiting = made.refresh().snapshot
        assert "puffy_partition_rows" not in view(waiting, LAST).figures
        assert names(view(waiting, LAST)) == {"partition_unreadable"}  # the files exist, after all
        assert view(waiting, LAST).facts.unsettled, "nothing goes on record"
        assert not [line for line in made.vitals.problems if ".done lies" in line]
        assert f"{LAST} has no marker 20250310.done yet, so its files are not judged" in made.vitals.problems
        (data / f"{LAST:%Y%m%d}.done").touch()
        assert names(view(made.refresh().snapshot, LAST)) == set()


@pytest.mark.parametrize(
    "name",
    ["events_2025-03-10.csv", "EVENTS_20250310.CSV", "events_20250310 (1).csv", "events_20250310.csv.7z"],
)
def test_a_file_under_another_name_is_counted_and_named(data: Path, name: str) -> None:
    """The day that its name contains is missing."""
    (data / RAW).rename(data / name)
    snapshot, made = one_pass(data)
    assert view(snapshot, LAST).figures["puffy_partition_unmatched_file_info"] == {(name,): 1.0}
    assert "partition_missing" in names(view(snapshot, LAST))
    assert made.vitals.unmatched_files == 1
    assert f"{name} is among the raw files of {LAST} but is not read" in made.vitals.problems


def test_a_name_of_odd_bytes_is_shown_as_text(data: Path) -> None:
    """It fails neither a pass nor a reader."""
    (data / os.fsdecode(b"events_20250310\xff\n.csv")).touch()
    snapshot, _ = one_pass(data)
    assert view(snapshot, LAST).facts.beside == ("events_20250310\\xff\\x0a.csv",)


def test_names_that_speak_of_no_day_are_nobodys_business(data: Path) -> None:
    """Notes, folders and files being written are ignored."""
    for name in ("notes.txt", ".events_20250310.csv", "events_20250310.csv.tmp", "events_99999999.txt"):
        (data / name).touch()
    snapshot, made = one_pass(data)
    assert (made.vitals.unmatched_files, made.vitals.problems) == (0, ())
    assert view(snapshot, LAST).facts.beside == ()


def test_a_link_that_leads_out_of_the_directory_is_refused(data: Path, tmp_path: Path) -> None:
    """Unless that is allowed; links within are read."""
    outside = tmp_path / "elsewhere.csv"
    (data / RAW).rename(outside)
    (data / RAW).symlink_to(outside)
    snapshot, made = one_pass(data)
    error = view(snapshot, LAST).facts.stages[Stage.RAW].error
    assert error == "a link to outside the data directory (data.follow_links_outside)"
    assert "partition_unreadable" in names(view(snapshot, LAST))
    made.follow_outside = True
    assert names(view(made.refresh().snapshot, LAST)) == set()


def test_links_within_and_a_linked_directory_are_read(data: Path, tmp_path: Path) -> None:
    """This is how Kubernetes mounts configuration: links to ``..data``, itself a link."""
    inner = data / "..2025_03_11"
    inner.mkdir()
    (data / RAW).rename(inner / RAW)
    (data / "..data").symlink_to(inner.name)
    (data / RAW).symlink_to(Path("..data") / RAW)
    linked = tmp_path / "linked"
    linked.symlink_to(data)
    for folder in (data, linked):
        assert names(view(one_pass(folder)[0], LAST)) == set()


def test_a_folder_that_cannot_be_listed_says_nothing_of_its_files(data: Path) -> None:
    """Their last figures stay valid, and a log line and a metric say so."""
    with refresher(data, None) as made:
        before = view(made.refresh().snapshot, LAST).figures
        (data / "raw_clean").rename(data / "hidden")
        (data / "raw_clean").touch()
        after = view(made.refresh().snapshot, LAST)
        assert after.figures["puffy_partition_rows"] == before["puffy_partition_rows"]
        assert "stage_missing" not in names(after)
        assert made.vitals.unlisted_folders == 1
        assert "raw_clean: not a directory" in made.vitals.problems


def test_an_empty_directory_is_blind_and_not_well(tmp_path: Path) -> None:
    """The gate is closed, with the reason."""
    (tmp_path / "data").mkdir()
    snapshot, made = one_pass(tmp_path / "data")
    assert snapshot.blind is not None
    assert "is the directory right?" in snapshot.blind
    assert (snapshot.gate.closed, made.vitals.blind, made.vitals.last_pass_succeeded) == (True, True, True)


def test_days_that_are_gone_all_at_once_are_one_finding(data: Path, tmp_path: Path) -> None:
    """Known results stay while the exporter runs; after a restart one line says what is gone."""
    state = tmp_path / "state.db"
    words = f"10 known raw files are gone from {data}: is the volume mounted?"
    with refresher(data, state) as made:
        made.refresh()
        data.rename(tmp_path / "unmounted")
        data.mkdir()
        with pytest.raises(DirectoryUnavailableError, match="is the volume mounted"):
            made.refresh()
        assert (made.vitals.blind, made.vitals.last_pass_succeeded) == (True, False)
    with refresher(data, state) as made:
        blind = made.refresh().snapshot
        assert (blind.blind, blind.window, blind.firing) == (words, (), ())
        data.rmdir()
        (tmp_path / "unmounted").rename(data)
        again = made.refresh().snapshot
        assert (again.blind, len(again.window), made.vitals.blind) == (None, 10, False)


def test_retention_and_a_single_day_that_is_gone_are_no_loss(data: Path) -> None:
    """Old days go one by one, and a single missing day is just that."""
    with refresher(data, None) as made:
        made.refresh()
        for day in DAYS[:6]:
            for stage in Stage:
                (data / NAMES[stage].format(day)).unlink()
        (data / RAW).unlink()
        found = made.refresh().snapshot
    assert found.blind is None
    assert "partition_missing" in names(view(found, LAST))


@pytest.mark.parametrize("kept", [(), (9,), (0,)], ids=["none", "the newest", "the oldest"])
def test_a_lost_mount_is_noticed_whatever_is_left_on_it(data: Path, kept: tuple[int, ...]) -> None:
    """A new file may have been written in its place, and later stages may be elsewhere."""
    with refresher(data, None) as made:
        made.refresh()
        for place, day in enumerate(DAYS):
            if place not in kept:
                (data / NAMES[Stage.RAW].format(day)).unlink()
        with pytest.raises(DirectoryUnavailableError, match="known raw files are gone"):
            made.refresh()
        assert made.vitals.blind


def test_retention_that_is_shorter_than_an_absence_is_no_loss(data: Path, tmp_path: Path) -> None:
    """A day newer than any known one shows that files still arrive."""
    state = tmp_path / "state.db"
    one_pass(data, state)
    for day in DAYS:
        for stage in Stage:
            (data / NAMES[stage].format(day)).unlink()
    newer = [LAST + timedelta(days=ahead) for ahead in (3, 4)]
    for day in newer:
        write_day(data, day)
    with refresher(data, state) as made:
        made.as_of_ns = AS_OF + 4 * 24 * 60 * MINUTE
        found = made.refresh().snapshot
    assert found.blind is None
    assert names(view(found, newer[-1])) == set()


def test_rejects_that_a_repair_made_needless_are_simply_gone(data: Path) -> None:
    """If a day's other files have changed, nothing counts as last seen."""
    for day in DAYS:
        (data / NAMES[Stage.REJECTS].format(day)).unlink()
    for day in DAYS[8:]:
        write_day(data, day)
    with refresher(data, None) as made:
        made.refresh()
        for day in DAYS[8:]:
            put(data, day, Stage.RAW, content(day, 96))
            (data / NAMES[Stage.REJECTS].format(day)).unlink()
        found = made.refresh().snapshot
        assert "unaccounted_rows" not in names(view(found, LAST))
        assert made.vitals.unlisted_folders == 0


def test_a_folder_that_is_lost_counts_as_last_seen(data: Path) -> None:
    """Its alerts stay, and missing files are not reported; a log line says so."""
    (data / "task_runs").mkdir()
    run = {"task": "dq", "partition": str(LAST), "started_at": "2025-03-11T03:00:00Z"}
    record = json.dumps({**run, "ended_at": "2025-03-11T03:01:00Z", "exit_code": 1})
    (data / "task_runs" / "a.json").write_text(record)
    put(data, LAST, Stage.CLEAN, content(LAST, 50, Stage.CLEAN))
    with refresher(data, None) as made:
        before = names(view(made.refresh().snapshot, LAST))
        assert {"task_failed", "unaccounted_rows"} <= before
        for folder in ("raw_clean", "task_runs"):
            shutil.rmtree(data / folder)
        assert names(view(made.refresh().snapshot, LAST)) == before
        assert made.vitals.unlisted_folders == 2
        assert "10 known clean files are gone; their last known state is used" in made.vitals.problems
        assert "1 known task records are gone; their last known state is used" in made.vitals.problems


def test_an_empty_file_that_lay_there_is_judged_at_once(data: Path) -> None:
    """With ``--as-of`` nothing is awaited, and an empty rejects file is no sign of writing."""
    cut(data)
    put(data, DAYS[8], Stage.REJECTS, "")
    with patient(data) as made:
        assert raw_rows(made, AS_OF) == 0
        assert names(view(made.refresh().snapshot, DAYS[8])) & {"stage_missing"} == set()


def test_a_day_in_the_future_is_odd(data: Path) -> None:
    """Its name is probably a mistake."""
    put(data, LAST.replace(year=2052), Stage.RAW, content(LAST, 5), age_seconds=60)
    _, made = one_pass(data)
    assert "1 days are in the future, the first is 2052-03-10: is its name right?" in made.vitals.problems
