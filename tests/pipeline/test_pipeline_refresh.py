"""Passes over a real directory: what they read, keep and survive."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS, PLAIN, RULES
from written import NAMES, content, put, write_day

from exporter.checks.check import State as AlertState
from exporter.discover.calendar import LEAD_IN_DAYS, Calendar
from exporter.discover.listing import list_directory
from exporter.incidents.ledger import Ledger
from exporter.model import NANOSECONDS, Stage
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.intake import Intake, Look
from exporter.pipeline.judge import Judge
from exporter.pipeline.reader import Reading
from exporter.pipeline.refresh import DirectoryUnavailableError, Refresher
from exporter.pipeline.settling import Settling
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.store.state import State

FIRST = date(2025, 3, 1)
LAST = date(2025, 3, 10)
AS_OF = int(datetime(2025, 3, 11, 12, tzinfo=UTC).timestamp()) * NANOSECONDS
FAILED_LOAD = (
    '{"task": "load", "partition": "2025-03-10", "started_at": "2025-03-11T06:00:00Z",'
    ' "ended_at": "2025-03-11T06:10:00Z", "exit_code": 1}'
)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


@contextmanager
def refresher(data: Path, state: Path | None, **changes: Any) -> Iterator[Refresher]:
    """Provide a pass maker over ``data``, as the exporter builds it."""
    opened = None if state is None else State.open(state)
    calendar = changes.pop("calendar", Calendar())
    reading = Reading(calendar, changes.pop("feed", EVENTS))
    settling = Settling(changes.pop("settle_seconds", 2.0))
    yield Refresher(
        directory=data,
        calendar=calendar,
        intake=Intake.begin(reading, settling, opened, threading.Event()),
        judge=Judge(Assembler(RULES)),
        as_of_ns=changes.pop("as_of_ns", AS_OF),
    )
    if opened is not None:
        opened.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten healthy days."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Provide the path of a state file that does not exist yet."""
    return tmp_path / "state.db"


def one_pass(data: Path, state: Path | None = None, **changes: Any) -> tuple[Snapshot, Refresher]:
    """Make one pass and return its snapshot."""
    with refresher(data, state, **changes) as worker:
        return worker.refresh().snapshot, worker


def view(snapshot: Snapshot, day: date) -> PartitionView:
    """Return one partition."""
    return next(known for known in snapshot.views if known.partition == day)


def names(known: PartitionView) -> set[str]:
    """Return the checks in breach."""
    return {alert.check.name for alert in known.alerts}


def test_healthy_days_raise_nothing(data: Path) -> None:
    """All read, none in breach."""
    snapshot, worker = one_pass(data)
    assert [known.partition for known in snapshot.window] == DAYS
    assert [names(known) for known in snapshot.window] == [set()] * len(DAYS)
    assert worker.vitals.profiled_files == 3 * len(DAYS)
    assert worker.vitals.problems == ()


def test_a_restart_over_an_unchanged_directory_reads_nothing(data: Path, state: Path) -> None:
    """The results are the same."""
    before, _ = one_pass(data, state)
    after, worker = one_pass(data, state)
    assert worker.vitals.profiled_files == 0
    assert after.views == before.views


def test_another_alias_makes_the_files_be_read_again(data: Path, state: Path) -> None:
    """A profile made with other settings is not valid for these."""
    one_pass(data, state)
    _, worker = one_pass(data, state, feed=replace(EVENTS, tables=PLAIN))
    assert worker.vitals.profiled_files == 3 * len(DAYS)


def test_a_lost_state_costs_the_arrivals(data: Path, state: Path) -> None:
    """A rewritten file keeps its first arrival as long as the state lives."""
    one_pass(data, state)
    later = datetime(2025, 3, 10, 9, tzinfo=UTC).timestamp()
    path = put(data, DAYS[8], Stage.RAW, content(DAYS[8], 101))
    os.utime(path, (later, later))
    kept, _ = one_pass(data, state)
    assert "partition_late" not in names(view(kept, DAYS[8]))
    for leftover in state.parent.glob("state.db*"):
        leftover.unlink()
    lost, _ = one_pass(data, state)
    assert "partition_late" in names(view(lost, DAYS[8]))


