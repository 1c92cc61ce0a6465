"""Read what is new and remember what is known: the profiles of files that stand still."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Self

from exporter.discover.calendar import Calendar
from exporter.gate.content import identify
from exporter.model import Partition, Profile, Replaced, SourceFile, Stage, StageFacts
from exporter.pipeline.settling import Settling
from exporter.profile.grammar import NotCsvError
from exporter.profile.missing import MissingValues
from exporter.profile.run import SPEC_VERSION, FileChanged, profile_file
from exporter.store.state import ContentChange, FileRead, KnownFile, Memory, State

log = logging.getLogger(__name__)

Key = tuple[Partition, Stage]
Progress = Callable[[int, int], None]  # bytes read so far, bytes to read in all
BATCH = 100  # files read between two writes to the state, so that a killed first pass is not lost


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: what the profile of a file depends on beside its bytes."""

    calendar: Calendar
    aliases: Mapping[str, str]
    threads: int = 2
    missing_values: tuple[str, ...] = ()  # beside those that are built in

    @property
    def spec(self) -> str:
        """Name scanner and settings: a profile made under another name must be made again."""
        settings = repr((sorted(self.aliases.items()), str(self.calendar.zone), sorted(self.missing_values)))
        return f"{SPEC_VERSION}-{hashlib.blake2b(settings.encode(), digest_size=6).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one pass of intake found: facts by partition and stage, and what is still to come."""

    stages: Mapping[Key, StageFacts]
    waiting: int
    seconds_to_wait: float | None
    profiled_files: int
    profiled_bytes: int
    seconds: float  # spent reading
    errors: int


