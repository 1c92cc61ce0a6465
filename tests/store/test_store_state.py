"""What the state file remembers, and which failures it survives."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from feeds import MANDATORY_FIELDS
from golden import ROOT
from hypothesis import given
from hypothesis import strategies as st
from made import DAY, profile

from exporter.errors import UserError
from exporter.gate.content import identify
from exporter.model import ColumnFigures, Partition, Profile, Split, Stage, Stamp
from exporter.profiling.order_tally import Defect, WebOrders
from exporter.store.codec import decode_profile, encode_profile
from exporter.store.daybook import KeptDay
from exporter.store.files import KEPT_CONTENTS, Arrival, FileRead
from exporter.store.looks import LastLook
from exporter.store.migrations import MIGRATIONS
from exporter.store.state import KEPT_BROKEN, State, StateError

SPEC = "1-test"
COUNT = st.integers(0, 2**53)
COUNTS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), COUNT, max_size=4)
FIGURES = st.builds(
    ColumnFigures,
    type=st.sampled_from(["number", "category"]),
    numbers=st.dictionaries(
        st.sampled_from(["minimum", "mean"]), st.floats(allow_nan=False, allow_infinity=False) | COUNT
    ),
    values=COUNTS,
    values_overflow=COUNT,
    shapes=COUNTS,
)
ORDERS = st.builds(
    WebOrders,
    events=COUNTS,
    events_overflow=COUNT,
    checkouts=COUNT,
    defects=st.fixed_dictionaries(dict.fromkeys(Defect, COUNT)),
    revenue=st.floats(allow_nan=False, allow_infinity=False),
    referrer_null=COUNT,
    referrer_synthetic=COUNT,
    malformed_orders=COUNT,
    revenue_shapes=COUNTS,
    data_shapes=COUNTS,
    worths=COUNTS,
)


def reading(name: str = "a", *, day: Partition = DAY, stage: Stage = Stage.RAW, spec: str = SPEC) -> FileRead:
    """Return a reading whose content is called ``name``."""
    content = profile(stage, fingerprint=name)
    return FileRead(day, stage, Stamp(1, 2, 3, 2**64 - 5), spec, content, arrival=Arrival(10), at_ns=20)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """Provide a fresh state."""
    opened = State.open(tmp_path / "state.db")
    yield opened
    opened.close()


def test_a_fresh_state_remembers_nothing(state: State) -> None:
    """Nor does it report a rebuild."""
    memory = state.load()
    assert (dict(memory.files), memory.changes, memory.first_partition, state.rebuilt) == ({}, (), None, None)


def test_readings_are_remembered_by_partition_and_stage(tmp_path: Path) -> None:
    """Profiles survive a restart bit for bit, and inodes may use all 64 bits."""
    state = State.open(tmp_path / "state.db")
    read = reading()
    state.remember([read, reading("b", stage=Stage.CLEAN), reading("c", day=date(2025, 1, 1))])
    state.close()
    state = State.open(tmp_path / "state.db")
    memory = state.load()
    key = (DAY, Stage.RAW)
    assert state.load_profiles([(key, "a", SPEC), ((DAY, Stage.CLEAN), "a", SPEC)]) == {key: read.profile}
    assert state.load_profiles([(key, "a", "other")]) == {}
    assert state.load_profiles([(key, "a", None)]) == {key: read.profile}
    assert (memory.files[key].stamp, memory.files[key].spec) == (read.stamp, SPEC)
    assert memory.files[key].fingerprint == "a"
    assert memory.arrivals[key] == Arrival(10)
    assert memory.first_partition == date(2025, 1, 1)
    assert len(memory.files) == 3


def test_a_rewrite_updates_the_file_but_not_its_arrival(state: State) -> None:
    """Lateness is measured by the arrival of the first content."""
    state.remember([reading("a")])
    state.remember([replace(reading("b"), arrival=Arrival(99, "seen"), stamp=Stamp(5, 6, 7, 8))])
    memory = state.load()
    assert memory.arrivals[DAY, Stage.RAW] == Arrival(10)
    assert memory.files[DAY, Stage.RAW].stamp == Stamp(5, 6, 7, 8)


def test_replaced_content_is_a_change_and_a_touched_file_is_not(state: State) -> None:
    """If the fingerprint is the same, nothing has changed, whatever the stamp says."""
    state.remember([reading("a")])
    state.remember([replace(reading("a"), stamp=Stamp(9, 9, 9, 9))])
    assert state.load().changes == ()
    state.remember([replace(reading("b"), at_ns=77)])
    (change,) = state.load().changes
    assert (change.partition, change.stage, change.at_ns) == (DAY, Stage.RAW, 77)
    assert (change.before, change.after) == ("a", "b")


def test_remembering_twice_changes_nothing(state: State) -> None:
    """Retrying a batch after an error is harmless."""
    state.remember([reading("a")])
    before = state.load()
    state.remember([reading("a")])
    assert state.load() == before


def test_the_history_of_contents_is_bounded(state: State, tmp_path: Path) -> None:
    """A file that is rewritten every minute does not fill the disk."""
    for number in range(3 * KEPT_CONTENTS):
        state.remember([replace(reading(f"content {number}"), at_ns=number)])
    rows = sqlite3.connect(tmp_path / "state.db").execute("SELECT fingerprint FROM profile").fetchall()
    assert len(rows) == KEPT_CONTENTS
    assert ("content 14",) in rows


@pytest.mark.parametrize("step", [0, -60], ids=["stands still", "is set back"])
def test_the_newest_contents_are_kept_whatever_the_clock_does(
    state: State, tmp_path: Path, step: int
) -> None:
    """The report compares a replaced file with its content before, so both are needed."""
    for number in range(3 * KEPT_CONTENTS):
        state.remember([replace(reading(f"content {5 * number % 7}"), at_ns=10**6 + number * step)])
    rows = sqlite3.connect(tmp_path / "state.db").execute("SELECT fingerprint FROM profile").fetchall()
    newest = {f"content {5 * number % 7}" for number in range(2 * KEPT_CONTENTS, 3 * KEPT_CONTENTS)}
    assert {name for (name,) in rows} == newest


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"this is no database, but it is long enough to be looked at" * 100,
        lambda content: content[: len(content) // 2],
        lambda content: content[:4096] + b"\0" * 8192 + content[12288:],
        lambda content: content[:200] + os.urandom(20_000) + content[20_200:],
    ],
    ids=["garbage", "cut in half", "zeroed pages", "random bytes"],
)
def test_a_broken_file_is_set_aside_and_replaced(tmp_path: Path, damage) -> None:  # noqa: ANN001
    """The reason is one line, the broken file is kept, and the new state works."""
    path = tmp_path / "state.db"
    state = State.open(path)
    state.remember([reading(str(number), day=date(2025, 1, 1 + number)) for number in range(30)])
    state.close()
    path.write_bytes(damage(path.read_bytes()))
    rebuilt = State.open(path)
    assert rebuilt.rebuilt is not None
    assert "\n" not in rebuilt.rebuilt
    assert dict(rebuilt.load().files) == {}
    rebuilt.remember([reading()])
    rebuilt.close()
    assert len(list(tmp_path.glob("state.db.corrupt-*"))) == 1
    assert State.open(path).rebuilt is None


def test_foreign_rows_count_as_broken(tmp_path: Path) -> None:
    """A database with our name but somebody else's rows is set aside too."""
    path = tmp_path / "state.db"
    state = State.open(path)
    state.remember([reading()])
    state.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE file SET partition = 'yesterday'")
    connection.close()
    assert State.open(path).rebuilt is not None


