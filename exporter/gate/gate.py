"""The state derived from the audit log: which holds are in force, and what is acknowledged.

The order of the entries does not matter, and no entry undoes another: an entry can only add a hold, or
end one. So a finding never opens the gate, an acknowledgement or a release never closes it, and two
logs can be merged. Standing acknowledgements and their ends decide which acknowledgements a pass records;
they neither open nor close the gate by themselves.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from exporter.checks.deviation import Side
from exporter.gate.entry import (
    Acknowledged,
    Entry,
    Held,
    Key,
    Limits,
    Released,
    Revoked,
    StandingAcknowledgement,
)
from exporter.model import Partition

SINGLE_LINES = 3  # holds of a check listed on separate lines; more are summarised


@dataclass(frozen=True)
class Gate:
    """The log as of an instant; acknowledgements that have expired by then do not count."""

    entries: tuple[Entry, ...]
    now: datetime

    @property
    def closed(self) -> bool:
        """Whether a hold is in force."""
        return bool(self.holds)

    @property
    def basis(self) -> tuple[object, ...]:
        """Everything its results depend on: two gates with equal values give equal results."""
        said = (entry for entry in self.entries if isinstance(entry, Acknowledged | StandingAcknowledgement))
        lapsed = (entry.has_lapsed(self.now) for entry in said)
        return self.entries, tuple(lapsed)

    @cached_property
    def holds(self) -> tuple[Held, ...]:
        """The holds that have not ended, oldest partition first; the earliest of equal ones."""
        standing: dict[Key, Held] = {}
        for entry in self.entries:
            if isinstance(entry, Held) and not self._has_ended(entry):
                before = standing.get(entry.key, entry)
                standing[entry.key] = min(before, entry, key=lambda held: held.at)
        return tuple(sorted(standing.values(), key=lambda held: held.key))

    @cached_property
    def acknowledgements(self) -> Mapping[Partition, tuple[Acknowledged, ...]]:
        """Every acknowledgement by partition, in the order in which they were made."""
        found: dict[Partition, list[Acknowledged]] = {}
        for entry in self.entries:
            if isinstance(entry, Acknowledged):
                found.setdefault(entry.partition, []).append(entry)
        return {day: tuple(sorted(made, key=lambda entry: entry.at)) for day, made in found.items()}

    @cached_property
    def incident_days(self) -> frozenset[tuple[str, Partition]]:
        """The acknowledged days of incidents, whatever their content."""
        made = (entry for entries in self.acknowledgements.values() for entry in entries)
        return frozenset(
            (entry.incident, entry.partition)
            for entry in made
            if entry.incident and not entry.has_lapsed(self.now)
        )

    @cached_property
    def new_levels(self) -> Mapping[Partition, frozenset[str] | None]:
        """The checks whose new level was declared permanent, by first day; ``None`` means all."""
        found: dict[Partition, frozenset[str] | None] = {}
        for entry in (entry for made in self.acknowledgements.values() for entry in made):
            if entry.new_level is not None and not entry.has_lapsed(self.now):
                known = found.get(entry.new_level, frozenset())
                every = known is None or not entry.checks
                found[entry.new_level] = None if every else (known or frozenset()).union(entry.checks)
        return found

    @cached_property
    def contents(self) -> Mapping[Partition, frozenset[str]]:
        """The contents in entries, by partition."""
        found: dict[Partition, set[str]] = {}
        for entry in self.entries:
            if isinstance(entry, StandingAcknowledgement | Revoked):
                continue
            named = (entry.content,) if isinstance(entry, Held) else entry.contents
            found.setdefault(entry.partition, set()).update(named)
        return {partition: frozenset(names) for partition, names in found.items()}

    @cached_property
    def standing_acknowledgements(self) -> tuple[StandingAcknowledgement, ...]:
        """The standing acknowledgements in force: the newest of each incident, oldest first.

        Revoked and expired ones are not in force.
        """
        newest: dict[str, StandingAcknowledgement] = {}
        for entry in self.entries:
            if isinstance(entry, StandingAcknowledgement):
                before = newest.get(entry.incident, entry)
                newest[entry.incident] = max(before, entry)
        revoked: dict[str, datetime] = {}
        for entry in self.entries:
            if isinstance(entry, Revoked):
                revoked[entry.incident] = max(entry.at, revoked.get(entry.incident, entry.at))
        standing = (
            one
            for one in newest.values()
            if not one.has_lapsed(self.now)
            and not (one.incident in revoked and one.at <= revoked[one.incident])
        )
        return tuple(sorted(standing))

    def acknowledged_beforehand(self, partition: Partition) -> Mapping[tuple[str, str], tuple[Limits, ...]]:
        """Return what standing acknowledgements cover on a day, by cause and subject."""
        found: dict[tuple[str, str], tuple[Limits, ...]] = {}
        for one in self.standing_acknowledgements:
            if partition > one.after:
                found[one.key] = (*found.get(one.key, ()), one.limits)
        return found

    def acknowledged_beforehand_by(
        self, partition: Partition, key: tuple[str, str], severity: str, sides: Collection[Side]
    ) -> StandingAcknowledgement | None:
        """Return the standing acknowledgement of a day's problem, or ``None``."""
        covering = (
            one
            for one in self.standing_acknowledgements
            if partition > one.after and one.key == key and one.limits.allow(severity, sides)
        )
        return next(covering, None)

    @cached_property
    def _standing(self) -> frozenset[Key]:
        return frozenset(held.key for held in self.holds)

    @cached_property
    def _released(self) -> Mapping[tuple[Partition, str], datetime]:
        ends: dict[tuple[Partition, str], datetime] = {}
        for entry in self.entries:
            if isinstance(entry, Released):
                for content in entry.contents:
                    key = (entry.partition, content)
                    ends[key] = max(entry.at, ends.get(key, entry.at))
        return ends

    def _has_ended(self, held: Held) -> bool:
        released = self._released.get((held.partition, held.content))
        return self.is_acknowledged(held.key) or (released is not None and held.at <= released)

    def is_acknowledged(self, key: Key) -> bool:
        """Return whether a check is acknowledged on that content of a partition."""
        return any(entry.covers(key, self.now) for entry in self.acknowledgements.get(key[0], ()))

    def serves(self, partition: Partition, content: str) -> bool | None:
        """Return whether that content was put in the baselines or excluded; the newest decision counts."""
        words = [
            entry.baseline
            for entry in self.acknowledgements.get(partition, ())
            if entry.baseline is not None and entry.counts_for(partition, content, self.now)
        ]
        return words[-1] == "include" if words else None

    def is_held(self, partition: Partition, content: str) -> bool:
        """Return whether a hold is in force on exactly that content."""
        return any((held.partition, held.content) == (partition, content) for held in self.holds)

    def missing(self, found: Iterable[Held]) -> tuple[Held, ...]:
        """Return the findings to record: neither already held nor acknowledged."""
        wanted: dict[Key, Held] = {}
        for held in found:
            if held.key not in self._standing and not self._has_ended(held):
                wanted.setdefault(held.key, held)
        return tuple(wanted.values())


@dataclass(frozen=True, slots=True)
class Status:
    """The gate's status: downstream must wait while it is ``closed``."""

    holds: tuple[Held, ...] = ()
    repaired: frozenset[Key] = frozenset()  # held, although the content has changed and is good now
    blind: str | None = None  # why nothing can be judged

    @property
    def closed(self) -> bool:
        """Whether a hold is in force, or nothing can be judged."""
        return bool(self.holds) or self.blind is not None

    def since_words(self, held: Held) -> str:
        """Describe since when something is held, and whether its files have been repaired."""
        repaired = ", repaired since" if held.key in self.repaired else ""
        return f"since {held.at:%Y-%m-%d %H:%M} UTC{repaired}"

    def group(self) -> Iterator[tuple[str, tuple[Held, ...]]]:
        """Yield the holds by check, oldest partition first: many days are one finding."""
        for check in dict.fromkeys(held.check for held in self.holds):
            yield check, tuple(held for held in self.holds if held.check == check)
