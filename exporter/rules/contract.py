"""The alerts of checks in contracts: two rules that cover all checks of all feeds.

The exporter exposes a check's value, limits and comparison; the rules compare them.
"""

from collections.abc import Iterator

from exporter.checks.check import Compare, Kind, Severity
from exporter.checks.held import held_words
from exporter.links import Links
from exporter.rules.alerts import BLIND, HOLD, KEEP_FIRING, anomaly_words, reaching
from exporter.rules.anomalies import ANOMALOUS
from exporter.rules.detectors import CONFIRMED
from exporter.rules.names import ALERTABLE, DAY, TREND, TREND_DAY
from exporter.rules.promql import indent
from exporter.rules.rule import Alerting, Recording
from exporter.rules.words import CHECK, FEED, PARTITION, ask, links_of, seen

VALUE = "partition:puffy_contract_check:value"
CROSSED = "partition:puffy_contract_check:crossed"
CHECK_DAY = "(feed, partition, check)"
RUNBOOKS = {"PuffyTrendAnomaly": "trend_anomaly", "PuffyContractCheck": "contract_check"}


def crossings() -> Iterator[Recording]:
    """Yield the rules that compare values with limits: those that cross one, by column and severity."""
    exposed = f"puffy_contract_check_value and on {DAY} {ALERTABLE}"
    values = f"max by (feed, partition, check, column) ({exposed})"
    yield Recording(VALUE, values)
    kinds = [(compare, severity) for compare in Compare for severity in Severity]
    yield Recording(CROSSED, "\nor ".join(_crossed(compare, severity) for compare, severity in kinds))


def _crossed(compare: Compare, severity: Severity) -> str:
    chosen = f'{{severity="{severity}",compare="{compare}"}}'
    limits = f"max by (feed, check, severity, compare) (puffy_contract_check_limit{chosen})"
    return f"{VALUE} {compare} on (feed, check) group_left (severity, compare) {limits}"


def contract_alerts(links: Links) -> Iterator[Alerting]:
    """Yield the alert of all trends in contracts, and that of all their other checks."""
    yield _alert(
        "PuffyTrendAnomaly",
        Kind.ANOMALY,
        _anomalies(),
        "feed, partition, metric, check, severity, owner",
        links,
    )
    yield _alert(
        "PuffyContractCheck", Kind.THRESHOLD, _breaches(), "feed, partition, check, severity, owner", links
    )


def _alert(name: str, kind: Kind, off: str, by: str, links: Links) -> Alerting:
    condition = "\n".join(
        (
            f"(\n{indent(off)}\n)",
            f"and on {DAY} {ALERTABLE}",
            f"unless on {CHECK_DAY} max by {CHECK_DAY} (puffy_partition_acknowledged) == 1",
        )
    )
    words = anomaly_words(None) if kind is Kind.ANOMALY else _breach_words()
    what = "{{ $labels.metric }} is " if kind is Kind.ANOMALY else "{{ $labels.check }} is "
    silenced = {"alertname": name, "feed": FEED, "partition": PARTITION, "check": CHECK}
    return Alerting(
        alert=name,
        expr=reaching(condition, by, f'alertname="{name}"'),
        hold=HOLD,
        keep_firing=KEEP_FIRING,
        labels={"kind": kind.value},
        annotations={
            "summary": _word("summary"),
            "description": seen(BLIND, what + words),
            "impact": _word("impact"),
            "held": _held(),
            "resolution": (
                f"1. Compare the figure with other days: puffy-exporter explain {PARTITION} {CHECK}\n"
                "2. Notify the owner of the contract that has the check.\n"
                "3. Acknowledge the day if the data is right, or have its files written again."
            ),
            "runbook_url": links.runbook(RUNBOOKS[name]),
            **links_of(links, silenced),
        },
    )


def _anomalies() -> str:
    """Return the anomalies of trends that a contract's check judges, with that check's labels."""
    confirmed = f"{CONFIRMED} * on {TREND} group_left (check, severity, owner) {_judges('confirmed')}"
    others = f"{ANOMALOUS} unless on {TREND_DAY} {CONFIRMED}"
    return (
        f"{confirmed}\nor\n({others})\n* on {TREND} group_left (check, severity, owner) {_judges('severity')}"
    )


def _judges(severity: str) -> str:
    """Return one check per trend, even if two exporters disagree on its severity."""
    info = f'puffy_trend_check_info{{{severity}!=""}}'
    if severity != "severity":
        info = f'label_replace({info}, "severity", "$1", "{severity}", "(.+)")'
    return f"topk by {TREND} (1, max by (feed, metric, check, severity, owner) ({info}))"


def _breaches() -> str:
    """Return the checks in breach with their owners, only critical ones if both limits are crossed."""
    critical, warning = _worst(Severity.CRITICAL), _worst(Severity.WARNING)
    owners = "topk by (feed, check) (1, max by (feed, check, owner) (puffy_contract_check_info))"
    found = f'{critical}\nor\n{warning}\nunless on {CHECK_DAY} {CROSSED}{{severity="{Severity.CRITICAL}"}}'
    return f"(\n{indent(found)}\n)\n* on (feed, check) group_left (owner) {owners}"


def _worst(severity: Severity) -> str:
    down = "|".join(compare for compare in Compare if compare.downwards)
    by = "by (feed, partition, check, severity)"
    return (
        f'(min {by} ({CROSSED}{{severity="{severity}",compare=~"{down}"}})'
        f' or max {by} ({CROSSED}{{severity="{severity}",compare!~"{down}"}}))'
    )


def _breach_words() -> str:
    """Return value, comparison and limit, and the columns that cross it."""
    labels = ("feed", "check", "severity")
    limit = ask(
        "puffy_contract_check_limit{feed=%q,check=%q,severity=%q}",
        labels,
        ', a breach where {{ . | first | label "compare" }} {{ printf "%.10g" (. | first | value) }}',
    )
    columns = ask(
        f'max by (column) ({CROSSED}{{feed=%q,check=%q,severity=%q,partition=%q,column!=""}})',
        (*labels, "partition"),
        ": {{ range $place, $sample := . | sortByLabel `column` }}"
        '{{ if $place }}, {{ end }}{{ $sample | label "column" }}{{ end }}',
    )
    return f'{{{{ printf "%.10g" $value }}}}{limit}{columns}'


def _word(label: str) -> str:
    query = "puffy_contract_check_info{feed=%q,check=%q}"
    return ask(query, ("feed", "check"), f'{{{{ . | first | label "{label}" }}}}')


def _held() -> str:
    query = "puffy_contract_check_info{feed=%q,check=%q,blocks=%q}"
    return ask(query, ("feed", "check", "severity"), held_words(PARTITION))