def test_a_gap_in_the_calendar_is_a_missing_partition(data: Path) -> None:
    """Expected, due, absent; old ones are past, new ones fire."""
    for day in (DAYS[2], DAYS[8]):
        for stage_folder in (data, data / "raw_clean", data / "raw_rejects"):
            for path in stage_folder.glob(f"events_{day:%Y%m%d}*.csv"):
                path.unlink()
    snapshot, _ = one_pass(data)
    states = {
        known.partition: alert.state
        for known in snapshot.window
        for alert in known.alerts
        if alert.check.name == "partition_missing"
    }
    assert states == {DAYS[2]: AlertState.PAST, DAYS[8]: AlertState.FIRING}


def test_a_renamed_id_column_is_no_mismatch(data: Path) -> None:
    """The alias gives its current name."""
    renamed = content(LAST, 100).replace("client_id", "clientId", 1)
    put(data, LAST, Stage.RAW, renamed)
    snapshot, _ = one_pass(data)
    assert names(view(snapshot, LAST)) == set()


def test_a_lost_column_is_a_blocking_mismatch_and_leaves_the_baseline(data: Path) -> None:
    """Later days are judged by the other days."""
    write_day(data, DAYS[5], without=("referrer",))
    snapshot, _ = one_pass(data)
    assert "schema_mismatch" in names(view(snapshot, DAYS[5]))
    window = view(snapshot, DAYS[6]).window
    assert {member.partition: member.excluded for member in window.members if member.excluded} == {
        DAYS[5]: "schema mismatch"
    }


def test_a_file_that_is_still_written_is_waited_for(data: Path) -> None:
    """Until then its partition has no such file; afterwards it has."""
    new = LAST + timedelta(days=1)
    put(data, new, Stage.RAW, content(new, 50), age_seconds=0)
    with refresher(data, None, settle_seconds=0.4) as worker:
        outcome = worker.refresh()
        assert outcome.waiting == 1
        assert outcome.seconds_to_next is not None
        assert 0 < outcome.seconds_to_next <= 0.4
        assert Stage.RAW not in view_or_nothing(outcome.snapshot, new)
        time.sleep(outcome.seconds_to_next)
        outcome = worker.refresh()
        assert outcome.waiting == 0
        assert Stage.RAW in view_or_nothing(outcome.snapshot, new)


def view_or_nothing(snapshot: Snapshot, day: date) -> set[Stage]:
    """Return a partition's known stages, none if it is not exposed."""
    return {stage for known in snapshot.views if known.partition == day for stage in known.facts.stages}


def test_a_file_that_is_rewritten_keeps_its_figures_until_the_new_content_stands_still(data: Path) -> None:
    """So that dashboards do not flicker."""
    with refresher(data, None, settle_seconds=0.4) as worker:
        worker.refresh()
        put(data, LAST, Stage.RAW, content(LAST, 10), age_seconds=0)
        during = worker.refresh()
        assert view(during.snapshot, LAST).figures["puffy_partition_rows"]["raw",] == 100
        time.sleep(0.45)
        after = worker.refresh()
        assert view(after.snapshot, LAST).figures["puffy_partition_rows"]["raw",] == 10


def test_a_backfilled_partition_may_raise_alerts_again(data: Path, state: Path) -> None:
    """New content of an old day can alert for as many days as the newest days can."""
    before, _ = one_pass(data, state)
    assert not view(before, DAYS[1]).facts.alertable
    put(data, DAYS[1], Stage.RAW, content(DAYS[1], 90))
    for hours, alertable in ((0, True), (71, True), (73, False)):
        after, _ = one_pass(data, state, as_of_ns=AS_OF + hours * 3600 * NANOSECONDS)
        assert view(after, DAYS[1]).facts.alertable is alertable, hours


def test_a_touched_file_is_no_backfill(data: Path, state: Path) -> None:
    """The content is the same."""
    one_pass(data, state)
    put(data, DAYS[1], Stage.RAW, content(DAYS[1], 100), age_seconds=100)
    after, worker = one_pass(data, state)
    assert worker.vitals.profiled_files == 1
    assert not view(after, DAYS[1]).facts.alertable


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda path: (path.unlink(), path.mkdir()), "not a regular file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not a regular file"),
        (lambda path: (path.unlink(), path.symlink_to(path.name)), "too many levels of symbolic links"),
    ],
    ids=["a folder", "a pipe", "a loop of links"],
)
def test_a_file_that_cannot_be_read_costs_only_itself(
    data: Path, spoil: Callable[[Path], object], error: str
) -> None:
    """It is present, not readable, says why, and its neighbours are judged as before."""
    spoil(data / f"events_{LAST:%Y%m%d}.csv")
    snapshot, worker = one_pass(data)
    assert view(snapshot, LAST).figures["puffy_partition_readable"]["raw",] == 0
    assert "partition_unreadable" in names(view(snapshot, LAST))
    assert worker.vitals.problems == (f"raw file of {LAST} cannot be read: {error}",)
    assert worker.vitals.unreadable_files == 1
    assert names(view(snapshot, DAYS[8])) == set()


