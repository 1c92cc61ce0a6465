"""Read new files and keep known profiles, once files have stopped changing."""

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from exporter.engine.engine import EngineError
from exporter.errors import reason_of
from exporter.gate.content import identify
from exporter.model import Gone, Partition, Profile, Replaced, SourceFile, Stage, StageFacts
from exporter.pipeline.arrival import Sight, copied, date_arrival
from exporter.pipeline.meter import Progress
from exporter.pipeline.mirror import Mirror
from exporter.pipeline.reader import Reader, Reading
from exporter.pipeline.settling import Settling
from exporter.pipeline.shrinking import Shrinking
from exporter.places.url import is_remote
from exporter.profiling.run import FileChanged
from exporter.store.files import Arrival, FileRead, Key, KnownFile
from exporter.store.looks import LastLook
from exporter.store.state import State
from exporter.template import ending_of

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

    def after(self, before: Self) -> Self:
        """Return this with the work counted that the same pass had done ``before``."""
        return replace(
            self,
            profiled_files=before.profiled_files + self.profiled_files,
            profiled_bytes=before.profiled_bytes + self.profiled_bytes,
            seconds=before.seconds + self.seconds,
            errors=before.errors + self.errors,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """One listing of the directory. Times in nanoseconds since the epoch.

    ``now_ns`` is the instant of the judgement, ``wall_ns`` the clock's time; they are the same
    except as of another instant than now. ``listed`` is every file of the directory, whether its day
    is among the wanted ``days`` or not; ``unlisted`` are stages whose folder cannot be listed, ``lost`` files
    that count as last seen, ``incomplete`` the days without their marker. ``place`` is the directory.
    """

    now_ns: int
    wall_ns: int
    live: bool = False
    days: frozenset[Partition] = frozenset()
    listed: frozenset[Key] = frozenset()
    unlisted: frozenset[Stage] = frozenset()
    lost: frozenset[Key] = frozenset()
    incomplete: frozenset[Partition] = frozenset()
    place: str = ""


@dataclass(slots=True)
class _Done:
    """How reading the files that were due has ended."""

    files: int = 0  # read
    size: int = 0  # in bytes
    broken: dict[Key, str] = field(default_factory=dict)  # and why
    moving: set[Key] = field(default_factory=set)  # changed, gone or interrupted meanwhile


@dataclass(slots=True)
class Intake:
    """Reads the files that are new or replaced, and remembers them."""

    reading: Reading
    settling: Settling
    mirror: Mirror
    shrinking: Shrinking = field(default_factory=Shrinking)
    reader: Reader = field(default_factory=Reader)
    _sights: dict[Key, Sight] = field(default_factory=dict)  # of unknown files
    _before: Look | None = None  # the previous listing
    _copied: frozenset[Key] = frozenset()

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
        mirror, memory = Mirror.of(state)
        return cls(
            reading=reading,
            settling=settling,
            mirror=mirror,
            shrinking=Shrinking(grace_seconds, dict(memory.shrunk)),
            reader=Reader(stop),
        )

    def begin_again(self, state: State) -> Self:
        """Start from what a state remembers that could not be opened until now."""
        grace = self.shrinking.grace_seconds
        begun = self.begin(self.reading, self.settling, state, self.reader.stop, grace_seconds=grace)
        begun.mirror.errors = self.mirror.errors
        return begun

    def take(self, sources: Sequence[SourceFile], look: Look, progress: Progress | None = None) -> Taken:
        """Read complete files that are new or replaced; return facts of all."""
        self.mirror.save()
        days = look.days | {source.partition for source in sources}
        if days:  # none if nothing can be seen right now
            self.mirror.turn_to(days)
        if self._before is None and not self.mirror.files:
            self._copied = copied(sources)
        self._sight(sources, look)
        stale = [source for source in sources if source.fault is None and not self._is_current(source)]
        self.shrinking.forget_all_but(map(_key, stale))
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
        self.mirror.note_shrunk(self.shrinking.since_ns)
        self._before = look
        if look.live:
            self.mirror.note_looks(dict(self._looks(look)))
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
                self.mirror.save()
        self.mirror.save()
        return done

    def replaced_of(self, partition: Partition) -> tuple[Replaced, ...]:
        """Return what a day's files held before they were replaced, by stage."""
        replaced = self.mirror.replaced
        return tuple(replaced[partition, stage] for stage in Stage if (partition, stage) in replaced)

    def gone_of(self, partition: Partition, there: Collection[Stage]) -> tuple[Gone, ...]:
        """Return what files of a day held that had been read and are not ``there`` any more, by stage."""
        absent = [(partition, stage) for stage in Stage if stage not in there]
        return tuple(
            Gone(
                key[1], None if (arrival := self.mirror.arrivals.get(key)) is None else arrival.at_ns, profile
            )
            for key in absent
            if (profile := self.mirror.profiles.get(key)) is not None
        )

    def _sight(self, sources: Sequence[SourceFile], look: Look) -> None:
        """Note since when unknown files are as they are, and when they were last absent."""
        there = {_key(source): source.stamp for source in sources}
        self._sights = {key: sight for key, sight in self._sights.items() if key in there}
        self.reader.forget_all_but(there.keys())
        for key in there.keys() - self.mirror.files.keys():
            sight, stamp = self._sights.get(key), there[key]
            if sight is None:
                self._sights[key] = Sight(self._last_absent(key, look), look.wall_ns, stamp)
            elif sight.stamp != stamp:  # one that could not be read, and was replaced
                self._sights[key] = Sight(sight.absent_ns, look.wall_ns, stamp)

    def _last_absent(self, key: Key, look: Look) -> int | None:
        """Return when a file was last absent; days that were not wanted do not count.

        At the first listing, as the last process has noted; not by a clock that was ahead then.
        """
        before = self._before
        if before is None:
            noted = self.mirror.looks.get(key[1])
            if noted is None or noted.place != self._place(key[1], look) or noted.at_ns > look.wall_ns:
                return None
            return noted.at_ns if noted.misses(key[0]) else None
        if key in before.listed or key[1] in before.unlisted:
            return None
        return before.wall_ns

    def _looks(self, look: Look) -> Iterator[tuple[Stage, LastLook]]:
        """Yield what a listing tells the next process, by stage: nothing if no day can be seen right now."""
        unsure = look.unlisted | {stage for _, stage in look.lost}
        for stage in self.reading.feed.stages if look.days else ():
            if stage not in unsure:
                since = min(look.days)
                unread = frozenset(
                    day
                    for day, of in look.listed
                    if of is stage and day >= since and (day, of) not in self.mirror.files
                )
                yield stage, LastLook(self._place(stage, look), look.wall_ns, since, unread)

    def _place(self, stage: Stage, look: Look) -> str:
        """Return where and by which names the files of a stage are looked for."""
        return f"{look.place} {self.reading.feed.table(stage).path.spelled}"

    def _shrunk(self, stale: Sequence[SourceFile], look: Look) -> dict[Key, float]:
        left: dict[Key, float] = {}
        for source in stale:
            known = self.mirror.known(_key(source))
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
        known = self.mirror.known(key)
        return known is not None and known.spec == self.reading.spec

    def _is_current(self, source: SourceFile) -> bool:
        key = _key(source)
        return self._is_known(key) and self.mirror.files[key].stamp == source.stamp

    def _read(
        self, due: Sequence[SourceFile], progress: Progress | None
    ) -> Iterator[tuple[SourceFile, Profile | OSError]]:
        """Yield each file with its result. Raises EngineError, and keeps what was read before."""
        try:
            yield from self.reader.read(self.reading, due, progress)
        except EngineError:
            self.mirror.save()
            raise

    def _keep(self, source: SourceFile, profile: Profile, look: Look) -> None:
        key, mirror = _key(source), self.mirror
        known, before = mirror.known(key), mirror.profiles.get(key)
        came_before = before is not None and _says_something(source, before)
        # The same rows in other bytes (another line end, a byte order mark) are the same content.
        changed = before is not None and identify(before) != identify(profile)
        if known is not None and known.spec != self.reading.spec:  # other settings are not comparable
            changed = known.fingerprint != profile.fingerprint
        self.shrinking.end(key)
        arrival = mirror.arrivals.get(key)
        if arrival is None and not came_before:
            arrival = self._arrival(source, profile, look)
        self._sights.pop(key, None)
        stamp, spec, at_ns = source.stamp, self.reading.spec, look.now_ns
        same = known is not None and not changed
        mirror.keep(FileRead(*key, stamp, spec, profile, arrival, at_ns, same), changed=changed)

    def _arrival(self, source: SourceFile, profile: Profile, look: Look) -> Arrival | None:
        """Return when the first content of a file arrived, ``None`` if it has not or that is unknown."""
        key, mtime_ns = _key(source), source.stamp.mtime_ns
        since = not look.live and mtime_ns > look.now_ns  # written since: irrelevant for then
        if since or key in self._copied or not _says_something(source, profile):
            return None
        sight = self._sights.get(key) if look.live else None
        return date_arrival(mtime_ns, self.reading.calendar.day(source.partition), sight)

    def _facts(
        self, sources: Iterable[SourceFile], failures: Mapping[Key, str], look: Look
    ) -> Iterator[tuple[Key, StageFacts]]:
        for source in sources:
            key = _key(source)
            error = source.fault or failures.get(key)
            if error is not None:
                arrival = self.mirror.arrivals.get(key) or Arrival(source.stamp.mtime_ns)
                size, mtime_ns = source.stamp.size, source.stamp.mtime_ns
                yield key, StageFacts(size, mtime_ns, arrival.at_ns, None, error, arrival.clock)
            elif self._is_known(key):
                # A file that is being rewritten keeps the figures of its last complete content until it stops
                # changing.
                yield key, self.mirror.facts_of(key)
        for key in self.mirror.profiles:
            # The files of a folder that cannot be listed count as unchanged.
            if (key[1] in look.unlisted or key in look.lost) and self._is_known(key):
                yield key, self.mirror.facts_of(key)


def _key(source: SourceFile) -> Key:
    return source.partition, source.stage


def _says_something(source: SourceFile, profile: Profile) -> bool:
    """Return whether content has arrived: a raw file has rows, a later stage's may be empty."""
    if source.stage is Stage.RAW:
        return profile.rows > 0
    # An empty compressed file still has some bytes, as may one of several parts.
    is_plain = not source.parts and ending_of(source.path.name) is None
    return source.stamp.size > 0 if is_plain else bool(profile.columns)
