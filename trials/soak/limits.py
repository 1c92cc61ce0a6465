"""What Prometheus and Alertmanager do not guarantee: no repeats around a kill, no end lost to several."""

from datetime import UTC, datetime, time, timedelta

from trials.soak.clock import NANOSECONDS, Clock
from trials.soak.journal import Record
from trials.soak.kills import Name
from trials.soak.notes import SLACK, Note, Stage
from trials.soak.pace import ENDED, LONGEST_WAY, MAINTENANCE, RESEND, Pace
from trials.soak.troubles import Told

IN_FLIGHT = 2.0  # seconds that a message may have been in flight when either end was killed
KEPT = 4  # times the resend delay: how long Alertmanager keeps an alert after it was last sent
SWALLOWED = 2  # kills of Prometheus and Alertmanager while an end can be reported


def forgiven(record: Record, pace: Pace) -> list[tuple[int, int]]:
    """Return the intervals in which a message may have arrived that is then repeated, in real nanoseconds.

    Alertmanager forgets what it has sent since it last wrote its log; whether a receiver that is killed has
    accepted a message in flight is unknown.
    """
    reach = {Name.ALERTMANAGER: pace.real(MAINTENANCE) + IN_FLIGHT, Name.RECEIVER: IN_FLIGHT}
    return [
        (kill - round(seconds * NANOSECONDS), kill)
        for name, seconds in reach.items()
        for kill in record.kills(name)
    ]


def known_limit(note: Note, told: Told, record: Record, pace: Pace) -> str | None:
    """Say why the missing end is not guaranteed, ``None`` if it should have been reported.

    If Prometheus is killed as an alert ends, it does not know the alert after the restart: Alertmanager lets
    it lapse, unless it is killed before that, too. On Slack an end is an alert of its own for six hours, and
    each kill during that time starts it over.
    """
    if note.stage is not Stage.END or told.ends is None:
        return None
    ended = record.origin_ns / NANOSECONDS + _clock(record, pace).seconds(told.ends)
    of_prometheus, of_alertmanager = (
        [kill / NANOSECONDS for kill in record.kills(name)] for name in (Name.PROMETHEUS, Name.ALERTMANAGER)
    )
    if note.way == SLACK:
        kills = [
            kill for kill in (*of_prometheus, *of_alertmanager) if 0 <= kill - ended <= ENDED / pace.speed
        ]
        return f"{len(kills)} kills while it could be reported" if len(kills) >= SWALLOWED else None
    swallowed = any(
        0 <= first - ended <= LONGEST_WAY * pace.tick and 0 <= second - first <= KEPT * pace.real(RESEND)
        for first in of_prometheus
        for second in of_alertmanager
    )
    return "Prometheus was killed as it ended, Alertmanager before it lapsed" if swallowed else None


def _clock(record: Record, pace: Pace) -> Clock:
    first = datetime.fromisoformat(record.settings["first"]).date()
    base = datetime.combine(first + timedelta(days=1), time(), UTC)
    return Clock(record.origin_ns, round(base.timestamp()) * NANOSECONDS, pace.speed)
