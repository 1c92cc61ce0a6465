"""The plan of a soak, drawn from a seed in advance: what happens to which day, and what must be reported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from exporter.incidents.incident import incident_id

DUE = timedelta(days=1, hours=6)  # after the midnight at which a day begins
EARLY = (timedelta(minutes=40), timedelta(minutes=110))  # a day's file arrives this long before it is due
SHORT = (9, 14)  # hours after it was due until the file arrives, or someone acts
LONG = (27, 34)
RELEASED_AFTER = timedelta(
    hours=9
)  # the repair of a held day; before the next day is due, which ends lateness
LONGEST_COLUMN = 3  # days without the column
APART = (4, 7)  # good days between two troubles: with two or fewer, a cause would be the same incident
ONE_DAY = timedelta(days=1)
COLUMN = "amount"


class Trouble(StrEnum):
    """What happens to a day."""

    LATE = "late"
    MISSING = "missing"  # until the next day
    CORRUPT = "corrupt"  # a truncated archive, replaced hours later and acknowledged after that
    COLUMN = "column"  # lost for one to three days; acknowledged for all of them, so at most once per feed
    KEYS = "keys"  # a repeated key that nobody does anything about


class Form(StrEnum):
    """What a file looks like."""

    GOOD = "good"
    TRUNCATED = "truncated"
    NO_COLUMN = "no column"
    REPEATED = "repeated key"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A day's file, put in place at a time (aware)."""

    at: datetime
    feed: str
    partition: date
    form: Form = Form.GOOD


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement of an incident including later days or, without one, of a day."""

    at: datetime
    feed: str
    partition: date
    incident: str
    reason: str  # unique


@dataclass(frozen=True, slots=True)
class Told:
    """An incident that must be reported once: on Slack and, if critical, by PagerDuty and mail."""

    incident: str
    feed: str
    partition: date
    cause: str
    critical: bool
    end: str = ""  # repaired or acknowledged; empty if its end is not reported
    ends: datetime | None = None  # when that happens


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that happens, each in order of time, and everything that must be reported."""

    deliveries: Sequence[Delivery]
    answers: Sequence[Answer]
    told: Sequence[Told]
    troubles: Sequence[tuple[str, date, Trouble]]


@dataclass(slots=True)
class _Draft:
    deliveries: list[Delivery]
    answers: list[Answer]
    told: list[Told]
    troubles: list[tuple[str, date, Trouble]]


def feed_names(count: int) -> list[str]:
    """Return the names of the feeds."""
    return [f"feed-{number:02}" for number in range(1, count + 1)]


def due_at(partition: date) -> datetime:
    """Return when a day's file is due."""
    return datetime.combine(partition, time(), UTC) + DUE


def draw_plan(seed: int, feeds: int, first: date, days: int) -> Plan:
    """Draw what happens to the days from ``first`` on; the last day is good in every feed."""
    draft = _Draft([], [], [], [])
    for feed in feed_names(feeds):
        chance = Random(f"{seed} {feed}")
        bad = dict(_troubles(chance, first, days))
        skipped = 0
        for number in range(days):
            partition = first + number * ONE_DAY
            if skipped:  # reported with the day before
                skipped -= 1
            elif partition in bad:
                draft.troubles.append((feed, partition, bad[partition][0]))
                _happen(draft, chance, feed, partition, bad[partition])
                skipped = bad[partition][1] - 1
            else:
                draft.deliveries.append(Delivery(_early(chance, partition), feed, partition))
    return Plan(
        sorted(draft.deliveries, key=lambda one: (one.at, one.feed)),
        sorted(draft.answers, key=lambda one: (one.at, one.feed)),
        draft.told,
        draft.troubles,
    )


def _troubles(chance: Random, first: date, days: int) -> Iterator[tuple[date, tuple[Trouble, int]]]:
    """Yield troubles by the day on which they begin, with the number of days they last."""
    number = chance.randint(0, min(3, max(days - 3, 0)))
    left = list(Trouble)
    while True:
        trouble = chance.choice(left)
        length = chance.randint(1, LONGEST_COLUMN) if trouble is Trouble.COLUMN else 1
        if number + length > days - 2:
            return
        yield first + number * ONE_DAY, (trouble, length)
        if trouble is Trouble.COLUMN:
            left.remove(trouble)
        number += length + chance.randint(*APART)


def _happen(draft: _Draft, chance: Random, feed: str, partition: date, trouble: tuple[Trouble, int]) -> None:
    kind, length = trouble
    came = _early(chance, partition)
    later = due_at(partition) + timedelta(hours=chance.uniform(*(LONG if kind is Trouble.MISSING else SHORT)))
    match kind:
        case Trouble.LATE | Trouble.MISSING:
            draft.deliveries.append(Delivery(later, feed, partition))
            draft.told.append(_told(feed, partition, "partition_missing", critical=True, ends=later))
            draft.told.append(_told(feed, partition, "partition_late"))
        case Trouble.CORRUPT:
            draft.deliveries.append(Delivery(came, feed, partition, Form.TRUNCATED))
            draft.deliveries.append(Delivery(later, feed, partition))
            draft.told.append(_told(feed, partition, "file_form", critical=True, ends=later))
            answered = later + RELEASED_AFTER
            draft.told.append(_told(feed, partition, "partition_late", end="acknowledged", ends=answered))
            reason = f"soak: {feed} {partition} repaired"
            draft.answers.append(Answer(answered, feed, partition, "", reason))
        case Trouble.COLUMN:
            for number in range(length):
                day = partition + number * ONE_DAY
                draft.deliveries.append(Delivery(_early(chance, day), feed, day, Form.NO_COLUMN))
            told = _told(
                feed, partition, "column_missing", COLUMN, critical=True, end="acknowledged", ends=later
            )
            draft.told.append(told)
            reason = f"soak: {feed} {partition} known"
            draft.answers.append(Answer(later, feed, partition, told.incident, reason))
        case Trouble.KEYS:
            draft.deliveries.append(Delivery(came, feed, partition, Form.REPEATED))
            draft.told.append(_told(feed, partition, "raw_duplicate_values"))


def _told(
    feed: str,
    partition: date,
    cause: str,
    subject: str = "",
    *,
    critical: bool = False,
    end: str = "repaired",
    ends: datetime | None = None,
) -> Told:
    name = incident_id(feed, cause, subject, partition)
    return Told(name, feed, partition, cause, critical, "" if ends is None else end, ends)


def _early(chance: Random, partition: date) -> datetime:
    least, most = (span.total_seconds() for span in EARLY)
    return due_at(partition) - timedelta(seconds=chance.uniform(least, most))
