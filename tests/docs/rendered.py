"""The reference pages, made from the tables of metrics and checks."""

from collections.abc import Iterator

from feeds import CHECKS, TRENDS

from exporter.checks.check import Check, Compare, Kind, Selector
from exporter.figures.table import METRICS
from exporter.history.detection import Method
from exporter.metrics.detectors import LABELS, detector_families
from exporter.metrics.families import partition_families, verdict_families, vitals_families
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

MADE = "<!-- Made by `make golden` from the code's tables. Do not edit. -->\n"
WORDS = {
    Compare.ABOVE: "above",
    Compare.BELOW: "below",
    Compare.EQUAL: "equal to",
    Compare.UNEQUAL: "other than",
}


def metrics_page() -> str:
    """Return docs/metrics.md."""
    return "\n".join(_metrics()) + "\n"


def _metrics() -> Iterator[str]:
    yield f"{MADE}\n# Metrics\n"
    yield (
        "All are gauges unless their name ends in `_total`. A value that cannot be known (a ratio of "
        "nothing, an absent stage) is an absent sample, never NaN. `stage` is `raw`, `clean` or `rejects`.\n"
    )
    yield "## Of a partition\n\nEach has the label `partition` (`YYYY-MM-DD`) beside those named.\n"
    yield "| metric | labels | meaning |\n|---|---|---|"
    for metric in METRICS:
        yield _row(metric.name, metric.labels, metric.help)
    window = next(family for family in partition_families(()) if family.name.endswith("window_info"))
    yield _row(window.name, ("member", "lag", "week", "back", "baseline"), window.documentation)
    for family in detector_families(()):
        yield _row(family.name, LABELS[family.name][1:], family.documentation)
    status = next(family for family in partition_families(()) if family.name.endswith("check_status"))
    yield _row(status.name, ("check",), status.documentation)
    yield "\n## Of the checks and the report\n\n| metric | labels | meaning |\n|---|---|---|"
    snapshot = Snapshot(0, 0, (), (), ())
    labels = {
        "puffy_check_threshold": ("check", "severity"),
        "puffy_trend_limit": ("metric", "limit"),
        "puffy_trend_direction": ("metric", "direction"),
        "puffy_report_alerts": ("severity",),
        "puffy_gate_hold": ("partition", "reason"),
    }
    for family in verdict_families(snapshot):
        yield _row(family.name, labels.get(family.name, ()), family.documentation)
    yield "\n## Of the exporter itself\n\n| metric | labels | meaning |\n|---|---|---|"
    own = {
        "puffy_exporter_build": ("version",),
        "puffy_exporter_folded_label_values": ("label",),
        "puffy_exporter_output_errors": ("output",),
        "puffy_exporter_pushes": ("peer",),
        "puffy_exporter_push_failures": ("peer",),
        "puffy_exporter_push_outbox_messages": ("peer",),
        "puffy_exporter_push_outbox_oldest_timestamp_seconds": ("peer",),
        "puffy_exporter_push_timestamp_seconds": ("peer",),
        "puffy_exporter_push_success_timestamp_seconds": ("peer",),
    }
    suffix = {"counter": "_total", "info": "_info"}
    for family in vitals_families(snapshot, Vitals()):
        name = family.name + suffix.get(family.type, "")
        yield _row(name, own.get(family.name, ()), family.documentation)
    yield "\n`process_*` and `python_*` are those of the Prometheus client library."


def _row(name: str, labels: tuple[str, ...], meaning: str) -> str:
    return f"| `{name}` | {', '.join(f'`{label}`' for label in labels) or '-'} | {meaning} |"


def checks_page() -> str:
    """Return docs/checks.md."""
    return "\n".join(_checks()) + "\n"


def _checks() -> Iterator[str]:
    checks = CHECKS
    yield f"{MADE}\n# Checks\n"
    yield (
        "These ship with the package. Any field can be overridden, a check switched off or added: see "
        "[configuration](configuration.md#checks). Where the limits of both severities are crossed only the "
        "more severe fires.\n"
    )
    yield "| check | alert | fires when | severity | owner |\n|---|---|---|---|---|"
    for check in checks:
        severities = ", ".join(sorted(severity.value for severity in check.limits))
        blocking = ", blocking" if check.blocking else ""
        yield (
            f"| [{check.name}](#{check.name}) | `{check.alert}` | {_condition(check)} "
            f"| {severities}{blocking} | {check.owner} |"
        )
    for check in checks:
        yield f"\n## {check.name}\n\n**{check.alert}**: {check.summary} {check.impact}\n"
        yield f"Fires when {_condition(check)}.\n"
        yield from (f"{number}. {step}" for number, step in enumerate(check.resolution, start=1))


def _condition(check: Check) -> str:
    if check.kind is Kind.ANOMALY:
        trend = next(trend for trend in TRENDS if trend.name == check.trend)
        armed = {
            Method.AVERAGE: "",
            Method.WEEKDAY: "the same weekday's median by {:g} spreads; until its detector is armed, ",
            Method.RATE: "four weeks' median share by {:g} spreads; until its detector is armed, ",
        }[check.band.method].format(check.band.score)
        what = f"`{trend.metric}`{_labels(trend.labels)}"
        return (
            (f"{what} is off {armed}" if armed else "")
            + f"{'it' if armed else what} is more than {check.band.sigma:g} standard deviations "
            f"and {check.band.min_deviation:.0%} off its baseline, or than {check.band.max_deviation:.0%}"
        )
    value = check.value
    assert value is not None
    what = _selector(value.selector)
    if value.minus is not None:
        what += f" minus {_selector(value.minus)}"
    if value.per is not None:
        what += f" / {_selector(value.per)}"
    if value.absolute:
        what = f"the absolute value of {what}"
    limits = " or ".join(
        f"{limit:g}" + (f" ({severity})" if len(check.limits) > 1 else "")
        for severity, limit in sorted(check.limits.items(), key=lambda item: item[0].rank, reverse=True)
    )
    condition = f"{what} is {WORDS[check.compare]} {limits}"
    if value.when is not None:
        condition += (
            f" while {_selector(value.when.selector)} is {WORDS[value.when.compare]} {value.when.limit:g}"
        )
    if value.after_due_seconds:
        condition += f", {value.after_due_seconds / 3600:g} h after due"
    elif value.after_due_seconds is not None:
        condition += ", past due"
    return condition


def _labels(values: tuple[str, ...]) -> str:
    return f" ({', '.join(values)})" if values else ""


def _selector(selector: Selector) -> str:
    labels = ", ".join(f"{label}={'/'.join(values)}" for label, values in selector.labels.items())
    return f"`{selector.metric}`" + (f" ({labels})" if labels else "")
