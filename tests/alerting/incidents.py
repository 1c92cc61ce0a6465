"""Handmade incidents: a metrics page like the exporter's, and the notifications by channel."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from alertmanager_server import Sink, headline
from prometheus_server import Pages

from exporter.sink.message import Channel, Message

FEED = "events"
CHANNELS = (Channel.SLACK, Channel.PAGERDUTY, Channel.EMAIL)


def labelled(**labels: str) -> str:
    """Format labels as in a scrape."""
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in labels.items()}
    return "{" + ",".join(f'{name}="{value}"'.replace("\n", "\\n") for name, value in escaped.items()) + "}"


@dataclass
class Incident:
    """The exporter's samples of one incident."""

    id: str
    severity: str = "warning"
    owner: str = "data-engineering"
    cause: str = "schema_mismatch"
    text: str = "Every row is rejected.\nLoad of 2025-03-04 is held."
    told: bool = True
    why: str = ""  # why it ended

    def lines(self) -> Iterator[str]:
        """Yield its samples."""
        own = {"feed": FEED, "incident": self.id}
        kind = {**own, "cause": self.cause, "severity": self.severity, "owner": self.owner}
        words = {
            "headline": f"{FEED} 2025-03-04: {self.id} <is> missing",
            "text": self.text,
            "next": "Ask upstream.",
            "runbook": "checks#schema_mismatch",
        }
        now = datetime.now(tz=UTC).timestamp()
        yield f"puffy_incident_open{labelled(**kind, subject='referrer')} {int(not self.why)}"
        yield f"puffy_incident_info{labelled(**own, **words)} 1"
        yield f"puffy_incident_since_timestamp_seconds{labelled(**own)} {now - 86400}"
        yield f"puffy_incident_partitions{labelled(**own)} 1"
        if self.told:
            yield f"puffy_incident_notifiable{labelled(**kind)} 1"
        if self.why:
            yield f"puffy_incident_ended_timestamp_seconds{labelled(**own, why=self.why)} {now - 60}"


@dataclass
class Exposed:
    """A page replacing the exporter's."""

    pages: Pages
    incidents: dict[str, Incident] = field(default_factory=dict)
    digest_due: bool = False

    def show(self, *incidents: Incident) -> None:
        """Replace these incidents, and rewrite the page."""
        self.incidents |= {incident.id: incident for incident in incidents}
        now = datetime.now(tz=UTC).timestamp()
        lines = [f"puffy_snapshot_as_of_timestamp_seconds{labelled(feed=FEED)} {now}"]
        lines += [f"puffy_digest_due {int(self.digest_due)}"]
        lines += [line for incident in self.incidents.values() for line in incident.lines()]
        self.pages.bodies["/metrics"] = "\n".join([*lines, ""]).encode()

    def away(self) -> None:
        """Stop answering scrapes."""
        del self.pages.bodies["/metrics"]


def told_of(sink: Sink, incident: str) -> Mapping[str, int]:
    """Count an incident's notifications by channel, and whether it began or ended there."""
    return Counter(
        f"{channel.value} {stage(message)}"
        for channel in CHANNELS
        for message in sink.of(channel, f": {incident} ")  # as in its headline
        if stage(message) != "digest"
    )


def stage(message: Message) -> str:
    """Return what a message says about an incident: open, ended, or a digest."""
    if message.channel is Channel.PAGERDUTY:
        return "end" if message.body["event_action"] == "resolve" else "open"
    title = headline(message)
    if title.startswith("Puffy: "):
        return "digest"
    return "end" if title.startswith(("Repaired", "Acknowledged", "Next_day_good")) else "open"
