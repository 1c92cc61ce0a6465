"""Read files: the profile of each, by the engine, and the answers to the contract's queries."""

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from exporter.discover.calendar import Calendar
from exporter.engine.engine import Engine, EngineError
from exporter.engine.local import LOCAL
from exporter.errors import reason_of
from exporter.feed import Feed, Query, Table
from exporter.model import Profile, SourceFile, Stage, Stamp
from exporter.pipeline.meter import Meter, Progress
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.missing import MissingValues
from exporter.profiling.run import SPEC_VERSION, open_rows, profile_file
from exporter.profiling.unpack import USUAL, Expansion
from exporter.queries.answer import DEFAULTS, NOT_INSTALLED, Answer, Bounds, Known, answer, is_installed
from exporter.store.files import Key


@dataclass(frozen=True)
class Reading:
    """How files are read: what a profile depends on besides the file's bytes."""

    calendar: Calendar
    feed: Feed
    threads: int = 2
    missing_values: tuple[str, ...] = ()  # in addition to built-in ones
    bounds: Bounds = DEFAULTS  # of the contract's queries
    expansion: Expansion = USUAL  # what a compressed file may expand to
    engine: Engine = LOCAL  # what reads them; does not affect figures

    @cached_property
    def spec(self) -> str:
        """Identify scanner and settings: a profile with another identity must be computed again."""
        tables = [self.feed.read_as(stage).read_by for stage in self.feed.tables]
        settings = repr((tables, str(self.calendar.zone), sorted(self.missing_values)))
        if self.feed.queries:
            settings += repr((self.feed.queries, self.bounds, is_installed()))
        return f"{SPEC_VERSION}-{hashlib.blake2b(settings.encode(), digest_size=6).hexdigest()}"

    @property
    def missing(self) -> MissingValues:
        """All words for a missing value."""
        return MissingValues(self.missing_values)

    def queries(self, stage: Stage) -> tuple[Query, ...]:
        """Return the queries of a stage's files."""
        return tuple(query for query in self.feed.queries if query.stage is stage)

    @property
    def problem(self) -> str | None:
        """Return why queries cannot be run, or ``None`` if they can."""
        if not self.feed.queries or is_installed():
            return None
        return f"{len(self.feed.queries)} queries of the contract have no result: {NOT_INSTALLED}"


_Basis = tuple[Stamp, Expansion, str]  # all that decides whether a file can be read, but its permissions


class _Share(NamedTuple):
    """The resources for reading one file: threads, a lock for queries, and a progress meter."""

    threads: int
    asking: threading.Semaphore
    meter: Meter


@dataclass(slots=True)
class Reader:
    """Reads files until asked to stop; remembers which cannot be read whatever happens."""

    stop: threading.Event = field(default_factory=threading.Event)
    _damaged: dict[Key, tuple[_Basis, str]] = field(default_factory=dict)

    def damage_of(self, reading: Reading, source: SourceFile) -> str | None:
        """Return why a file could not be read, if only other bytes or settings can change that."""
        basis, damage = self._damaged.get((source.partition, source.stage), (None, None))
        return damage if basis == _basis(reading, source) else None

    def forget_all_but(self, keys: Iterable[Key]) -> None:
        """Drop what is gone."""
        keep = set(keys)
        self._damaged = {key: known for key, known in self._damaged.items() if key in keep}

    def read(
        self, reading: Reading, sources: Sequence[SourceFile], progress: Progress | None
    ) -> Iterator[tuple[SourceFile, Profile | OSError]]:
        """Yield each file with its result, in the order in which they finish. Raises EngineError."""
        threads = reading.threads
        abreast = min(reading.engine.abreast(threads), len(sources)) or 1
        meter = Meter(sum(source.stamp.size for source in sources), progress)
        share = _Share(max(1, threads // abreast), threading.Semaphore(threads), meter)
        with ThreadPoolExecutor(abreast, thread_name_prefix="profile") as pool:
            futures = {pool.submit(self._read, reading, source, share): source for source in sources}
            for future in as_completed(futures):
                try:
                    outcome = future.result()
                except EngineError:
                    _cancel(futures)
                    raise
                yield futures[future], outcome
                if self.stop.is_set():
                    _cancel(futures)
                    return

    def _read(self, reading: Reading, source: SourceFile, share: _Share) -> Profile | OSError:
        progress = share.meter.begin(source.stamp.size)
        day = reading.calendar.day(source.partition)
        table = reading.feed.read_as(source.stage)
        try:
            profile = profile_file(
                source,
                day,
                table=table,
                missing=reading.missing,
                threads=share.threads,
                expansion=reading.expansion,
                read=reading.engine.read,
                advance=progress.add,
            )
            with share.asking:
                return self._ask(reading, source, table, profile)
        except NotCsvError as error:
            self._damaged[source.partition, source.stage] = _basis(reading, source), reason_of(error)
            return error
        except OSError as error:
            return error
        finally:
            progress.end()

    def _ask(self, reading: Reading, source: SourceFile, table: Table, profile: Profile) -> Profile:
        """Add the results of the contract's queries. Raises InterruptedError when asked to stop."""
        queries = reading.queries(source.stage)
        if not queries:
            return profile
        known = Known(str(reading.calendar.zone), reading.missing, profile)
        found: Mapping[str, Answer]
        try:
            with open_rows(source, table.form, reading.expansion) as rows:
                found = answer(
                    rows.file,
                    replace(table, form=rows.form),
                    queries,
                    reading.bounds,
                    known=known,
                    stopped=self.stop.is_set,
                )
        except NotCsvError as error:  # its parts differ
            found = {query.name: reason_of(error) for query in queries}
        return replace(
            profile,
            answers={name: known for name, known in found.items() if not isinstance(known, str)},
            unanswered={name: known for name, known in found.items() if isinstance(known, str)},
        )


def _basis(reading: Reading, source: SourceFile) -> _Basis:
    return source.stamp, reading.expansion, reading.spec


def _cancel(futures: Mapping[Future[Profile | OSError], SourceFile]) -> None:
    for future in futures:
        future.cancel()
