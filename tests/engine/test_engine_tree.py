"""Ranges counted elsewhere and merged as a tree give exactly the profile of a single process."""

import pickle
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest
from engine_days import DAY, FORMS, SIZES, encoded, local, source, table_of, write

from exporter.engine import tree
from exporter.engine.cutting import Cutting
from exporter.engine.engine import EngineError
from exporter.engine.pieces import checked, count, count_range, fold, versions
from exporter.engine.tree import Tree
from exporter.model import PartFile
from exporter.profiling.format import Advance, Found, Work
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.run import profile_file


@dataclass(frozen=True)
class Handle:
    """A handle of a remote result."""

    number: int


class Elsewhere:
    """A pool that behaves like another process: it works on copies, in its own order."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.results: dict[Handle, Any] = {}
        self.waiting: dict[Handle, tuple[Callable[..., Any], bytes]] = {}
        self.followed: set[Handle] = set()
        self.done = Counter[str]()
        self.most_ranges = 0
        self.most_shares = 0

    def submit(self, work: Callable[..., Any], *given: Any) -> Handle:
        """Accept work."""
        handle = Handle(len(self.results) + len(self.waiting))
        self.waiting[handle] = (work, pickle.dumps(given))
        self.most_ranges = max(
            self.most_ranges, sum(work is count_range for work, _ in self.waiting.values())
        )
        return handle

    def follow(self, handle: Handle) -> None:
        """Record that the result is awaited."""
        self.followed.add(handle)

    def next_done(self) -> Handle:
        """Complete some of the awaited work."""
        handle = self.chance.choice([handle for handle in self.waiting if handle in self.followed])
        self._do(handle)
        return handle

    def refuse_failed(self, handle: Handle) -> None:
        """Raise the error if there was one."""
        if isinstance(self.results[handle], OSError):
            raise self.results[handle]

    def fetch(self, handle: Handle) -> Any:
        """Return a copy of the result."""
        self._do(handle)
        return pickle.loads(pickle.dumps(self.results[handle]))

    def cancel(self, handles: list[Handle]) -> None:
        """Drop the work."""

    def _do(self, handle: Handle) -> None:
        if handle in self.results:
            return
        work, sent = self.waiting.pop(handle)
        given = []
        for one in pickle.loads(sent):
            if isinstance(one, Handle):
                self._do(one)
            given.append(pickle.loads(pickle.dumps(self.results[one])) if isinstance(one, Handle) else one)
        self.done[work.__name__] += 1
        if work is count:
            self.most_shares = max(self.most_shares, sum(ids.size for ids in given if ids is not None))
        try:
            self.results[handle] = work(*given)
        except OSError as error:
            self.results[handle] = pickle.loads(pickle.dumps(error))


def reader(pool: Elsewhere, room: int = 5) -> Callable[..., Found]:
    """Return a reader of files that uses a pool."""

    def read(files: tuple[PartFile, ...], work: Work, threads: int, advance: Advance) -> Found:
        cutting = Cutting(files, work)
        return cutting.finish(Tree(pool, Semaphore(room), advance).gather(cutting.tasks()))

    return read


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("most_ids", [100, 1 << 20])
def test_every_form_has_the_profile_of_one_process(
    tmp_path: Path, form: str, most_ids: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fingerprint, figures and their order are the same, however many shares the IDs are counted in."""
    monkeypatch.setattr(tree, "MOST_IDS", most_ids)
    day = write(tmp_path, form, repeat=2)
    pool, heard = Elsewhere(), []
    there = profile_file(day, DAY, table=table_of(form), sizes=SIZES, read=reader(pool), advance=heard.append)
    assert encoded(there) == encoded(local(day, form))
    assert there.duplicate_keys
    assert sum(heard) == day.stamp.size
    if form == "csv":
        assert pool.done["count_range"] > 64, "three levels of merges"
        assert (pool.done["count"] > 4) == (most_ids == 100), "more shares than are counted at a time"


def test_no_more_ranges_are_submitted_than_there_is_room_for(tmp_path: Path) -> None:
    """However many ranges there are, none is lost."""
    day = write(tmp_path, "csv", repeat=2)
    for room in (1, 3, 20):
        pool = Elsewhere()
        profile_file(day, DAY, table=table_of("csv"), sizes=SIZES, read=reader(pool, room))
        assert pool.most_ranges == room


def test_a_foreign_file_is_refused_with_the_same_message(tmp_path: Path) -> None:
    """The first bad file is named, in whatever order they are read."""
    day = write(tmp_path, "parts")
    paths = [part.path for part in day.files]
    for at in (7, 3):
        paths[at].write_bytes(b"PK\x03\x04" + b"x" * 50)
    bad = source(*paths)
    said = set()
    for seed in range(8):
        with pytest.raises(NotCsvError) as raised:
            profile_file(bad, DAY, table=table_of("parts"), sizes=SIZES, read=reader(Elsewhere(seed), 12))
        said.add(str(raised.value))
    with pytest.raises(NotCsvError) as raised:
        local(bad, "parts")
    assert said == {str(raised.value)}
    assert paths[3].name in str(raised.value)


def test_a_range_that_another_version_would_count_is_refused() -> None:
    """Even from a worker that joined after the others were checked."""
    other = {**versions(), "pyarrow": "1.0"}
    with pytest.raises(EngineError, match=r"pyarrow is 1\.0 here and \d\S+ there$"):
        checked(other, fold)
    assert checked(versions(), fold) == fold()


def test_room_is_given_back_after_a_failure(tmp_path: Path) -> None:
    """Otherwise the next file would wait forever."""
    day = write(tmp_path, "csv")
    room = Semaphore(4)
    path = day.path
    path.write_bytes(path.read_bytes() + b"more\n")

    def read(files: tuple[PartFile, ...], work: Work, threads: int, advance: Advance) -> Found:
        cutting = Cutting(files, work)
        return cutting.finish(Tree(Elsewhere(), room, advance).gather(cutting.tasks()))

    with pytest.raises(OSError, match="changed while it was read"):
        profile_file(day, DAY, table=table_of("csv"), sizes=SIZES, read=read)
    assert [room.acquire(blocking=False) for _ in range(5)] == [True] * 4 + [False]
