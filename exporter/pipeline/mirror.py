"""What is remembered of files, in memory as in the state; without a state, by this process alone."""

import logging
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from exporter.gate.content import identify
from exporter.model import NANOSECONDS, Partition, Profile, Replaced, Stage, StageFacts
from exporter.store.files import KEPT_CHANGES, Arrival, ContentChange, FileRead, Key, KnownFile, Memory
from exporter.store.looks import LastLook
from exporter.store.state import State

log = logging.getLogger(__name__)

LOOK_SECONDS = 60  # between two notes of when files were listed


@dataclass(slots=True)
class Mirror:
    """How each file was last read, and the contents of the days of the last pass.

    A directory may have years of files, of which a pass needs the days of its window: the profiles of all
    others stay in the state. What cannot be stored is kept, and tried again at the next pass.
    """

    state: State | None
    files: dict[Key, KnownFile]
    arrivals: dict[Key, Arrival]
    changes: deque[ContentChange]
    first_partition: Partition | None
    profiles: dict[Key, Profile] = field(default_factory=dict)
    replaced: dict[Key, Replaced] = field(default_factory=dict)
    errors: int = 0  # of the state
    _facts: dict[Key, tuple[Profile, StageFacts]] = field(default_factory=dict)
    _days: frozenset[Partition] = frozenset()  # of which everything stored has been loaded
    _unsaved: list[FileRead] = field(default_factory=list)
    looks: dict[Stage, LastLook] = field(default_factory=dict)  # as stored
    _noted_shrunk: Mapping[Key, int] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State | None) -> tuple[Self, Memory]:
        """Return a mirror of a state, and everything that was found in it. Raises StateError."""
        memory = Memory() if state is None else state.load()
        begun = cls(
            state,
            dict(memory.files),
            dict(memory.arrivals),
            deque(memory.changes, KEPT_CHANGES),
            memory.first_partition,
            looks=dict(memory.looks),
            _noted_shrunk=memory.shrunk,
        )
        return begun, memory

    def known(self, key: Key) -> KnownFile | None:
        """Return how a file was last read, if what it contained then is still known."""
        return self.files.get(key) if key in self.profiles else None

    def facts_of(self, key: Key) -> StageFacts:
        """Return the facts of a file as it was read; the same object until it is read again."""
        profile = self.profiles[key]
        made = self._facts.get(key)
        if made is None or made[0] is not profile:
            made = self._facts[key] = (profile, self._made(key, profile))
        return made[1]

    def _made(self, key: Key, profile: Profile) -> StageFacts:
        stamp, arrival = self.files[key].stamp, self.arrivals.get(key)
        facts = StageFacts(stamp.size, stamp.mtime_ns, None, profile, identity=identify(profile))
        if arrival is None:
            return facts
        return replace(facts, arrival_ns=arrival.at_ns, arrival_clock=arrival.clock)

    def turn_to(self, days: Collection[Partition]) -> None:
        """Drop the contents of all other days, and load what is stored of these.

        What cannot be loaded or decoded is read from its file again.
        """
        self.profiles = {key: profile for key, profile in self.profiles.items() if key[0] in days}
        self.replaced = {key: before for key, before in self.replaced.items() if key[0] in days}
        self._facts = {key: made for key, made in self._facts.items() if key[0] in days}
        fresh, self._days = frozenset(days) - self._days, self._days & frozenset(days)
        try:
            self._load(fresh)
        except OSError as error:
            self._complain("state not read", error)
        else:
            self._days |= fresh

    def _load(self, days: Collection[Partition]) -> None:
        last = [(key, file.fingerprint, file.spec) for key, file in self.files.items() if key[0] in days]
        if self.state is None or not last:
            return
        newest = {
            (change.partition, change.stage): change for change in self.changes if change.partition in days
        }
        before = self.state.load_profiles((key, change.before, None) for key, change in newest.items())
        self.profiles = {**self.state.load_profiles(last), **self.profiles}
        for key, profile in before.items():
            self.replaced.setdefault(key, Replaced(key[1], newest[key].at_ns, profile))

    def keep(self, read: FileRead, *, changed: bool) -> None:
        """Remember a reading; ``changed``: it replaces other content, which is known."""
        key, fingerprint = (read.partition, read.stage), read.profile.fingerprint
        if changed:
            self.changes.append(ContentChange(*key, read.at_ns, self.profiles[key].fingerprint, fingerprint))
            self.replaced[key] = Replaced(read.stage, read.at_ns, self.profiles[key])
        self.files[key] = KnownFile(*key, read.stamp, read.spec, fingerprint)
        self.profiles[key] = read.profile
        if read.arrival is not None:
            self.arrivals[key] = read.arrival
        self.first_partition = min(self.first_partition or read.partition, read.partition)
        self._unsaved.append(read)

    def save(self) -> None:
        """Store what has been read."""
        if self.state is None:
            self._unsaved.clear()
        if self.state is None or not self._unsaved:
            return
        try:
            self.state.remember(self._unsaved)
        except OSError as error:
            self._complain("state not written", error)
        else:
            self._unsaved = []

    def note_shrunk(self, shrunk: Mapping[Key, int]) -> None:
        """Store since when files have been smaller than before, for a restart."""
        if self.state is None or shrunk == self._noted_shrunk:
            return
        try:
            self.state.note_shrunk(shrunk)
        except OSError as error:
            self._complain("state not written", error)
        else:
            self._noted_shrunk = dict(shrunk)

    def note_looks(self, looks: Mapping[Stage, LastLook]) -> None:
        """Store when stages were listed, for the next process. An older look is as true: seldom is enough."""
        if self.state is None or self._unsaved:  # what could not be stored would count as absent
            return
        due = {stage: look for stage, look in looks.items() if _is_newer(look, self.looks.get(stage))}
        if not due:
            return
        try:
            self.state.note_looks(due)
        except OSError as error:
            self._complain("state not written", error)
        else:
            self.looks |= due

    def forget(self, days: Collection[Partition]) -> None:
        """Drop everything that is remembered of the files of these days."""
        if not days:
            return
        if self.state is not None:
            try:
                self.state.forget(days)
            except OSError as error:
                self._complain("state not written", error)
                return
        self.files = {key: file for key, file in self.files.items() if key[0] not in days}
        self.arrivals = {key: arrival for key, arrival in self.arrivals.items() if key[0] not in days}

    def _complain(self, what: str, error: OSError) -> None:
        self.errors += 1
        log.error(what, extra={"reason": str(error), "unsaved": len(self._unsaved)})


def _is_newer(look: LastLook, noted: LastLook | None) -> bool:
    """Return whether a look is worth a note; after a clock was set back, it is."""
    if noted is None or noted.place != look.place:
        return True
    return not 0 <= look.at_ns - noted.at_ns < LOOK_SECONDS * NANOSECONDS
