"""Read new files and keep known profiles, once files have stopped changing."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from exporter.engine.engine import EngineError
from exporter.gate.content import identify
from exporter.model import Partition, Profile, Replaced, SourceFile, Stage, StageFacts
from exporter.pipeline.arrival import Sight, copied, date_arrival
from exporter.pipeline.meter import Progress
from exporter.pipeline.reader import Reader, Reading, reason_of
from exporter.pipeline.settling import Settling
from exporter.pipeline.shrinking import Shrinking
from exporter.places.url import is_remote
from exporter.profiling.run import FileChanged
from exporter.store.files import Arrival, ContentChange, FileRead, Key, KnownFile, Memory
from exporter.store.state import State
from exporter.template import ending_of

log = logging.getLogger(__name__)

UNMARKED = "its completion marker does not exist yet"
BATCH = 100  # files read between writes to the state, so that a killed first pass is not lost


@dataclass(frozen=True, slots=True)
class Taken:
    """The result of one pass of intake: facts by partition and stage, and what is still expected."""

    stages: Mapping[Key, StageFacts]
    waiting: int
    seconds_to_wait: float | None
    profiled_files: int
    profiled_bytes: int
    seconds: float  # spent reading
    errors: int
    unsettled: frozenset[Partition] = frozenset()  # with a file that is still changing or incomplete
    shrunk: Mapping[Key, float] = field(default_factory=dict)  # seconds until they are judged as they are


@dataclass(frozen=True, slots=True)
class Look:
    """One listing of the directory. Times in nanoseconds since the epoch.

    ``now_ns`` is the instant of the judgement, ``wall_ns`` the clock's time; they are the same
    except as of another instant than now. ``listed`` is every file of the directory, whether its day
    is wanted or not; ``unlisted`` are stages whose folder cannot be listed, ``lost`` files that count as last
    seen, ``incomplete`` the days without their marker.
    """

    now_ns: int
    wall_ns: int
    live: bool = False
    listed: frozenset[Key] = frozenset()
    unlisted: frozenset[Stage] = frozenset()
    lost: frozenset[Key] = frozenset()
    incomplete: frozenset[Partition] = frozenset()


@dataclass(slots=True)
class _Done:
    """How reading the files that were due has ended."""

    files: int = 0  # read
    size: int = 0  # in bytes
    broken: dict[Key, str] = field(default_factory=dict)  # and why
    moving: set[Key] = field(default_factory=set)  # changed, gone or interrupted meanwhile


@dataclass(slots=True)
class Intake:
    """Keeps the profiles of files by partition and stage; mirrors the state database in memory."""

    reading: Reading
    settling: Settling
    state: State | None
    files: dict[Key, KnownFile]
    profiles: dict[Key, Profile]
    arrivals: dict[Key, Arrival]
    changes: list[ContentChange]
    replaced: dict[Key, Replaced]
    first_partition: Partition | None
    shrinking: Shrinking = field(default_factory=Shrinking)
    reader: Reader = field(default_factory=Reader)
    state_errors: int = 0
    _sights: dict[Key, Sight] = field(default_factory=dict)  # of unknown files
    _before: Look | None = None  # the previous listing
    _copied: frozenset[Key] = frozenset()
    _identities: dict[Key, tuple[Profile, str]] = field(default_factory=dict)  # expensive to compute
    _stated: dict[Key, tuple[KnownFile, Arrival | None, Profile, StageFacts]] = field(default_factory=dict)
    _noted_shrunk: dict[Key, int] = field(default_factory=dict)
    _unsaved: list[FileRead] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        reading: Reading,
        settling: Settling,
        state: State | None,
        stop: threading.Event,
        *,
        grace_seconds: float = 0.0,
    ) -> Self:
        """Start from the stored state, or empty without one."""
        memory = Memory() if state is None else state.load()
        return cls(
            reading=reading,
            settling=settling,
            state=state,
            files=dict(memory.files),
            profiles=dict(memory.profiles),
            arrivals=dict(memory.arrivals),
            changes=list(memory.changes),
            replaced=dict(memory.replaced),
            first_partition=memory.first_partition,
            shrinking=Shrinking(grace_seconds, dict(memory.shrunk)),
            reader=Reader(stop),
        )

    def begin_again(self, state: State) -> Self:
        """Start from what a state remembers that could not be opened until now."""
        grace = self.shrinking.grace_seconds
        begun = self.begin(self.reading, self.settling, state, self.reader.stop, grace_seconds=grace)
        begun.state_errors = self.state_errors
        return begun

    def take(self, sources: Sequence[SourceFile], look: Look, progress: Progress | None = None) -> Taken:
        """Read complete files that are new or replaced; return facts of all."""
        self._save()
        if self._before is None and not self.files:
            self._copied = copied(sources)
        self._sight(sources, look)
        stale = [source for source in sources if source.fault is None and not self._is_current(source)]
        unmarked = [source for source in stale if source.awaits or source.partition in look.incomplete]
        shrunk = self._shrunk([source for source in stale if source not in unmarked], look)
        ready = [source for source in stale if source not in unmarked and not shrunk.get(_key(source))]
        waits = {source.path: self._wait(source, look) for source in ready}
        self.settling.forget_all_but(path for path, wait in waits.items() if wait > 0)
        due = [source for source in ready if waits[source.path] <= 0]
        awaited = {
            _key(source): source.awaits or UNMARKED for source in unmarked if not self._is_known(_key(source))
        }
        damaged = {
            _key(source): damage
            for source in due
            if (damage := self.reader.damage_of(self.reading, source)) is not None
        }
        begun = time.perf_counter()
        done = self._work([source for source in due if _key(source) not in damaged], look, progress)
        seconds = time.perf_counter() - begun
        self._note_shrunk()
        self._before = look
        pending = [wait for wait in waits.values() if wait > 0]
        pending += [self.settling.settle_seconds] * len(done.moving)
        still = [source for source in ready if waits[source.path] > 0]
        return Taken(
            stages=dict(self._facts(sources, awaited | damaged | done.broken, look)),
            waiting=len(pending),
            seconds_to_wait=min(pending, default=None),
            profiled_files=done.files,
            profiled_bytes=done.size,
            seconds=seconds,
            errors=len(done.broken),
            unsettled=frozenset(
                {source.partition for source in (*still, *unmarked)}
                | {day for day, _ in (*done.moving, *shrunk)}
            ),
            shrunk=shrunk,
        )

    def _work(self, due: Sequence[SourceFile], look: Look, progress: Progress | None) -> _Done:
        """Read files, and keep and store their profiles."""
        done = _Done()
        for count, (source, outcome) in enumerate(self._read(due, progress), start=1):
            if isinstance(outcome, Profile):
                done.files += 1
                done.size += source.stamp.size
                self._keep(source, outcome, look)
            elif isinstance(outcome, FileChanged | FileNotFoundError | InterruptedError):
                done.moving.add(_key(source))
            else:
                done.broken[_key(source)] = reason_of(outcome)
            if count % BATCH == 0:
                self._save()
        self._save()
        return done

    def replaced_of(self, partition: Partition) -> tuple[Replaced, ...]:
        """Return what a day's files held before they were replaced, by stage."""
        return tuple(
            self.replaced[partition, stage] for stage in Stage if (partition, stage) in self.replaced
        )

    def _sight(self, sources: Sequence[SourceFile], look: Look) -> None:
        """Note which files exist for the first time, and when they were last absent."""
        there = {_key(source) for source in sources}
        self._sights = {key: sight for key, sight in self._sights.items() if key in there}
        self.shrinking.forget_all_but(there)
        self.reader.forget_all_but(there)
        for key in there - self.files.keys() - self._sights.keys():
            self._sights[key] = Sight(self._last_absent(key), look.wall_ns)

    def _last_absent(self, key: Key) -> int | None:
        """Return when a file was last absent; days that were not wanted do not count."""
        before = self._before
        if before is None or key in before.listed or key[1] in before.unlisted:
            return None
        return before.wall_ns

    def _shrunk(self, stale: Sequence[SourceFile], look: Look) -> dict[Key, float]:
        left: dict[Key, float] = {}
        for source in stale:
            known = self.files.get(_key(source))
            due_ns = self.reading.calendar.due_ns(source.partition)
            stamp = None if known is None else known.stamp
            left[_key(source)] = self.shrinking.seconds_left(
                source, stamp, due_ns, look.now_ns, began_ns=self._began(source, known, look)
            )
        return {key: seconds for key, seconds in left.items() if seconds > 0}

    def _began(self, source: SourceFile, known: KnownFile | None, look: Look) -> int | None:
        """Return since when a file has been unchanged, if it existed before the first listing.

        As of another instant than now there is no waiting: the file is judged as it is.
        """
        if known is not None or self._before is not None:
            return None
        return source.stamp.mtime_ns if look.live else 0

    def _note_shrunk(self) -> None:
        """Store across restarts since when files have been smaller than before."""
        shrunk = dict(self.shrinking.since_ns)
        if self.state is None or shrunk == self._noted_shrunk:
            return
        try:
            self.state.note_shrunk(shrunk)
        except OSError as error:
            self.state_errors += 1
            log.error("state not written", extra={"reason": str(error)})  # noqa: TRY400  one line
        else:
            self._noted_shrunk = shrunk

    def _wait(self, source: SourceFile, look: Look) -> float:
        if is_remote(source.path):  # an object is complete once it is listed
            return 0.0
        return self.settling.seconds_to_wait(
            source,
            wall_ns=look.wall_ns,
            monotonic=time.monotonic(),
            believe_mtime=not look.live or self._before is None,
            past=not look.live,
        )

    def _is_known(self, key: Key) -> bool:
        """Return whether a file has been read with the current settings."""
        return key in self.files and self.files[key].spec == self.reading.spec

    def _is_current(self, source: SourceFile) -> bool:
        key = _key(source)
        return self._is_known(key) and self.files[key].stamp == source.stamp

    def _read(
        self, due: Sequence[SourceFile], progress: Progress | None
    ) -> Iterator[tuple[SourceFile, Profile | OSError]]:
        """Yield each file with its result. Raises EngineError, and keeps what was read before."""
        try:
            yield from self.reader.read(self.reading, due, progress)
        except EngineError:
            self._save()
            raise

    def _keep(self, source: SourceFile, profile: Profile, look: Look) -> None:
        key, now_ns = _key(source), look.now_ns
        known = self.files.get(key)
        came_before = known is not None and _says_something(source, self.profiles[key])
        # The same rows in other bytes (another line end, a byte order mark) are the same content.
        changed = known is not None and identify(self.profiles[key]) != identify(profile)
        if known is not None and known.spec != self.reading.spec:  # other settings are not comparable
            changed = known.fingerprint != profile.fingerprint
        if known is not None and changed:
            self.changes.append(ContentChange(*key, now_ns, known.fingerprint, profile.fingerprint))
            self.replaced[key] = Replaced(source.stage, now_ns, self.profiles[key])
        self.files[key] = KnownFile(*key, source.stamp, self.reading.spec, profile.fingerprint)
        self.profiles[key] = profile
        self.shrinking.end(key)
        sight = self._sights.pop(key, None)
        since = not look.live and source.stamp.mtime_ns > now_ns  # written since: irrelevant for then
        mute = since or key in self._copied or came_before
        if key not in self.arrivals and _says_something(source, profile) and not mute:
            day = self.reading.calendar.day(source.partition)
            arrival = date_arrival(source.stamp.mtime_ns, day, sight if look.live else None)
            if arrival is not None:
                self.arrivals[key] = arrival
        self.first_partition = min(self.first_partition or source.partition, source.partition)
        same = known is not None and not changed
        self._unsaved.append(
            FileRead(*key, source.stamp, self.reading.spec, profile, self.arrivals.get(key), now_ns, same)
        )

    def _save(self) -> None:
        if not self._unsaved or self.state is None:
            return
        try:
            self.state.remember(self._unsaved)
        except OSError as error:  # kept, and retried at the next pass
            self.state_errors += 1
            log.error("state not written", extra={"reason": str(error), "unsaved": len(self._unsaved)})  # noqa: TRY400
        else:
            self._unsaved = []

    def _facts(
        self, sources: Iterable[SourceFile], failures: Mapping[Key, str], look: Look
    ) -> Iterator[tuple[Key, StageFacts]]:
        for source in sources:
            key = _key(source)
            error = source.fault or failures.get(key)
            if error is not None:
                arrival = self.arrivals.get(key) or Arrival(source.stamp.mtime_ns)
                size, mtime_ns = source.stamp.size, source.stamp.mtime_ns
                yield key, StageFacts(size, mtime_ns, arrival.at_ns, None, error, arrival.clock)
            elif self._is_known(key):
                # A file that is being rewritten keeps the figures of its last complete content until it stops
                # changing.
                yield key, self._last_known(key)
        for key in self.files:
            # The files of a folder that cannot be listed count as unchanged.
            if (key[1] in look.unlisted or key in look.lost) and self._is_known(key):
                yield key, self._last_known(key)

    def _last_known(self, key: Key) -> StageFacts:
        """Return the facts of a file as it was read; the same object while they are unchanged."""
        file, arrival, profile = self.files[key], self.arrivals.get(key), self.profiles[key]
        stated = self._stated.get(key)
        if stated is not None and stated[0] is file and stated[1] is arrival and stated[2] is profile:
            return stated[3]
        stamp, identity = file.stamp, self._identity(key, profile)
        facts = StageFacts(stamp.size, stamp.mtime_ns, None, profile, identity=identity)
        if arrival is not None:
            facts = replace(facts, arrival_ns=arrival.at_ns, arrival_clock=arrival.clock)
        self._stated[key] = (file, arrival, profile, facts)
        return facts

    def _identity(self, key: Key, profile: Profile) -> str:
        """Return the digest of a profile's figures, computed once per profile."""
        known = self._identities.get(key)
        if known is None or known[0] is not profile:
            known = self._identities[key] = (profile, identify(profile))
        return known[1]


def _key(source: SourceFile) -> Key:
    return source.partition, source.stage


def _says_something(source: SourceFile, profile: Profile) -> bool:
    """Return whether content has arrived: a raw file has rows, a later stage's may be empty."""
    if source.stage is Stage.RAW:
        return profile.rows > 0
    # An empty compressed file still has some bytes, as may one of several parts.
    is_plain = not source.parts and ending_of(source.path.name) is None
    return source.stamp.size > 0 if is_plain else bool(profile.columns)
