"""Incidents as metric families: which are open, since when, and the texts of messages."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.incidents.incident import Incident, Standing
from exporter.incidents.ledger import is_listed
from exporter.incidents.texts import is_notifiable, severity_name, texts_of
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import Snapshot


def incident_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the families of the incidents that are open or ended recently."""
    listed = [one for one in snapshot.incidents if is_listed(one, snapshot.as_of_ns)]
    yield _opens(snapshot.feed, listed)
    yield _notifiable(snapshot.feed, listed)
    yield from _times(snapshot, listed)
    yield _words(snapshot.feed, listed)
    yield _checks(snapshot.feed, listed)


def _opens(feed: str, incidents: list[Incident]) -> Metric:
    family = GaugeMetricFamily(
        "puffy_incident_open",
        "1 while the incident is open, 0 if it was acknowledged or ended recently.",
        labels=("feed", "incident", "cause", "subject", "severity", "owner"),
    )
    for one in incidents:
        labels = (feed, one.id, one.name, one.subject, severity_name(one.severity), one.owner)
        family.add_metric(labels, float(one.state is Standing.OPEN))
    return family


def _notifiable(feed: str, incidents: list[Incident]) -> Metric:
    family = GaugeMetricFamily(
        "puffy_incident_notifiable",
        "1 while people should be notified of the incident: it is open, or may only be paused.",
        labels=("feed", "incident", "cause", "severity", "owner"),
    )
    for one in incidents:
        if is_notifiable(one):
            family.add_metric((feed, one.id, one.name, severity_name(one.severity), one.owner), 1)
    return family


def _times(snapshot: Snapshot, incidents: list[Incident]) -> Iterator[Metric]:
    since = GaugeMetricFamily(
        "puffy_incident_since_timestamp_seconds",
        "Start of the incident's first day.",
        labels=("feed", "incident"),
    )
    days = GaugeMetricFamily(
        "puffy_incident_partitions",
        "Days of the incident that are not repaired.",
        labels=("feed", "incident"),
    )
    ended = GaugeMetricFamily(
        "puffy_incident_ended_timestamp_seconds",
        "When an incident that people were notified of ended.",
        labels=("feed", "incident", "why"),
    )
    starts = {view.partition: view.facts.day.start_ns for view in snapshot.views}
    for one in incidents:
        start = starts.get(one.since)
        if start is not None:
            since.add_metric((snapshot.feed, one.id), start / NANOSECONDS)
        days.add_metric((snapshot.feed, one.id), len(one.touched))
        if one.notified and one.ended_ns is not None and one.why is not None:
            ended.add_metric((snapshot.feed, one.id, one.why.value), one.ended_ns / NANOSECONDS)
    yield from (since, days, ended)


def _words(feed: str, incidents: list[Incident]) -> Metric:
    family = GaugeMetricFamily(
        "puffy_incident_info",
        "1: the text of the incident.",
        labels=("feed", "incident", "headline", "text", "next", "since", "runbook"),
    )
    for one in incidents:
        said = texts_of(feed, one)
        runbook = f"{one.words.page}#{one.words.runbook}"  # below /runbooks/
        family.add_metric((feed, one.id, said.headline, said.text, said.next_step, said.since, runbook), 1)
    return family


def _checks(feed: str, incidents: list[Incident]) -> Metric:
    family = GaugeMetricFamily(
        "puffy_incident_check",
        "1 for each firing check of a day that the incident covers.",
        labels=("feed", "incident", "partition", "check"),
    )
    for one in incidents:
        for day, names in one.checks.items():
            for name in names:
                family.add_metric((feed, one.id, day.isoformat(), name), 1)
    return family
