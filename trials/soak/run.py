"""Run a soak: deliveries, acknowledgements and kills at their times, with samples in between."""

import heapq
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count

from prometheus_server import LOOPBACK

from exporter.discover.calendar import LEAD_IN_DAYS
from trials.soak import drift
from trials.soak.deliveries import deliver, expire
from trials.soak.journal import Journal
from trials.soak.kills import Kill, Name
from trials.soak.people import acknowledge
from trials.soak.processes import Program, Setup, programs_of
from trials.soak.troubles import Answer, Delivery, Plan, feed_names

SAMPLE_SECONDS = 2.0
OUTPUT_SECONDS = 30.0
KEPT_LONGER = 3  # days than baselines need them, before the pipeline deletes a file

Act = Callable[[], None]


@dataclass(slots=True)
class Soak:
    """One run. Times on the agenda are real seconds since the clock's start."""

    setup: Setup
    plan: Plan
    kills: list[Kill]
    seconds: float
    journal: Journal
    programs: dict[Name, Program] = field(init=False)
    _agenda: list[tuple[float, int, Act]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _begun: float = 0.0
    _people: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "person"))

    def __post_init__(self) -> None:
        """Write all configuration, and put the plan on the agenda."""
        self.programs = programs_of(self.setup)
        at = self.setup.clock.seconds
        for delivery in self.plan.deliveries:
            self._note(at(delivery.at), partial(self._deliver, delivery))
        for answer in self.plan.answers:
            self._note(at(answer.at), partial(self._ask, answer))
        for kill in self.kills:
            self._note(kill.at, partial(self._kill, kill))

    def run(self) -> None:
        """Run until the last day is over; whatever happens, no process is left behind."""
        self._begun = time.monotonic() - (time.time_ns() - self.setup.clock.origin_ns) / 1e9
        try:
            for program in self.programs.values():
                self._start(program)
            self._note(SAMPLE_SECONDS, self._sample)
            self._note(OUTPUT_SECONDS, self._weigh)
            self._follow()
            self._people.shutdown()
            self.journal.note("left", **left(self.setup))
        finally:
            for program in self.programs.values():
                program.stop()

    def _follow(self) -> None:
        longest = 0.0
        while self._agenda and self._agenda[0][0] < self.seconds:
            at, _, act = heapq.heappop(self._agenda)
            time.sleep(max(0.0, at - self._now()))
            longest = max(longest, self._now() - at)
            act()
        self.journal.note("lag", seconds=longest)
        time.sleep(max(0.0, self.seconds - self._now()))

    def _now(self) -> float:
        return time.monotonic() - self._begun

    def _note(self, at: float, act: Act) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), act))

    def _start(self, program: Program) -> None:
        pid = program.start()
        self.journal.note("started", name=program.name, pid=pid, at_ns=time.time_ns())

    def _kill(self, kill: Kill) -> None:
        program = self.programs[kill.name]
        pid = program.pid
        if pid is None:  # still down
            return
        program.kill()
        self.journal.note("killed", name=kill.name, pid=pid, at_ns=time.time_ns())
        self._note(self._now() + kill.down, partial(self._start, program))

    def _deliver(self, delivery: Delivery) -> None:
        """Deliver a file as of now: at the planned time the exporter may have noticed its absence.

        The pipeline keeps the days that baselines need, and deletes older ones.
        """
        deliver(self.setup.folder, delivery, self.setup.clock.now())
        oldest = delivery.partition - timedelta(days=self.setup.window + LEAD_IN_DAYS + KEPT_LONGER)
        expire(self.setup.folder, delivery.feed, oldest)

    def _sample(self) -> None:
        for program in self.programs.values():
            if program.has_died:
                self.journal.note("died", name=program.name, at=self._now())
                self._start(program)
            found = None if program.pid is None else drift.take_sample(program.pid, self._now())
            if found is not None:
                self.journal.sample(found)
        self._note(self._now() + SAMPLE_SECONDS, self._sample)

    def _weigh(self) -> None:
        self.journal.note("output", seconds=self._now(), size=drift.folder_bytes(self.setup.output))
        self._note(self._now() + OUTPUT_SECONDS, self._weigh)

    def _ask(self, answer: Answer) -> None:
        self._people.submit(acknowledge, self.setup, answer, self.journal)


def left(setup: Setup) -> dict[str, list[str]]:
    """Return what is open, held, or reported differently by Prometheus and the report, after the last day."""
    feeds = feed_names(len(list((setup.folder / "contracts").iterdir())))
    opened, held = [], []
    for feed in feeds:
        report = json.loads((setup.output / feed / "monitoring_report.json").read_text())
        opened += [
            f"{feed} {one['cause']} {one['since']}" for one in report["incidents"] if one["state"] == "open"
        ]
        held += [f"{feed} {path.name}" for path in (setup.output / feed).glob("GATE_CLOSED")]
    return {"open": opened, "held": held, "disagreeing": _disagreeing(setup)}


def _disagreeing(setup: Setup) -> list[str]:
    query = "ALERTS{alertname=~%22Puffy.*Disagrees?%22,alertstate=%22firing%22}"
    url = f"http://{LOOPBACK}:{setup.ports['prometheus']}/api/v1/query?query={query}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return [str(found["metric"]) for found in json.load(answer)["data"]["result"]]