@contextmanager
def without_privileges(folder: Path) -> Iterator[None]:
    """Drop privileges for a while if root, who may read everything."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.parents):
        if path.stat().st_uid == 0 and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_without_permission_is_read_once_it_has_it(data: Path) -> None:
    """Permissions change what can be read, not the content."""
    path = data / f"events_{LAST:%Y%m%d}.csv"
    path.chmod(0)
    with refresher(data, None) as worker:
        with without_privileges(data):
            refused = worker.refresh().snapshot
        assert "partition_unreadable" in names(view(refused, LAST))
        assert worker.vitals.problems == (f"raw file of {LAST} cannot be read: permission denied",)
        path.chmod(0o644)
        assert "partition_unreadable" not in names(view(worker.refresh().snapshot, LAST))


@pytest.mark.parametrize("content_of", [b"", b"\n", b"\xff\xfe\x00", b'"', b"client_id", b"\x00" * 5000])
def test_no_content_stops_a_pass(data: Path, content_of: bytes) -> None:
    """Empty, header only, not CSV at all: figures or a reason, and every other partition as before."""
    path = data / f"events_{LAST:%Y%m%d}.csv"
    path.write_bytes(content_of)
    due = datetime(2025, 3, 11, 6, tzinfo=UTC).timestamp()
    os.utime(path, (due, due))
    snapshot, _ = one_pass(data)
    assert {"partition_empty", "schema_mismatch", "partition_unreadable"} & names(view(snapshot, LAST))
    assert names(view(snapshot, DAYS[8])) == set()


def test_a_directory_that_vanishes_fails_the_pass_and_the_next_one_works(data: Path) -> None:
    """One line says what is wrong; known results are still there when it is back."""
    with refresher(data, None) as worker:
        before = worker.refresh().snapshot
        hidden = data.with_name("elsewhere")
        data.rename(hidden)
        with pytest.raises(DirectoryUnavailableError, match="no such file or directory"):
            worker.refresh()
        assert (worker.vitals.failed_passes, worker.vitals.last_pass_succeeded) == (1, False)
        hidden.rename(data)
        after = worker.refresh().snapshot
        assert after.views == before.views
        assert worker.vitals.profiled_files == 3 * len(DAYS)


def test_an_unchanged_directory_gives_the_very_same_partitions(data: Path) -> None:
    """So that nothing is rendered needlessly."""
    with refresher(data, None) as worker:
        before = worker.refresh().snapshot
        assert worker.refresh().snapshot.views is before.views


def test_only_the_window_is_read(data: Path) -> None:
    """Ten years of files do not make the first pass long."""
    for back in range(60):
        write_day(data, date(2025, 2, 28) - timedelta(days=back), rows=1)
    snapshot, worker = one_pass(data, calendar=Calendar(window_days=2, alert_days=1))
    assert len(snapshot.window) == 2
    assert worker.vitals.profiled_files == 3 * len(snapshot.views) < 3 * 60
    assert len(snapshot.views) <= 2 + LEAD_IN_DAYS


def test_a_state_that_cannot_be_written_stops_nothing(data: Path, state: Path) -> None:
    """It is counted, and results are written once possible."""
    with refresher(data, state) as worker:
        connection = worker.intake.mirror.state._connection  # type: ignore[union-attr]  # it has one
        connection.execute("PRAGMA query_only = ON")
        worker.refresh()
        assert worker.vitals.state_errors > 0
        connection.execute("PRAGMA query_only = OFF")
        worker.refresh()
    _, again = one_pass(data, state)
    assert again.vitals.profiled_files == 0


def test_dq_claims_and_task_runs_reach_the_partition(data: Path) -> None:
    """A broken one is listed among the problems."""
    for folder, name, text in (
        (
            "dq_reports",
            "dq_summary_20250311T061500Z.csv",
            "file,raw_rows,clean_rows,reject_rows\nevents_20250310.csv,100,95,4\n",
        ),
        (
            "task_runs",
            "load.json",
            FAILED_LOAD,
        ),
        ("task_runs", "broken.json", "{"),
    ):
        (data / folder).mkdir(exist_ok=True)
        (data / folder / name).write_text(text)
    snapshot, worker = one_pass(data)
    assert names(view(snapshot, LAST)) == {"dq_discrepancy", "task_failed"}
    assert worker.vitals.problems == ("task_runs/broken.json: not a record of a task run",)


def test_without_a_fixed_instant_the_next_due_time_is_waited_for(data: Path) -> None:
    """A missing file causes no event."""
    with refresher(data, None, as_of_ns=None) as worker:
        wanted = worker.refresh().seconds_to_next
    assert wanted is not None
    assert 0 < wanted <= 86_400


def test_a_deleted_raw_file_is_missing_and_its_neighbours_go_on(data: Path, state: Path) -> None:
    """Its entry in the state does not make it present."""
    one_pass(data, state)
    (data / f"events_{LAST:%Y%m%d}.csv").unlink()
    snapshot, _ = one_pass(data, state)
    assert "partition_missing" in names(view(snapshot, LAST))
    (data / "raw_clean" / f"events_{DAYS[8]:%Y%m%d}_clean.csv").unlink()
    snapshot, _ = one_pass(data, state)
    assert "stage_missing" in names(view(snapshot, DAYS[8]))


def test_a_file_that_is_gone_had_been_there(data: Path, state: Path) -> None:
    """Also for a new process; a file that never came is missing, and one that is back is as before."""
    path = data / f"events_{LAST:%Y%m%d}.csv"
    bytes_ = path.read_bytes()
    (data / "raw_clean" / f"events_{DAYS[3]:%Y%m%d}_clean.csv").unlink()
    snapshot, _ = one_pass(data, state)
    assert (view(snapshot, DAYS[3]).facts.gone, view(snapshot, LAST).facts.gone) == ((), ())
    path.unlink()
    for _ in range(2):
        snapshot, _ = one_pass(data, state)
        (gone,) = view(snapshot, LAST).facts.gone
        assert (gone.stage, gone.before.rows) == (Stage.RAW, 100)
        assert [problem.name for problem in view(snapshot, LAST).problems] == ["file_gone"]
    path.write_bytes(bytes_)
    snapshot, _ = one_pass(data, state)
    assert (view(snapshot, LAST).facts.gone, view(snapshot, LAST).problems) == ((), ())


def test_a_file_replaced_after_it_was_listed_is_waited_for(data: Path) -> None:
    """Its figures would belong to neither content; it is neither an error nor unreadable."""
    with refresher(data, None) as worker:
        sources = list(list_directory(data, EVENTS).files.values())
        put(data, LAST, Stage.RAW, content(LAST, 7), age_seconds=60)
        taken = worker.intake.take(sources, Look(AS_OF, time.time_ns()))
        assert (taken.waiting, taken.errors) == (1, 0)
        assert (LAST, Stage.RAW) not in taken.stages
        assert taken.seconds_to_wait == 2.0
        rows = view(worker.refresh().snapshot, LAST).figures["puffy_partition_rows"]["raw",]
    assert rows == 7


def test_each_file_that_changes_while_it_is_read_is_waited_for(data: Path) -> None:
    """Also if they are of one day; none counts as read."""
    with refresher(data, None) as worker:
        sources = list(list_directory(data, EVENTS).files.values())
        for stage in Stage:
            put(data, LAST, stage, content(LAST, 7, stage), age_seconds=60)
        taken = worker.intake.take(sources, Look(AS_OF, time.time_ns()))
    assert (taken.waiting, taken.profiled_files, taken.errors) == (3, 3 * (len(DAYS) - 1), 0)
    assert taken.unsettled == {LAST}


@pytest.mark.parametrize(("patience", "found"), [(0.0, {"stage_missing"}), (10.0, set())])
def test_nothing_is_judged_before_files_that_came_together_have_settled(
    data: Path, state: Path, patience: float, found: set[str]
) -> None:
    """Without patience the clean file counts as missing: it can only be read a moment after the raw one."""
    (data / NAMES[Stage.CLEAN].format(LAST)).touch()
    with refresher(data, state, settle_seconds=0.5) as worker:
        worker.judge.ledger = Ledger(worker.intake.mirror.state)
        outcome = worker.refresh(patience=patience)
        files = worker.vitals.profiled_files
        recorded = {incident.name for incident in Ledger(worker.intake.mirror.state).incidents}
    assert names(view(outcome.snapshot, LAST)) == recorded == found
    assert (outcome.waiting, files) == ((1, 29) if found else (0, 30)), "each look's reading counts"


def test_patience_ends_although_a_file_is_still_changing(data: Path) -> None:
    """The others are judged, in one pass."""
    (data / NAMES[Stage.CLEAN].format(LAST)).touch()
    with refresher(data, None, settle_seconds=600) as worker:
        begun = time.monotonic()
        outcome = worker.refresh(patience=0.2)
        assert 0.2 <= time.monotonic() - begun < 30
    assert (outcome.waiting, worker.vitals.passes) == (1, 1)
    assert view(outcome.snapshot, LAST).facts.unsettled


def test_a_file_deleted_after_it_was_listed_is_no_error(data: Path) -> None:
    """The next pass does not list it any more."""
    with refresher(data, None) as worker:
        sources = list(list_directory(data, EVENTS).files.values())
        (data / f"events_{LAST:%Y%m%d}.csv").unlink()
        taken = worker.intake.take(sources, Look(AS_OF, time.time_ns()))
        assert taken.errors == 0


def test_many_problems_are_counted_and_the_first_are_shown(data: Path) -> None:
    """A folder full of odd names does not fill the page."""
    for number in range(80):
        (data / f"events_202513{number:02}.csv").touch()
    _, worker = one_pass(data)
    assert len(worker.vitals.problems) == 51
    assert worker.vitals.problems[-1] == "and 30 more"


def judgements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the instants at which everything is judged, from now on."""
    found: list[int] = []
    whole = Assembler.assemble

    def counted(self: Assembler, *days: Any, as_of_ns: int, **instants: Any) -> Snapshot:
        found.append(as_of_ns)
        return whole(self, *days, as_of_ns=as_of_ns, **instants)

    monkeypatch.setattr(Assembler, "assemble", counted)
    return found