@dataclass(slots=True)
class Intake:
    """Keeps the profiles of files by partition and stage; mirrors the state database in memory."""

    reading: Reading
    settling: Settling
    state: State | None
    files: dict[Key, KnownFile]
    profiles: dict[Key, Profile]
    arrivals: dict[Key, int]
    changes: list[ContentChange]
    replaced: dict[Key, Replaced]
    first_partition: Partition | None
    stop: threading.Event = field(default_factory=threading.Event)
    state_errors: int = 0
    _unsaved: list[FileRead] = field(default_factory=list)

    @classmethod
    def begin(cls, reading: Reading, settling: Settling, state: State | None, stop: threading.Event) -> Self:
        """Start from what the state remembers, or from nothing where there is no state."""
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
            stop=stop,
        )

    def take(
        self, sources: Sequence[SourceFile], *, now_ns: int, wall_ns: int, progress: Progress | None = None
    ) -> Taken:
        """Read the files that are new or were replaced and stand still; return facts of all of them.

        ``now_ns`` is the instant that a change of content is dated with, ``wall_ns`` the clock's time.
        """
        self._save()
        stale = [source for source in sources if source.fault is None and not self._is_current(source)]
        waits = {source.path: self._wait(source, wall_ns) for source in stale}
        self.settling.forget_all_but(path for path, wait in waits.items() if wait > 0)
        due = [source for source in stale if waits[source.path] <= 0]
        failures: dict[Key, str] = {}
        moving = 0
        size = 0
        begun = time.perf_counter()
        for source, outcome in self._read_all(due, progress):
            if isinstance(outcome, Profile):
                size += source.stamp.size
                self._keep(source, outcome, now_ns)
            elif isinstance(outcome, FileChanged | FileNotFoundError):
                moving += 1
            else:
                failures[source.partition, source.stage] = _reason(outcome)
        self._save()
        pending = [wait for wait in waits.values() if wait > 0]
        pending += [self.settling.settle_seconds] * moving
        return Taken(
            stages=dict(self._facts(sources, failures)),
            waiting=len(pending),
            seconds_to_wait=min(pending, default=None),
            profiled_files=len(due) - len(failures) - moving,
            profiled_bytes=size,
            seconds=time.perf_counter() - begun,
            errors=len(failures),
        )

    def _wait(self, source: SourceFile, wall_ns: int) -> float:
        return self.settling.seconds_to_wait(source, wall_ns=wall_ns, monotonic=time.monotonic())

    def _is_current(self, source: SourceFile) -> bool:
        known = self.files.get((source.partition, source.stage))
        return known is not None and known.stamp == source.stamp and known.spec == self.reading.spec

    def _read_all(
        self, sources: Sequence[SourceFile], progress: Progress | None
    ) -> Iterator[tuple[SourceFile, Profile | OSError]]:
        total = sum(source.stamp.size for source in sources)
        done = 0
        abreast = min(self.reading.threads, len(sources)) or 1
        inner = max(1, self.reading.threads // abreast)
        with ThreadPoolExecutor(abreast, thread_name_prefix="profile") as pool:
            futures = {pool.submit(self._read, source, inner): source for source in sources}
            for count, future in enumerate(as_completed(futures), start=1):
                source = futures[future]
                yield source, future.result()
                done += source.stamp.size
                if count % BATCH == 0:
                    self._save()
                if progress is not None:
                    progress(done, total)
                if self.stop.is_set():
                    _cancel(futures)
                    return

    def _read(self, source: SourceFile, threads: int) -> Profile | OSError:
        day = self.reading.calendar.day(source.partition)
        try:
            return profile_file(
                source,
                day,
                aliases=self.reading.aliases,
                missing=MissingValues(self.reading.missing_values),
                threads=threads,
            )
        except OSError as error:
            return error

    def _keep(self, source: SourceFile, profile: Profile, now_ns: int) -> None:
        key = (source.partition, source.stage)
        known = self.files.get(key)
        # The same rows in other bytes (another line end, a byte order mark) are no other content.
        changed = known is not None and identify(self.profiles[key]) != identify(profile)
        if known is not None and known.spec != self.reading.spec:  # figures of other settings do not compare
            changed = known.fingerprint != profile.fingerprint
        if known is not None and changed:
            self.changes.append(ContentChange(*key, now_ns, known.fingerprint, profile.fingerprint))
            self.replaced[key] = Replaced(source.stage, now_ns, self.profiles[key])
        self.files[key] = KnownFile(*key, source.stamp, self.reading.spec, profile.fingerprint)
        self.profiles[key] = profile
        arrival = self.arrivals.setdefault(key, source.stamp.mtime_ns)
        self.first_partition = min(self.first_partition or source.partition, source.partition)
        same = known is not None and not changed
        self._unsaved.append(FileRead(*key, source.stamp, self.reading.spec, profile, arrival, now_ns, same))

    def _save(self) -> None:
        if not self._unsaved or self.state is None:
            return
        try:
            self.state.remember(self._unsaved)
        except OSError as error:  # kept, and tried again at the next pass
            self.state_errors += 1
            log.error("state not written", extra={"reason": str(error), "unsaved": len(self._unsaved)})  # noqa: TRY400
        else:
            self._unsaved = []

    def _facts(
        self, sources: Iterable[SourceFile], failures: Mapping[Key, str]
    ) -> Iterator[tuple[Key, StageFacts]]:
        for source in sources:
            key = (source.partition, source.stage)
            error = source.fault or failures.get(key)
            arrival = self.arrivals.get(key, source.stamp.mtime_ns)
            known = self.files.get(key)
            if error is not None:
                yield key, StageFacts(source.stamp.size, source.stamp.mtime_ns, arrival, None, error)
            elif known is not None and known.spec == self.reading.spec:
                # A file that is being rewritten keeps its last whole content's figures until it stands still.
                yield (
                    key,
                    StageFacts(known.stamp.size, known.stamp.mtime_ns, arrival, self.profiles[key]),
                )


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return reason if isinstance(error, NotCsvError) else reason.lower()


def _cancel(futures: Mapping[Future[Profile | OSError], SourceFile]) -> None:
    for future in futures:
        future.cancel()
