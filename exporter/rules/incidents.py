"""The alerts that notify people: incidents, their ends, and a daily digest of open ones.

The exporter provides incidents and their texts; the rules only decide when to notify. An incident opens
with one alert. If it had two, it would be sent twice after an outage of Alertmanager: a group that is older
than its wait is sent with its first alert. An escalation is a second alert, and so one more message; the
first keeps firing, because Alertmanager forgets what it has sent once it is told that an alert is over.
"""

from collections.abc import Iterator, Mapping

from exporter.checks.check import Severity
from exporter.incidents.incident import Why
from exporter.links import Links
from exporter.rules.alerts import BLIND, HOLD, KEEP_FIRING, SNAPSHOT, reaching, still_firing
from exporter.rules.promql import indent
from exporter.rules.ranking import worst_first
from exporter.rules.rule import Alerting
from exporter.rules.words import FEED, ask, unless_blind

INCIDENT, ENDED, DIGEST = "PuffyIncident", "PuffyIncidentEnded", "PuffyDigest"
PAGE = "incidents"  # of their runbooks
KIND = "incident"
ID = "{{ $labels.incident }}"
TOLD_ENDS = (Why.REPAIRED, Why.ACKNOWLEDGED)  # nobody ended what merely passed
END_HOURS = 6  # a message needs a minute of it; Prometheus may be down for the rest
# Part of the hour in which it is due: an exporter restarting in it must not send a second one.
DIGEST_KEEP_FIRING = "1h"
MOST_LISTED = 20
BY = "feed, incident, cause, owner"
UNNAMED = "{{ $labels.feed }}: incident {{ $labels.incident }}"


def incident_alerts(links: Links) -> Iterator[Alerting]:
    """Yield the alerts of incidents, of their ends, and of the digest."""
    for severity in (Severity.WARNING, Severity.CRITICAL):
        yield _incident(severity, links)
    yield _ended(links)
    yield _digest(links)


def _incident(severity: Severity, links: Links) -> Alerting:
    alerts = f'alertname="{INCIDENT}",severity="{severity}"'
    condition = f'max by ({BY}) (puffy_incident_notifiable{{severity="{severity}"}}) == 1'
    if severity is Severity.WARNING:
        condition += (
            f"\nor\n  {still_firing(BY, alerts)} and on (feed, incident) puffy_incident_notifiable == 1"
        )
    return Alerting(
        alert=INCIDENT,
        expr=reaching(condition, BY, alerts),
        hold=HOLD,
        keep_firing=KEEP_FIRING,
        labels={"severity": severity.value, "kind": KIND},
        annotations={**_words(), "next": _said("next", "Open the runbook."), **_places(INCIDENT, links)},
    )


def _ended(links: Links) -> Alerting:
    why = f'{{why=~"{"|".join(TOLD_ENDS)}"}}'
    ended = "\n".join(
        (
            "(",
            f"  max by (feed, incident, why) (puffy_incident_ended_timestamp_seconds{why})",
            f"  > on (feed) group_left () (max by (feed) ({SNAPSHOT}) - {END_HOURS} * 3600)",
            ")",
            "* on (feed, incident) group_left (cause, owner)",
            f"  topk by (feed, incident) (1, max by ({BY}) (puffy_incident_open) * 0 + 1)",
        )
    )
    return Alerting(
        alert=ENDED,
        expr=reaching(ended, f"{BY}, why", f'alertname="{ENDED}"'),
        hold=HOLD,
        keep_firing=KEEP_FIRING,
        labels={"severity": "none", "kind": KIND},
        annotations={**_words(), **_places(ENDED, links)},
    )


def _digest(links: Links) -> Alerting:
    count = f"count({_open()})"
    rest = f"{{{{ with query `{count} - {MOST_LISTED} > 0` }}}}"
    return Alerting(
        alert=DIGEST,
        expr=f"{count} and on () max(puffy_digest_due) == 1",
        hold=HOLD,
        keep_firing=DIGEST_KEEP_FIRING,
        labels={"severity": "none", "kind": KIND},
        annotations={
            "summary": "{{ if eq $value 1.0 }}1 incident is open"
            '{{ else }}{{ printf "%.0f" $value }} incidents are open{{ end }}',
            "description": _listed() + rest + '\nand {{ . | first | value | printf "%.0f" }} more{{ end }}',
            "runbook_url": links.own_runbook(PAGE, DIGEST.lower()),
            "dashboard_url": links.overview,
            "page_url": links.incidents,
        },
    )


def _open(severity: str = "") -> str:
    chosen = f'{{severity="{severity}"}}' if severity else ""
    return f"max by (feed, incident, severity) (puffy_incident_open{chosen}) == 1"


def _listed() -> str:
    """Return the template that lists what is open, worst first, then oldest first."""
    query = f"sort(\n{indent(worst_first(_open, 'feed, incident'))}\n)"
    # Inside the range `$labels` are still those of the digest, which has none.
    line = (
        "{{ $labels := $found.Labels }}{{ $labels.severity | toUpper }} "
        f"{_said('headline', UNNAMED)}"
        + ask(
            "max(puffy_incident_partitions{feed=%q,incident=%q}) > 1",
            ("feed", "incident"),
            ', {{ . | first | value | printf "%.0f" }} days',
        )
    )
    return (
        f"{{{{ range $place, $found := query `{query}` }}}}{{{{ if lt $place {MOST_LISTED} }}}}"
        f"{{{{ if $place }}}}\n{{{{ end }}}}{line}{{{{ end }}}}{{{{ end }}}}"
    )


def _words() -> Mapping[str, str]:
    return {
        "summary": _said("headline", UNNAMED),
        "description": unless_blind(BLIND, _said("text", "The exporter has no further details.")),
    }


def _said(label: str, otherwise: str) -> str:
    """Return the exporter's text of the incident, and a replacement while the exporter is down."""
    said = f'{{{{ . | first | label "{label}" }}}}'
    return ask("topk(1, puffy_incident_info{feed=%q,incident=%q})", ("feed", "incident"), said, otherwise)


def _places(alert: str, links: Links) -> Mapping[str, str]:
    """Return the links; the silence covers the incident and its end."""
    return {
        # Of its cause or its check; of the alert while the exporter is down.
        "runbook_url": f"{links.exporter}/runbooks/{_said('runbook', f'{PAGE}#{alert.lower()}')}",
        "dashboard_url": links.dashboard(FEED),
        "page_url": links.incident(FEED, ID),
        "silence_url": links.silence({"feed": FEED, "incident": ID}),
    }
