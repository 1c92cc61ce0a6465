"""Random histories from a seed, covering every state of a day. Each is a feed of its own."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from feeds import EXPECTED_COLUMNS
from made import CALENDAR, profile, stage_facts

from exporter.checks.check import Check
from exporter.model import NANOSECONDS, DqClaim, PartitionFacts, Profile, Stage, TaskRun
from exporter.profiling.order_tally import Defect

LEAD_IN = 34
LONGEST = 16
SHORT_LEAD_IN = 7  # too short for detectors: the 7-day rule applies
LONG_SHARE = 0.3
ACKNOWLEDGED_SHARE = 0.15
AS_OF_NS = 1_741_500_000 * NANOSECONDS
LAST = date(2025, 3, 8)
SIZES = (0.0, 1e-200, 1e-9, 1.0, 1e3, 1e12, 1e200, 1.5e308)
DAY_SECONDS = 86_400
# No simple fractions: if a value equals its limit to the last digit, the rounding of a mean decides.
FACTORS = (0.0, 0.2071, 1.6181)


@dataclass(frozen=True, slots=True)
class History:
    """Partitions oldest first, those before the window and those in it."""

    seed: int
    lead_in: tuple[PartitionFacts, ...]
    exposed: tuple[PartitionFacts, ...]

    @property
    def days(self) -> int:
        """How many days are there."""
        return len(self.lead_in) + len(self.exposed)


def make_history(seed: int, checks: tuple[Check, ...]) -> History:
    """Make a history that ends the day before it is evaluated; equal seeds make equal histories."""
    random = Random(seed)
    temper = Temper(random)
    before = LEAD_IN if random.random() < LONG_SHARE else SHORT_LEAD_IN
    count = before + random.randint(1, LONGEST)
    days = [LAST - timedelta(days=number) for number in reversed(range(count))]
    facts = [make_partition(random, temper, day, judged=day >= days[before]) for day in days]
    here = [known for known in facts if known is not None]
    lead_in = tuple(known for known in here if known.partition < days[before])
    exposed = tuple(known for known in here if known.partition >= days[before])
    names = [check.name for check in checks]
    answered = tuple(
        replace(known, acknowledged=frozenset(random.sample(names, random.randint(1, len(names)))))
        if random.random() < ACKNOWLEDGED_SHARE
        else known
        for known in exposed
    )
    return History(seed, lead_in, answered)


class Temper:
    """Parameters shared by the days of one history."""

    def __init__(self, random: Random) -> None:
        self.rows = random.choice((0, 1, 20, 1000, 3_000_000))
        self.revenue = random.choice(SIZES)
        self.noise = random.choice((0.0, 0.0, 0.05, 0.5, 3.0))
        self.trouble = random.choice((0.0, 0.05, 0.3))

    def around(self, random: Random, middle: float) -> float:
        """Return a value near the middle, or the middle if there is no noise."""
        if random.random() < self.trouble:
            middle *= random.choice(FACTORS)
        return middle * max(0.0, 1 + self.noise * random.uniform(-0.5, 0.5))


def make_partition(random: Random, temper: Temper, day: date, *, judged: bool) -> PartitionFacts | None:
    """Make one partition, or ``None`` for a day that is not in the calendar."""
    if random.random() < temper.trouble / 2:
        return None
    due = AS_OF_NS - random.choice((-3600, 0, 1, 3600, 7200, 7201, 3 * DAY_SECONDS)) * NANOSECONDS
    rows = round(temper.around(random, temper.rows))
    stages = {}
    for stage, share in ((Stage.RAW, 1.0), (Stage.CLEAN, 0.96), (Stage.REJECTS, 0.04)):
        if random.random() < temper.trouble / 2:
            continue
        lost = random.random() < temper.trouble / 2
        content = make_profile(random, temper, stage, 0 if lost else round(rows * share))
        arrival = due + random.choice((-3600, 0, 1, 7200)) * NANOSECONDS
        broken = random.random() < temper.trouble / 4
        stages[stage] = stage_facts(
            None if broken else content, arrival_ns=arrival, error="broken" if broken else None
        )
    return PartitionFacts(
        day=CALENDAR.day(day),
        due_ns=due,
        alertable=judged and random.random() < 0.8,
        stages=stages,
        dq=random.choice((None, DqClaim(rows, round(rows * 0.96), round(rows * 0.04)), DqClaim(rows, 0, 1))),
        tasks=make_tasks(random, temper),
    )


def make_profile(random: Random, temper: Temper, stage: Stage, rows: int) -> Profile:
    """Make the profile of one file."""

    def part(limit: int = rows) -> int:
        return random.choice((0, 0, limit, random.randint(0, limit), round(limit * 0.02)))

    checkouts = min(rows, random.choice((0, 1, 20)))
    columns = EXPECTED_COLUMNS[stage]
    if random.random() < temper.trouble / 3:
        columns = columns[1:]
    trouble = random.random() < temper.trouble
    revenue = temper.around(random, temper.revenue)
    return profile(
        stage,
        rows,
        columns=columns,
        malformed_rows=part() if trouble else 0,
        missing={name: part() if trouble else 0 for name in ("client_id", "timestamp", "event_name")},
        events=make_events(random, rows, checkouts),
        unparseable_timestamps=part() if trouble else 0,
        invalid_utf8_lines=part() if trouble else 0,
        malformed_orders=part(checkouts) if trouble else 0,
        truncated=trouble and random.random() < 0.1,
        unanswered={"orders_per_client": "it takes longer than 30 s"} if trouble and rows % 3 == 0 else {},
        checkouts=checkouts,
        defects={defect: part(checkouts) if trouble else 0 for defect in Defect},
        revenue=random.choice((revenue, revenue, -0.9137 * revenue)) if trouble else revenue,
        referrer_null=part(),
        referrer_synthetic=part() if trouble else round(rows * 0.1),
        out_of_day_rows=part() if trouble else 0,
        longest_silence_seconds=random.choice((0, 7200, 7260)) if rows else None,
        reasons={"missing_client_id": rows} if stage is Stage.REJECTS and rows else {},
    )


def make_events(random: Random, rows: int, checkouts: int) -> dict[str, int]:
    """Make a day's events: now and then a name disappears and another appears."""
    events = {"page_viewed": rows - checkouts, "checkout_completed": checkouts}
    other = random.choice(("product_added_to_cart", "purchase", None))
    if other is not None:
        events[other] = rows // 10
    if random.random() < 0.05:
        del events["page_viewed"]
    return {name: count for name, count in events.items() if count > 0}


def make_tasks(random: Random, temper: Temper) -> dict[str, TaskRun]:
    """Make the runs of two tasks, sometimes failed, slow or without an end."""
    begun = datetime(2025, 1, 1, 6, tzinfo=UTC)
    runs = {}
    for task in ("dq", "load"):
        if random.random() < temper.trouble:
            seconds = random.choice((1, 7200, 7201, None))
            ended = None if seconds is None else begun + timedelta(seconds=seconds)
            code = None if ended is None else random.choice((0, 1))
            runs[task] = TaskRun(task, begun, ended, code, unended=ended is None)
    return runs
