"""Alert rules: one for each check and severity, with the words of the catalogue."""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from exporter.checks.check import Check, Selector, Severity, Value
from exporter.checks.held import held_words
from exporter.checks.judge import MOST_SHOWN
from exporter.rules.anomalies import anomaly
from exporter.rules.names import PREFIX
from exporter.rules.promql import breach, indent, matchers, threshold
from exporter.rules.rule import Alerting, Links, Recording

# Long enough for a file and the DQ step's next one to be seen together, short beside the time a page takes.
HOLD = "30s"
# A restart of the exporter or a missed scrape must not resolve an alert and page for it once more.
KEEP_FIRING = "5m"
UNSEEN = "the monitoring is blind, so nobody knows whether it still holds"
PARTITION = "{{ $labels.partition }}"
BLIND = "puffy:blind"


def alerts(checks: Iterable[Check], links: Links) -> Iterator[Alerting]:
    """Yield the alert rules of all checks, in the catalogue's order, the most severe first."""
    for check in checks:
        for severity in sorted(check.limits, key=lambda severity: severity.rank):
            yield Alerting(
                alert=check.alert,
                expr=_expression(check, severity),
                hold=HOLD,
                keep_firing=KEEP_FIRING,
                labels={
                    "check": check.name,
                    "severity": severity.value,
                    "kind": check.kind.value,
                    "owner": check.owner,
                },
                annotations=_annotations(check, severity, links),
            )


def blindness() -> Recording:
    """Return the rule that says that nobody can see: no snapshot is scraped, or it had nothing to judge."""
    return Recording(
        BLIND, "absent(puffy_snapshot_as_of_timestamp_seconds)\nor max(puffy_exporter_blind) == 1"
    )


def _expression(check: Check, severity: Severity) -> str:
    off = anomaly(check, severity) if check.value is None else breach(check, check.value, severity)
    return "\n".join(
        (
            f"(\n{indent(off)}\n)",
            "and on (partition) max by (partition) (puffy_partition_alertable) == 1",
            "unless on (partition)",
            f'  max by (partition) (puffy_partition_acknowledged{{check="{check.name}"}}) == 1',
            # What fired stays open while nobody can see: only a look can say that it has ended.
            "or",
            f"  max by (partition) (ALERTS{{{_itself(check, severity)}}}) and on () {BLIND}",
        )
    )


def _itself(check: Check, severity: Severity) -> str:
    return f'alertname="{check.alert}",severity="{severity.value}",alertstate="firing"'


def _annotations(check: Check, severity: Severity, links: Links) -> Mapping[str, str]:
    silence = quote(f'{{alertname="{check.alert}",partition="', safe="") + PARTITION + quote('"}', safe="")
    return {
        "summary": _literal(check.summary),
        "description": f"{{{{ with query `{BLIND}` }}}}as last seen; {UNSEEN}{{{{ else }}}}"
        f"{_description(check, severity)}{{{{ end }}}}",
        "impact": _literal(check.impact),
        **({"held": held_words(PARTITION)} if check.blocks_at(severity) else {}),
        "resolution": "\n".join(
            f"{number}. {_literal(step)}" for number, step in enumerate(check.resolution, start=1)
        ),
        "runbook_url": links.runbook(check.runbook),
        "dashboard_url": f"{links.grafana}/d/puffy-partition?var-partition={PARTITION}",
        "report_url": f"{links.exporter}/api/v1/report",
        "silence_url": f"{links.alertmanager}/#/silences/new?filter={silence}",
    }


def _description(check: Check, severity: Severity) -> str:
    if check.value is None:
        return _anomaly_words(check)
    form = _form(check.value)
    limit = form.replace("$value", "(. | first | value)")
    found = f"{{{{ with query `{threshold(check.name, severity)}` }}}}{limit}{{{{ end }}}}"
    return f"{_subject(check.value)} is {form}, limit {found}{_shown(check.shows)}"


def _shown(selector: Selector | None) -> str:
    """Return the template that names what stands behind a figure, nothing where nothing does."""
    if selector is None:
        return ""
    (free,) = selector.named
    series = f"{selector.metric}{matchers({**selector.labels, 'partition': ('%s',)})}"
    query = f"topk({MOST_SHOWN}, max by ({free}) ({series}))"
    name = f'{{{{ if $place }}}}, {{{{ end }}}}{{{{ $sample | label "{free}" }}}}'
    return (
        f"{{{{ with printf `{query}` $labels.partition | query | sortByLabel `{free}` }}}}: "
        f"{{{{ range $place, $sample := . }}}}{name}{{{{ end }}}}{{{{ end }}}}"
    )


def _subject(value: Value) -> str:
    """Name what was looked at, for a person: the metric, and the label values that were chosen."""
    chosen = ", ".join(text for texts in value.selector.labels.values() for text in texts)
    words = _short(value.selector.metric) + (f" ({chosen})" if chosen else "")
    if value.minus is not None:
        words += f" minus {_short(value.minus.metric)}"
    if value.per is not None:
        words += f" per {_short(value.per.metric)}"
    return words


def _short(metric: str) -> str:
    return metric.removeprefix("puffy_partition_").removeprefix("puffy_")


def _form(value: Value) -> str:
    """Return the template that writes a value in its unit."""
    metric = value.selector.metric
    if value.per is not None or metric.endswith("_ratio"):
        return "{{ $value | humanizePercentage }}"
    if metric.endswith("_seconds"):
        return "{{ $value | humanizeDuration }}"
    return '{{ printf "%.10g" $value }}'


def _anomaly_words(check: Check) -> str:
    words = ['{{ printf "%.6g" $value }}']
    for figure, form, text in (
        ("baseline_avg", '{{ printf "%.6g" (. | first | value) }}', " against a baseline of "),
        ("deviation_ratio", "{{ . | first | value | humanizePercentage }}", ", off by "),
        ("zscore", '{{ printf "%.1f" (. | first | value) }}', ", z-score "),
        ("expected", '{{ printf "%.6g" (. | first | value) }}', "; its detector expects "),
        ("score", '{{ printf "%.1f" (. | first | value) }}', ", score "),
    ):
        series = f'{PREFIX}{figure}{{metric="{check.trend}",partition="%s"}}'
        words.append(f"{{{{ with printf `{series}` $labels.partition | query }}}}{text}{form}{{{{ end }}}}")
    return "".join(words)


def _literal(text: str) -> str:
    """Keep the template engine from reading what is plain text."""
    return text.replace("{{", '{{ "{{" }}')
