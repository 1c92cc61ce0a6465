"""One pass: list the directory, read what is new, assemble a snapshot."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from exporter.discover.calendar import Calendar, Window, choose_window
from exporter.discover.listing import Listing, list_directory
from exporter.engine.engine import Health
from exporter.errors import UserError, reason_of
from exporter.feed import Feed
from exporter.figures.table import folded_label_values
from exporter.model import NANOSECONDS, Partition, PartitionFacts, SourceFile, Stage
from exporter.pipeline.answers import moment
from exporter.pipeline.gathering import Gatherer
from exporter.pipeline.intake import Intake, Look, Taken
from exporter.pipeline.judge import Found, Judge
from exporter.pipeline.losses import Losses, loss_words
from exporter.pipeline.meter import Progress
from exporter.pipeline.oddities import MOST_NAMES, bounded, oddities
from exporter.pipeline.retention import forgettable
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.places.readable import PlaceError
from exporter.places.url import is_remote, shown
from exporter.store.state import State

NOTHING_TO_JUDGE = Window((), (), frozenset())
SHORTEST_WAIT_SECONDS = 0.05  # before looking again


class DirectoryUnavailableError(UserError):
    """The data directory cannot be listed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a pass: a snapshot, and the seconds until the next one even without events."""

    snapshot: Snapshot
    seconds_to_next: float | None
    waiting: int  # files still changing


@dataclass(frozen=True, slots=True)
class _Seen:
    """A listing of the directory, and what is to be read of it. ``blind`` says why nothing can be judged."""

    look: Look
    listing: Listing
    blind: str | None
    sources: Sequence[SourceFile]


@dataclass(slots=True)
class Refresher:
    """Runs passes over one data directory. Not for use from several threads at a time.

    ``as_of_ns`` fixes the instant of the judgement; without it the clock is read at each pass.
    """

    directory: Path
    calendar: Calendar
    intake: Intake
    judge: Judge
    as_of_ns: int | None = None
    marker: str | None = None  # the strftime name of the file that marks a day as complete
    follow_outside: bool = False  # follow links out of the directory
    digest_hour: int | None = None  # of the day, local time
    vitals: Vitals = field(default_factory=Vitals)
    losses: Losses = field(default_factory=Losses)
    open_state: Callable[[], State | None] = lambda: None  # tries again what failed at the start
    _has_seen: bool = False  # a pass has found something to judge
    _listed: tuple[Feed, Listing] | None = None  # last
    _forgotten: Partition | None = None  # the first day of the window when old days were last dropped
    _gatherer: Gatherer = field(init=False)

    def __post_init__(self) -> None:
        self._gatherer = Gatherer(self.intake)

    @property
    def feed(self) -> Feed:
        """The feed of the files."""
        return self.intake.reading.feed

    def refresh(self, progress: Progress | None = None, *, patience: float = 0.0) -> Outcome:
        """Make one pass, after waiting at most ``patience`` seconds for files that are still changing.

        Raises DirectoryUnavailableError if the data directory cannot be listed; the last snapshot remains
        valid then. Counted in ``vitals`` either way.
        """
        begun = time.perf_counter()
        try:
            outcome = self._pass(progress, patience)
        except BaseException as error:
            gone = isinstance(error, DirectoryUnavailableError)
            self.vitals = replace(self.vitals, source_up=self.vitals.source_up and not gone)
            self._count(begun, succeeded=False)
            raise
        self.vitals = replace(self.vitals, source_up=True)
        self._count(begun, succeeded=True)
        return outcome

    def close(self) -> None:
        """Close the state."""
        if self.intake.mirror.state is not None:
            self.intake.mirror.state.close()

    def _regain_state(self) -> None:
        """Begin again with what the state remembers, if it could not be opened before (a full disk)."""
        if self.intake.mirror.state is not None or self.vitals.passes == 0:  # it has just been tried
            return
        state = self.open_state()
        if state is None:
            self.intake.mirror.errors += 1
            return
        self.intake = self.intake.begin_again(state)
        self._gatherer = Gatherer(self.intake)
        self.judge.begin_again(state)
        rebuilds = self.vitals.state_rebuilds + (state.rebuilt is not None)
        self.vitals = replace(self.vitals, state_rebuilds=rebuilds)

    def _pass(self, progress: Progress | None, patience: float) -> Outcome:
        self._regain_state()
        seen, taken = self._settled(progress, patience)
        look, listing, blind = seen.look, seen.listing, seen.blind
        now_ns, wall_ns = look.now_ns, look.wall_ns
        # Files read in this pass may be a backfill, which makes its partition alertable again.
        window = self._window(listing, now_ns) if blind is None else NOTHING_TO_JUDGE
        problems = [
            *oddities(listing, taken, look, window=window, calendar=self.calendar, marker=self.marker),
            *listing.problems,
        ]
        if self.intake.reading.problem is not None:
            problems.append(self.intake.reading.problem)
        engine = self.intake.reading.engine.health()
        if engine is not None and not engine.up:
            problems.append(f"the engine cannot be used: {engine.reason}")
        try:
            facts = self._gatherer.gather(
                self.calendar,
                window,
                listing,
                taken,
                problems,
                now_ns=now_ns,
                unended_after=self.judge.assembler.rules.figures.unended_after,
            )
        except PlaceError as error:
            raise DirectoryUnavailableError(
                f"data directory {shown(self.directory)}: {error.strerror}"
            ) from None
        self._forget(listing, window)
        snapshot = self.judge.judge(Found(facts, window, now_ns, wall_ns, blind), self.calendar, self.feed)
        problems += self.judge.problems
        self._note(taken, facts.values(), problems, listing, blind, engine=engine)
        return Outcome(snapshot, self._seconds_to_next(taken, now_ns), taken.waiting)

    def _settled(self, progress: Progress | None, patience: float) -> tuple["_Seen", Taken]:
        """Look and read until no file is changing, at most for ``patience`` seconds.

        Nothing is judged meanwhile: of files that arrive together, some can be read before others.
        """
        deadline = time.monotonic() + patience
        seen = self._look()
        taken = self.intake.take(seen.sources, seen.look, progress)
        while taken.waiting and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, max(SHORTEST_WAIT_SECONDS, taken.seconds_to_wait or 0.0)))
            seen = self._look()
            taken = self.intake.take(seen.sources, seen.look, progress).after(taken)
        return seen, taken

    def _look(self) -> "_Seen":
        """List the directory, and choose the days to judge. Raises DirectoryUnavailableError."""
        wall_ns = time.time_ns()
        now_ns = wall_ns if self.as_of_ns is None else self.as_of_ns
        try:
            listing = self._list()
        except OSError as error:
            reason = reason_of(error)
            raise DirectoryUnavailableError(f"data directory {shown(self.directory)}: {reason}") from None
        self._listed = (self.feed, listing)
        listing = self.losses.keep_lost(listing, self.intake.mirror.files)
        blind = self._blindness(listing)
        window = self._window(listing, now_ns) if blind is None else NOTHING_TO_JUDGE
        chosen = {*window.lead_in, *window.exposed}
        look = Look(
            now_ns,
            wall_ns,
            live=self.as_of_ns is None,
            days=frozenset(chosen),
            listed=frozenset(listing.files),
            unlisted=listing.unlisted,
            lost=listing.lost,
            incomplete=frozenset(chosen - listing.markers if self.marker is not None else ()),
            place=shown(self.directory if is_remote(self.directory) else self.directory.absolute()),
        )
        sources = [source for source in listing.files.values() if source.partition in chosen]
        return _Seen(look, listing, blind, sources)

    def _now_ns(self) -> int:
        """Return the instant of the judgement."""
        return time.time_ns() if self.as_of_ns is None else self.as_of_ns

    def _forget(self, listing: Listing, window: Window) -> None:
        """Drop what is remembered of files that no longer exist, once nothing needs it.

        Only if everything could be listed, and once for each window: it moves once a day.
        """
        days = (*window.lead_in, *window.exposed)
        if not days or listing.unlisted or listing.lost or self._forgotten == days[0]:
            return
        keys, calendar = self.intake.mirror.files.keys(), self.calendar
        gone = forgettable(keys, listing.files.keys(), days[0], calendar.window_days, calendar.period)
        self.intake.mirror.forget(gone)
        self._forgotten = days[0]

    def _list(self) -> Listing:
        """List the directory. Raises OSError."""
        before = self._listed
        known = before[1].files.values() if before is not None and before[0] is self.feed else ()
        return list_directory(
            self.directory, self.feed, marker=self.marker, outside=self.follow_outside, known=known
        )

    def _blindness(self, listing: Listing) -> str | None:
        """Return why there is nothing to judge, or ``None`` if there is something.

        Raises DirectoryUnavailableError if known files are gone all at once after a good pass: what was
        last known is better than nothing.
        """
        if Stage.RAW in listing.unlisted:
            return None
        words = loss_words(listing, self.intake.mirror.files, self.calendar.window_days, self.directory)
        if words is not None and self._has_seen:
            raise DirectoryUnavailableError(words)
        if words is not None or listing.files or listing.unlisted:
            return words
        if listing.unmatched:
            names = ", ".join(found.shown for found in listing.unmatched[-MOST_NAMES:])
            return (
                f"no file in {shown(self.directory)} is named like a raw file of a day "
                f"({self.feed.raw.path.spelled}); "
                f"{len(listing.unmatched)} with a date in their name are not read: {names}"
            )
        if any(
            stage is Stage.RAW for _, stage in self.intake.mirror.files
        ):  # a vanished day is a missing day
            return None
        return f"there is no raw file of any day in {shown(self.directory)}: is the directory right?"

    def _seconds_to_next(self, taken: Taken, now_ns: int) -> float | None:
        """Return when to look again: no file event shows that a file stopped changing or a day became due."""
        graces = {
            check.value.after_due_seconds or 0.0 for check in self.judge.assembler.rules.checks if check.value
        }
        due = [] if self.as_of_ns is not None else [self.calendar.seconds_to_due(now_ns, graces)]
        settled = [] if taken.seconds_to_wait is None else [taken.seconds_to_wait]
        graces_left = [] if self.as_of_ns is not None else list(taken.shrunk.values())
        return min(due + settled + graces_left, default=None)

    def _window(self, listing: Listing, now_ns: int) -> Window:
        horizon = self.calendar.alert_days * 86_400 * NANOSECONDS
        return choose_window(
            self.calendar,
            (partition for partition, _ in listing.files if self._has_begun(partition, now_ns)),
            now_ns,
            first_seen=self.intake.mirror.first_partition,
            changed=(
                change.partition
                for change in self.intake.mirror.changes
                if 0 <= now_ns - change.at_ns <= horizon
            ),
        )

    def _has_begun(self, partition: Partition, now_ns: int) -> bool:
        """Return whether a day had begun as of another instant than now; as of now later ones are shown."""
        return self.as_of_ns is None or self.calendar.day(partition).start_ns < now_ns

    def _note(
        self,
        taken: Taken,
        facts: Iterable[PartitionFacts],
        problems: list[str],
        listing: Listing,
        blind: str | None,
        *,
        engine: Health | None,
    ) -> None:
        self._has_seen = self._has_seen or blind is None
        folded = {"event_name": 0, "reason": 0, "task": 0}
        for known in facts:
            for label, count in folded_label_values(known, self.judge.assembler.rules.figures).items():
                folded[label] += count
        before = self.vitals
        self.vitals = replace(
            before,
            profiled_files=before.profiled_files + taken.profiled_files,
            profiled_bytes=before.profiled_bytes + taken.profiled_bytes,
            profiling_seconds=before.profiling_seconds + taken.seconds,
            profile_errors=before.profile_errors + taken.errors,
            engine_up=None if engine is None else engine.up,
            unreadable_files=sum(known.profile is None for known in taken.stages.values()),
            waiting_files=taken.waiting,
            unmatched_files=len(listing.unmatched),
            unlisted_folders=len(listing.unlisted) + listing.lost_folders,
            blind=blind is not None,
            folded_label_values=folded,
            problems=bounded(problems),
        )

    def disown(self, before: Vitals) -> None:
        """Count the last pass as failed after all: its result could not be published.

        ``before`` are the vitals from before it.
        """
        self.vitals = replace(
            self.vitals,
            failed_passes=before.failed_passes + 1,
            last_pass_succeeded=False,
            last_success_at=before.last_success_at,
        )

    def _count(self, begun: float, *, succeeded: bool) -> None:
        now = time.time()
        before = self.vitals
        self.vitals = replace(
            before,
            passes=before.passes + 1,
            failed_passes=before.failed_passes + (not succeeded),
            last_pass_succeeded=succeeded,
            last_pass_seconds=time.perf_counter() - begun,
            last_pass_at=now,
            last_success_at=now if succeeded else before.last_success_at,
            blind=before.blind if succeeded else True,
            state_errors=self.intake.mirror.errors + self.judge.state_errors,
            gate_errors=self.judge.keeper.errors,
            gate_broken_lines=self.judge.keeper.broken,
            # By the clock, not by what was judged last: a pass that fails judges nothing.
            digest_due=moment(self._now_ns()).astimezone(self.calendar.zone).hour == self.digest_hour,
        )
