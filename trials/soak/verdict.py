"""The results of a soak: reported and planned incidents, acknowledgements, and the use of resources."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trials.soak.drift import Slope, medians, theil_sen
from trials.soak.journal import Answered, Life, Record
from trials.soak.kills import Name
from trials.soak.limits import forgiven, known_limit
from trials.soak.notes import DATA_LEAD, MAIL, ON_CALL, SLACK, Heard, Note, Stage
from trials.soak.pace import Pace
from trials.soak.troubles import Plan, Told

BLOCK = 20.0  # seconds; see drift.medians
LEAST_LIFE = 20 * BLOCK
GROWTH = (
    0.02  # growth of a process's memory over its longest life that is allowed if the interval excludes zero
)
NOT_ASKED = Answered("", "", confirmed=False, tries=0, refusal="nobody asked")
EXPLAINED = {  # alerts about the monitoring that the plan causes
    "PuffyExporterDown": "the exporter was killed",
    "PuffySourceDown": "the exporter was killed, and has not looked at this feed again yet",
    "PuffyBlind": "the same",
    "PuffyAlertmanagerUnreachable": "Alertmanager was killed",
    "PuffyNotificationsFailing": "the receiver was killed",
    "PuffyProfilingErrors": "a truncated file cannot be read",
    "PuffyRulesSlow": "the machine cannot keep up, which by itself loses and repeats messages",
    "PuffyGateClosedLong": "a held day waits for its acknowledgement for longer than four hours",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """What a process used over its longest life, after its warm-up."""

    name: str
    seconds: float
    resident: tuple[float, float]  # bytes, in the first and last tenth
    slope: Slope | None  # bytes per second
    files: tuple[int, int]  # fewest and most
    threads: tuple[int, int]

    @property
    def grows(self) -> bool:
        """Whether its memory grows by more than noise, and by a notable amount."""
        if self.slope is None or self.slope.low <= 0:
            return False
        return self.slope.low * self.seconds > GROWTH * self.resident[0]


@dataclass(slots=True)
class Verdict:
    """All results. ``faults`` has a line for everything that must not happen."""

    expected: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)  # lost where the servers guarantee nothing
    unplanned: list[str] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)  # repeats that at-least-once delivery allows
    repeated: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def expected_notes(told: Told) -> Iterator[Note]:
    """Yield the notifications that an incident must cause."""
    pages = (ON_CALL, DATA_LEAD) if told.critical else ()
    yield Note(told.incident, SLACK, Stage.OPEN)
    if told.critical:
        yield Note(told.incident, MAIL, Stage.OPEN)
    for way in pages:
        yield Note(told.incident, way, Stage.OPEN)
        yield Note(told.incident, way, Stage.END)
    if told.end:
        yield Note(told.incident, SLACK, Stage.END)


def judge_notes(plan: Plan, heard: Heard, record: Record, pace: Pace) -> Verdict:
    """Compare the notifications with the plan."""
    verdict = Verdict()
    about = {note: told for told in plan.told for note in expected_notes(told)}
    windows = forgiven(record, pace)
    for note, told in about.items():
        verdict.expected[_way(note)] += 1
        if note not in heard.notes:
            limit = known_limit(note, told, record, pace)
            lost = verdict.lost if limit is None else verdict.limits
            lost.append(f"{_way(note)}: {_words(told)}" + ("" if limit is None else f": {limit}"))
    known = {told.incident: told for told in plan.told}
    for note, times in heard.notes.items():
        words = f"{_way(note)}: {_words(known[note.incident]) if note.incident in known else note.incident}"
        verdict.received[_way(note)] += 1
        if note not in about:
            verdict.unplanned.append(words)
        for before in times[:-1]:
            is_promised = any(begin <= before <= end for begin, end in windows)
            (verdict.promised if is_promised else verdict.repeated).append(words)
    verdict.faults += [f"lost: {words}" for words in verdict.lost]
    verdict.faults += [f"not in the plan: {words}" for words in verdict.unplanned]
    verdict.faults += [f"repeated without a kill: {words}" for words in verdict.repeated]
    verdict.faults += [f"not understood: {words}" for words in heard.unclear]
    verdict.faults += [
        f"{count} messages of {name}, which nothing in the plan explains"
        for name, count in heard.meta.items()
        if name not in EXPLAINED
    ]
    return verdict


def judge_answers(plan: Plan, record: Record, on_record: Collection[str]) -> list[str]:
    """Return what is wrong with acknowledgements; ``on_record`` are the reasons in the audit logs."""
    faults = [
        f"lost acknowledgement: {answered.reason}"
        for answered in record.answers
        if answered.confirmed and answered.reason not in on_record
    ]
    last = {answered.reason: answered for answered in record.answers}
    for answer in plan.answers:
        found = last.get(answer.reason, NOT_ASKED)
        if answer.reason not in on_record and not found.confirmed:
            faults.append(f"never taken: {answer.reason}: {found.refusal}")
    return faults


def judge_end(record: Record) -> list[str]:
    """Return what is still open or held after the last good day, and which programs have died."""
    faults = [f"ended by itself: {name}" for name in record.died]
    for what in ("open", "held", "disagreeing"):
        faults += [f"at the end {what}: {words}" for words in record.left.get(what, ["nothing is known"])]
    return faults


def holdings(record: Record) -> list[Holding]:
    """Return what each program used over its longest life."""
    longest: dict[str, Life] = {}
    spans = _spans(record)
    for life in record.lives:
        if life.pid in spans and (
            life.name not in longest or _length(spans[life.pid]) > _length(spans[longest[life.name].pid])
        ):
            longest[life.name] = life
    return [_holding(name, life, record) for name, life in longest.items()]


def judge_holdings(found: Iterable[Holding]) -> list[str]:
    """Return a fault if memory grows; only the exporter's is judged."""
    faults = []
    for one in found:
        if one.seconds < LEAST_LIFE:
            continue
        if one.grows and one.name == Name.EXPORTER:
            faults.append(f"{one.name}'s memory grows")
    return faults


def _holding(name: str, life: Life, record: Record) -> Holding:
    """Skip the first third of its life: the heap grows until the days read at first have been replaced."""
    samples = [sample for sample in record.samples if sample.pid == life.pid]
    first, last = samples[0].seconds, samples[-1].seconds
    kept = [sample for sample in samples if sample.seconds >= first + (last - first) / 3]
    points = medians(((sample.seconds, float(sample.resident)) for sample in kept), BLOCK)
    tenth = max(len(points) // 10, 1)
    return Holding(
        name,
        kept[-1].seconds - kept[0].seconds,
        (_mean(points[:tenth]), _mean(points[-tenth:])),
        theil_sen(points),
        _range([sample.files for sample in kept]),
        _range([sample.threads for sample in kept]),
    )


def _spans(record: Record) -> Mapping[int, tuple[float, float]]:
    spans: dict[int, tuple[float, float]] = {}
    for sample in record.samples:
        first, _ = spans.get(sample.pid, (sample.seconds, 0.0))
        spans[sample.pid] = (first, sample.seconds)
    return spans


def _length(span: tuple[float, float]) -> float:
    return span[1] - span[0]


def _mean(points: Sequence[tuple[float, float]]) -> float:
    return sum(y for _, y in points) / len(points)


def _range(values: Sequence[int]) -> tuple[int, int]:
    return min(values), max(values)


def _way(note: Note) -> str:
    return f"{note.way}, {note.stage}"


def _words(told: Told) -> str:
    return f"{told.feed} {told.partition} {told.cause} ({told.incident})"
