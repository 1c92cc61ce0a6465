"""An incident's texts, the same in messages, page and report."""

from dataclasses import dataclass

from exporter.checks.check import Severity
from exporter.incidents.fold import BRIDGED_DAYS, STANDING_DAYS
from exporter.incidents.incident import Incident, Standing, Why
from exporter.plain import capitalised, cut

LONGEST_STEP = 400
MOST_DAYS = 3  # days that are listed one by one
ENDS = {
    Why.REPAIRED: "repaired",
    Why.ACKNOWLEDGED: "acknowledged",
    Why.NEXT_DAY_GOOD: "over: a later day is good, but the bad days were not repaired",
    Why.ACCEPTED: "over: the new level is accepted, and later days are compared with it",
    Why.COVERED: "part of another incident",
}
LASTED = f"over: the next day is good, or like the {STANDING_DAYS} days before it, which count as normal now"


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one incident."""

    headline: str
    text: str
    next_step: str
    since: str


def texts_of(feed: str, incident: Incident) -> Texts:
    """Describe an incident."""
    words = incident.words
    lines = [_seen(incident), words.impact, since_words(incident), held_line(incident)]
    if incident.state is not Standing.OPEN and incident.why is not None:
        lasted = incident.why is Why.NEXT_DAY_GOOD and is_standing(incident)
        lines.append(f"It is {LASTED if lasted else ENDS[incident.why]}.")
    return Texts(
        headline=f"{feed} {span(incident)}: {words.title}",
        text="\n".join(filter(None, lines)),
        next_step=cut(words.next_step, LONGEST_STEP),
        since=incident.since.isoformat(),
    )


def _seen(incident: Incident) -> str:
    """Describe what was found, on the newest of several days."""
    seen = incident.words.seen.rstrip(".")
    if not seen:
        return ""
    if len(incident.touched) > 1:
        return f"On {incident.last}: {seen}."
    return f"{capitalised(seen)}."


def span(incident: Incident) -> str:
    """Describe its days: one, or the first and the last."""
    last = incident.last
    return str(last) if last == incident.since else f"{incident.since} to {last}"


def since_words(incident: Incident) -> str:
    """Describe its duration, if longer than a day."""
    days = len(incident.touched)
    if days <= 1:
        return ""
    standing = "; it occurs every day" if is_standing(incident) else ""
    return f"Since {incident.since}, on {days} days{standing}."


def held_line(incident: Incident) -> str:
    """Say that loads are held, and the command that releases them."""
    if not incident.held:
        return ""
    days = ", ".join(map(str, incident.held[:MOST_DAYS]))
    more = len(incident.held) - MOST_DAYS
    days += f" and {more} more days" if more > 0 else ""
    return (
        f"Load of {days} is held. "
        f"To release it: puffy-exporter gate ack {incident.id} --by NAME --reason TEXT"
    )


def is_standing(incident: Incident) -> bool:
    """Return whether it is a limit that the feed crosses every day."""
    return incident.unbroken and len(incident.touched) >= STANDING_DAYS


def is_notifiable(incident: Incident) -> bool:
    """Return whether people should be notified of it: an incident that only pauses is not reported again."""
    if not incident.notified or incident.severity is None:
        return False
    if incident.state is Standing.OPEN:
        return True
    return incident.why is Why.NEXT_DAY_GOOD and incident.good_days <= BRIDGED_DAYS


def severity_name(severity: Severity | None) -> str:
    """Name a severity; information is ``info``."""
    return "info" if severity is None else severity.value