def test_at_rest_nothing_is_judged_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot and the exporter's own state are current nevertheless."""
    judged = judgements(monkeypatch)
    with refresher(data, None) as worker:
        worker.refresh()
        worker.as_of_ns = AS_OF + NANOSECONDS
        assert worker.refresh().snapshot.as_of_ns == AS_OF + NANOSECONDS
        assert worker.vitals.passes == 2
    assert judged == [AS_OF]


@pytest.mark.parametrize("change", ["file", "clock", "rules", "report"])
def test_whatever_a_verdict_follows_from_is_looked_at_again(
    data: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, a check that becomes due, a reload, upstream's figures."""
    (data / "raw_clean" / f"events_{LAST:%Y%m%d}_clean.csv").unlink()
    due = Calendar().due_ns(LAST)
    judged = judgements(monkeypatch)
    with refresher(data, None, as_of_ns=due + NANOSECONDS) as worker:
        worker.refresh()
        if change == "file":
            write_day(data, LAST)
            put(data, LAST, Stage.RAW, content(LAST, 7))
        if change == "clock":
            worker.as_of_ns = due + 3 * 3600 * NANOSECONDS
        if change == "rules":
            worker.judge.assembler = Assembler(replace(RULES, checks=RULES.checks[:3]))
        if change == "report":
            (data / "task_runs").mkdir()
            (data / "task_runs" / "load.json").write_text(FAILED_LOAD)
        second = worker.refresh().snapshot
    assert len(judged) == 2
    found = {alert.check.name for alert in view(second, LAST).alerts}
    assert ("stage_missing" in found) == (change == "clock")
    assert (len(second.checks) == 3) == (change == "rules")
    assert (view(second, LAST).facts.tasks != {}) == (change == "report")


def test_a_pass_at_rest_finds_the_same_objects_and_a_change_only_the_others(data: Path) -> None:
    """Unchanged objects are identical; the changed day has new facts and content."""
    with refresher(data, None, settle_seconds=0.0) as passes:
        before, again = passes.refresh().snapshot.views, passes.refresh().snapshot.views
        assert all(new.facts is old.facts for old, new in zip(before, again, strict=True))
        listed, stated = passes._listed, dict(passes.intake.mirror._facts)
        assert listed is not None
        put(data, LAST, Stage.RAW, content(LAST, 101))
        after = passes.refresh().snapshot.views
        now = passes._listed
        assert now is not None
        raw = LAST, Stage.RAW
        assert [key for key in stated if passes.intake.mirror._facts[key] is not stated[key]] == [raw]
        assert [key for key in now[1].files if now[1].files[key] is not listed[1].files[key]] == [raw]
        assert after[-1].facts.content != before[-1].facts.content
