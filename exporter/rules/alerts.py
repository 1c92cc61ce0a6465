"""Alert rules: one for each check and severity of the catalogue, with its texts."""

from collections.abc import Iterable, Iterator, Mapping

from exporter.checks.check import Check, Origin, Selector, Severity, Value
from exporter.checks.held import held_words
from exporter.checks.judge import MOST_SHOWN
from exporter.links import Links
from exporter.rules.anomalies import anomaly
from exporter.rules.names import ALERTABLE, CHECKED, DAY, MAY_ALERT, PREFIX
from exporter.rules.promql import breach, indent, looked_at, matchers
from exporter.rules.rule import Alerting, Recording
from exporter.rules.words import FEED, PARTITION, ask, links_of, literal, seen

# Long enough to see a file together with the DQ step's, short compared with the time that a page takes.
HOLD = "30s"
# A restart of the exporter or a missed scrape must not resolve an alert and page again.
KEEP_FIRING = "5m"
BLIND = "puffy:blind"
SNAPSHOT = "puffy_snapshot_as_of_timestamp_seconds"


def alertable() -> Recording:
    """Return the rule that marks the days that may alert."""
    return Recording(ALERTABLE, MAY_ALERT)


def values(checks: Iterable[Check]) -> Iterator[Recording]:
    """Yield the value of each check, once for all its severities."""
    for check in checks:
        if check.origin is Origin.CATALOGUE and check.value is not None:
            yield Recording(CHECKED, looked_at(check.value), {"check": check.name})


def alerts(checks: Iterable[Check], links: Links) -> Iterator[Alerting]:
    """Yield the alert rules of the catalogue's checks, in its order, most severe first."""
    for check in checks:
        if check.origin is Origin.CATALOGUE:
            for severity in check.severities:
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
    """Return the rule that marks blind feeds.

    A feed is blind if it has nothing to judge. While an exporter cannot be scraped, so are the feeds with
    alerts but no snapshot. While all can, a feed without a snapshot was removed: its alerts
    end.
    """
    gone = "\n".join(
        (
            # A finding may get too old to fire while its incident is open.
            "max by (feed) (",
            '  ALERTS{alertstate="firing",partition!=""} or ALERTS{alertstate="firing",incident!=""}',
            ")",
            f"unless on (feed) max by (feed) ({SNAPSHOT})",
            f'and on () (absent({SNAPSHOT}) or min(up{{job="puffy"}}) == 0)',
        )
    )
    blind = "max by (feed) (puffy_exporter_blind) == 1"
    return Recording(BLIND, f"{blind}\nor\n{indent(gone)}\nor\nabsent({SNAPSHOT})")


def still_firing(by: str, itself: str) -> str:
    """Return what fires already of an alert, as in ``reaching``."""
    return f'max by ({by}) (ALERTS{{{itself},alertstate="firing"}})'


def reaching(off: str, by: str, itself: str) -> str:
    """Return the breaches of days that may alert, and what fired before the feed was blind.

    ``by`` are the labels that identify an alert, ``itself`` the matchers of its own ``ALERTS``.
    """
    return "\n".join(
        (
            off,
            "or",
            # What fired stays open while the feed is blind: only a pass can show that it has ended.
            f"  {still_firing(by, itself)} and on (feed) {BLIND}",
        )
    )


def _expression(check: Check, severity: Severity) -> str:
    off = anomaly(check, severity) if check.value is None else breach(check, severity)
    condition = "\n".join(
        (
            f"(\n{indent(off)}\n)",
            f"and on {DAY} {ALERTABLE}",
            f"unless on {DAY}",
            f'  max by {DAY} (puffy_partition_acknowledged{{check="{check.name}"}}) == 1',
        )
    )
    return reaching(condition, "feed, partition", f'alertname="{check.alert}",severity="{severity.value}"')


def _annotations(check: Check, severity: Severity, links: Links) -> Mapping[str, str]:
    return {
        "summary": literal(check.summary),
        "description": seen(BLIND, _description(check, severity)),
        "impact": literal(check.impact),
        **({"held": held_words(PARTITION)} if check.blocks_at(severity) else {}),
        "resolution": "\n".join(
            f"{number}. {literal(step)}" for number, step in enumerate(check.resolution, start=1)
        ),
        "runbook_url": links.runbook(check.runbook),
        **links_of(links, {"alertname": check.alert, "feed": FEED, "partition": PARTITION}),
    }


def _description(check: Check, severity: Severity) -> str:
    if check.value is None:
        return anomaly_words(check.trend or "")
    form = _form(check.value)
    limit = form.replace("$value", "(. | first | value)")
    query = f'max(puffy_check_threshold{{check="{check.name}",severity="{severity}",feed=%q}})'
    found = ask(query, ("feed",), limit)
    return f"{_subject(check.value)} is {form}, limit {found}{_shown(check.shows)}"


def _shown(selector: Selector | None) -> str:
    """Return the template with the details of a figure, empty if there are none."""
    if selector is None:
        return ""
    (free,) = selector.named
    series = f"{selector.metric}{matchers({**selector.labels, 'feed': ('%s',), 'partition': ('%s',)})}"
    query = f"topk({MOST_SHOWN}, max by ({free}) ({series}))"
    name = f'{{{{ if $place }}}}, {{{{ end }}}}{{{{ $sample | label "{free}" }}}}'
    return (
        f"{{{{ with printf `{query}` $labels.feed $labels.partition | query | sortByLabel `{free}` }}}}: "
        f"{{{{ range $place, $sample := . }}}}{name}{{{{ end }}}}{{{{ end }}}}"
    )


def _subject(value: Value) -> str:
    """Describe what was judged: the metric, and its selected label values."""
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
    """Return the template that formats a value in its unit."""
    metric = value.selector.metric
    if value.per is not None or metric.endswith("_ratio"):
        return "{{ $value | humanizePercentage }}"
    if metric.endswith("_seconds"):
        return "{{ $value | humanizeDuration }}"
    return '{{ printf "%.10g" $value }}'


def anomaly_words(trend: str | None) -> str:
    """Return the template that says how far a value deviates; ``None`` means the alert's own trend."""
    words = ['{{ printf "%.6g" $value }}']
    for series, form, text in (
        (f"{PREFIX}baseline_avg{{", '{{ printf "%.6g" (. | first | value) }}', " against a baseline of "),
        (f"{PREFIX}deviation_ratio{{", "{{ . | first | value | humanizePercentage }}", ", off by "),
        (f"{PREFIX}zscore{{", '{{ printf "%.1f" (. | first | value) }}', ", z-score "),
        ("puffy_trend_expected{", '{{ printf "%.6g" (. | first | value) }}', "; its detector expects "),
        ('puffy_trend_score{after="nothing",', '{{ printf "%.1f" (. | first | value) }}', ", score "),
    ):
        metric = "%q" if trend is None else f'"{trend}"'
        labels = ("feed", "partition") if trend is not None else ("metric", "feed", "partition")
        query = f"max({series}metric={metric},feed=%q,partition=%q}})"
        words.append(ask(query, labels, f"{text}{form}"))
    return "".join(words)