def test_broken_files_do_not_pile_up(tmp_path: Path) -> None:
    """Only the newest few are kept."""
    for number in range(KEPT_BROKEN + 3):
        (tmp_path / f"state.db.corrupt-2025010{number}T000000Z").write_bytes(b"x")
    (tmp_path / "state.db").write_bytes(b"garbage" * 1000)
    State.open(tmp_path / "state.db").close()
    assert len(list(tmp_path.glob("state.db.corrupt-*"))) == KEPT_BROKEN


def test_incidents_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    """One of their fields had a different name then."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        for script in MIGRATIONS[:4]:
            connection.executescript(script)
        body = b'{"told":true,"text":"\\"told\\": x"}'
        connection.execute("INSERT INTO incident VALUES ('a1', ?)", (body,))
        connection.execute("PRAGMA user_version = 4")
    connection.close()
    state = State.open(path)
    assert state.load_incidents() == {"a1": b'{"notified":true,"text":"\\"told\\": x"}'}
    state.close()


def test_a_file_from_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    """One line says what to do about it."""
    path = tmp_path / "state.db"
    State.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"newer version .* upgrade, or move the file away"):
        State.open(path)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.corrupt-*"))


def test_a_folder_that_cannot_be_written_is_a_state_error(tmp_path: Path) -> None:
    """The caller can carry on without a state."""
    with pytest.raises(StateError):
        State.open(tmp_path / "no" / "state.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StateError):
        State.open(tmp_path / "folder.db")


def test_a_profile_that_cannot_be_decoded_is_read_again(state: State, tmp_path: Path) -> None:
    """It is as if it were not stored; the arrival of its file still is."""
    state.remember([reading()])
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE profile SET body = '{}'")
    connection.close()
    memory = state.load()
    assert state.load_profiles([((DAY, Stage.RAW), "a", SPEC)]) == {}
    assert memory.arrivals == {(DAY, Stage.RAW): Arrival(10)}


@pytest.mark.parametrize("value", ["NaN", "inf", "-1e999", None, [], "many"])
def test_a_day_with_a_value_that_is_no_finite_number_is_left_out(
    state: State, tmp_path: Path, value: object
) -> None:
    """The others are kept."""
    values = {("puffy_partition_rows", ("raw",)): 1000.0}
    other = DAY + timedelta(days=1)
    state.note_days({DAY: KeptDay("c1", values), other: KeptDay("c2", values)}, [])
    damaged = json.dumps([["puffy_partition_rows", ["raw"], value]])
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE kept_day SET body = ? WHERE partition = ?", (damaged, str(DAY)))
    connection.close()
    assert dict(state.load_days()) == {other: KeptDay("c2", values)}


@given(
    st.builds(
        Profile,
        fingerprint=st.text("0123456789abcdef", min_size=1),
        columns=st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
        rows=COUNT,
        malformed_rows=COUNT,
        missing=st.fixed_dictionaries(dict.fromkeys(MANDATORY_FIELDS, COUNT)),
        event_time=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        unparseable_timestamps=COUNT,
        timestamp_shapes=COUNTS,
        timestamp_shapes_overflow=COUNT,
        out_of_day_rows=COUNT,
        first_event_ns=st.none() | st.integers(-(2**62), 2**62),
        last_event_ns=st.none() | st.integers(-(2**62), 2**62),
        longest_silence_seconds=st.none() | COUNT,
        reasons=COUNTS,
        reasons_overflow=COUNT,
        invalid_utf8_lines=COUNT,
        malformed_fields=COUNTS,
        malformed_lines=st.lists(COUNT, max_size=5).map(tuple),
        repeated_headers=COUNT,
        empty_rows=COUNT,
        odd_records=COUNTS,
        repeated_header_lines=st.lists(COUNT, max_size=5).map(tuple),
        truncated=st.booleans(),
        constants=COUNTS,
        looks=st.dictionaries(st.sampled_from(["fare", "city"]), COUNTS),
        placeholders=st.dictionaries(st.sampled_from(["fare", "city"]), COUNTS),
        odd_bytes=COUNTS,
        silence_start_ns=st.none() | st.integers(-(2**62), 2**62),
        hours=st.lists(COUNT, max_size=25).map(tuple),
        figures=st.dictionaries(st.sampled_from(["fare", "city"]), FIGURES),
        duplicate_keys=st.none() | COUNT,
        packs=st.dictionaries(st.just("web-orders"), ORDERS),
    )
)
def test_a_profile_is_unchanged_by_a_round_trip(content: Profile) -> None:
    """Every field, floats to the last bit, and the content ID that acknowledgements refer to."""
    decoded = decode_profile(encode_profile(content))
    assert decoded == content
    assert identify(decoded) == identify(content)
    assert [type(getattr(decoded, item.name)) for item in fields(Profile)] == [
        type(getattr(content, item.name)) for item in fields(Profile)
    ]


def test_splits_are_unchanged_by_a_round_trip() -> None:
    """With and without amounts, which are exact to the last bit."""
    counted = Split("puffy_partition_checkouts", "referrer", "url", {"": 1, "a.example": 2}, 3)
    summed = replace(
        counted,
        amounts={"": 0.1 + 0.2, "a.example": -0.0},
        amounts_overflow=1e300,
        of="fare",
        type="category",
    )
    known = profile(splits=(counted, summed))
    assert decode_profile(encode_profile(known)) == known


@pytest.mark.parametrize("where", [b'"missing":{"client_id":', b'"events":{"page_viewed":'])
def test_a_profile_with_a_count_that_is_not_a_whole_number_is_rejected(where: bytes) -> None:
    """Even a whole number beyond 64 bits is rejected, because it could not be written back."""
    body = encode_profile(profile())
    start = body.index(where) + len(where)
    assert decode_profile(body[:start] + b"1" + body[start:]) is not None
    assert decode_profile(body[:start] + b'1e30, "x": ' + body[start:]) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"columns": 3}', b"\xff", b'{"columns": []}'])
def test_other_shapes_are_not_profiles(body: bytes) -> None:
    """They raise no error either."""
    assert decode_profile(body) is None


def test_concurrent_users_of_one_file_lose_nothing(tmp_path: Path) -> None:
    """`run` and `serve` can share a state, each with its own connection."""
    path = tmp_path / "state.db"
    State.open(path).close()

    def work(month: int) -> None:
        state = State.open(path)
        for number in range(1, 21):
            state.remember([reading(f"{month}-{number}", day=date(2025, month, number))])
        state.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (1, 2, 3, 4)))
    assert len(State.open(path).load().files) == 80


def test_a_full_disk_is_a_state_error_and_the_next_try_works(tmp_path: Path) -> None:
    """The caller still has the readings and can retry."""
    script = """
        import resource, signal, sys
        from datetime import date
        from pathlib import Path
        from test_store_state import reading
        from exporter.store.state import State, StateError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        state = State.open(Path(sys.argv[1]))
        reads = [reading("x" * 500, day=date(2025, 1 + n // 28, 1 + n % 28)) for n in range(300)]
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
        try:
            state.remember(reads)
        except StateError as error:
            print("refused", "\\n" in str(error))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        state.remember(reads)
        print(len(state.load().files))
    """
    assert run_script(script, tmp_path / "state.db") == "refused False\n300\n"


def run_script(script: str, path: Path) -> str:
    """Run a script that can import this module, and return its output."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


KILLED = """
    import os, sys
    from datetime import date, timedelta
    from pathlib import Path
    from test_store_state import reading
    from exporter.store.state import State
    for _ in sys.stdin:
        if (writer := os.fork()) == 0:
            print(os.getpid(), flush=True)
            state = State.open(Path(sys.argv[1]))
            for number in range(100_000):
                state.remember([reading(f"{number}", day=date(2000, 1, 1) + timedelta(days=number % 500))])
                os.write(1, b"%d\\n" % number)  # at once: the kill must not part it from its line end
        os.waitpid(writer, 0)
        print("killed", flush=True)
"""


def test_a_killed_writer_leaves_a_whole_state(tmp_path: Path) -> None:
    """Killed twenty times at random moments, it keeps every confirmed write and leaves no litter."""
    path = tmp_path / "state.db"
    chance = random.Random(5)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writers:
        assert writers.stdin
        assert writers.stdout
        for _ in range(20):
            print("go", file=writers.stdin, flush=True)
            writer = int(writers.stdout.readline())
            last = int(writers.stdout.readline())
            time.sleep(chance.random() * 0.05)
            os.kill(writer, signal.SIGKILL)
            while (line := writers.stdout.readline()) != "killed\n":
                last = int(line)
            state = State.open(path)
            assert state.rebuilt is None
            day = date.fromordinal(date(2000, 1, 1).toordinal() + last % 500)
            assert int(state.load().files[day, Stage.RAW].fingerprint) >= last
            state.close()


def test_the_first_content_that_is_not_empty_is_the_arrival(state: State) -> None:
    """An empty file has not arrived; the first content after it has."""
    state.remember([replace(reading("a"), arrival=None)])
    assert state.load().arrivals == {}
    assert state.load().first_partition == DAY
    state.remember([replace(reading("b"), arrival=Arrival(99, "seen"))])
    assert state.load().arrivals == {(DAY, Stage.RAW): Arrival(99, "seen")}


REBUILT = {"profile"}  # from the files
LOST = {
    "file": "first arrivals, and which files there were",
    "change": "replaced contents",
    "look": "when files were last listed",
    "shrunk": "since when a file has been smaller",
    "incident": "incidents",
    "kept_day": "older values",
}


def test_the_docs_say_what_is_lost_with_each_table(state: State, tmp_path: Path) -> None:
    """Except for the one that is made from the files again."""
    with sqlite3.connect(tmp_path / "state.db") as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert {name for (name,) in rows} == REBUILT | LOST.keys()
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("| lost | so |\n|---|---|\n")[2].partition("\n\n")[0]
    assert [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()] == [*LOST.values()]


def test_the_last_look_at_each_stage_is_remembered(state: State) -> None:
    """A later one of the same stage replaces it."""
    look = LastLook("/data events.csv", 7, DAY, frozenset({DAY, DAY + timedelta(days=1)}))
    assert state.load().looks == {}
    state.note_looks({Stage.RAW: look, Stage.CLEAN: look})
    state.note_looks({Stage.CLEAN: replace(look, at_ns=8, unread=frozenset())})
    assert state.load().looks == {
        Stage.RAW: look,
        Stage.CLEAN: replace(look, at_ns=8, unread=frozenset()),
    }


def test_shrunk_files_are_remembered(state: State) -> None:
    """It is replaced by the next note."""
    assert state.load().shrunk == {}
    state.note_shrunk({(DAY, Stage.RAW): 7})
    assert state.load().shrunk == {(DAY, Stage.RAW): 7}
    state.note_shrunk({})
    assert state.load().shrunk == {}
