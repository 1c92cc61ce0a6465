"""The reference pages, generated from the tables of metrics and checks."""

import sys
from collections.abc import Iterator

from feeds import BANDS, TRENDS
from prometheus_client.core import Metric

from exporter.causes.known import CAUSES
from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Check, Compare, Kind, Selector
from exporter.history.detection import Method
from exporter.metrics.families import partition_families, verdict_families
from exporter.metrics.vitals import build_info, feed_up, vitals_families
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

MADE = "<!-- Made by `make golden` from the code's tables. Do not edit. -->\n"
WORDS = {
    Compare.ABOVE: "above",
    Compare.BELOW: "below",
    Compare.EQUAL: "equal to",
    Compare.UNEQUAL: "other than",
    Compare.AT_LEAST: "at least",
    Compare.AT_MOST: "at most",
}


def metrics_page() -> str:
    """Return docs/metrics.md."""
    return "\n".join(_metrics()) + "\n"


def _metrics() -> Iterator[str]:
    yield f"{MADE}\n# Metrics\n"
    yield (
        "All are gauges unless their name ends in `_total`. Unknown values (a ratio without a denominator, "
        "an absent stage) have no sample, and are never NaN. `stage` is `raw`, `clean` or `rejects`.\n"
    )
    yield ("Each has the label `feed`, except the version and the metrics of the process.\n")
    shown = Snapshot(0, 0, (), (), ())
    yield "## Per partition\n\nEach also has the label `partition` (`YYYY-MM-DD`).\n"
    yield "| metric | labels | meaning |\n|---|---|---|"
    for family in partition_families(shown):
        yield _row(family, {"feed", "partition"})
    yield "\n## Checks and report\n\n| metric | labels | meaning |\n|---|---|---|"
    for family in verdict_families(shown):
        yield _row(family, {"feed"})
    yield "\n## The exporter itself\n\n| metric | labels | meaning |\n|---|---|---|"
    for family in (build_info(), feed_up({}), *vitals_families(shown, Vitals())):
        yield _row(family, {"feed"})
    yield "\n`process_*` and `python_*` come from the Prometheus client library."


def _row(family: Metric, usual: set[str]) -> str:
    name = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
    own = ("version",) if family.type == "info" else getattr(family, "_labelnames")  # noqa: B009  the library's own
    labels = ", ".join(f"`{label}`" for label in own if label not in usual)
    return f"| `{name}` | {labels or '-'} | {family.documentation} |"


def causes_page() -> str:
    """Return docs/causes.md."""
    return "\n".join(_causes()) + "\n"


def _causes() -> Iterator[str]:
    yield f"{MADE}\n# Causes\n"
    yield (
        "A cause says why a day is bad; a [check](checks.md) says that it is. A cause explains the checks "
        "that follow from it: they stay in breach, in the report and on the page, and are reported with the "
        "cause, in one incident. A check that no cause explains is a problem of its own.\n\n"
        "Causes are checked in this order, from the format of the file to the hours of the day. If two fit, "
        "the earlier one explains the day; some causes explain the whole day, and end the search. One about "
        "a column also explains the checks that are computed from it; one about the rows of a file also "
        "those of a contract that count rows, add up values or count repeated keys, whatever they are "
        "called. A column has one problem a day: another cause about it adds what it explains. Days on which "
        "a cause was found are not among those that it compares the next days with, for up to a week. A "
        "finding is as severe as the worst check that it explains; one that explains none has the "
        "severity below, or is information without notification. For what to do next, see the "
        "[runbooks](../exporter/runbooks/causes.md).\n"
    )
    yield "| cause | layer | description | severity alone | explains | first step |"
    yield "|---|---|---|---|---|---|"
    for cause in CAUSES.values():
        seen = (sys.modules[cause.detect.__module__].__doc__ or "").strip()
        explains = ", ".join(f"`{name}`" for name in cause.explains) or "checks on its column"
        link = f"[{cause.name}](../exporter/runbooks/causes.md#{cause.name})"
        alone = cause.severity or "information"
        layer = cause.layer.name.lower()
        yield f"| {link} | {layer} | {seen} | {alone} | {explains} | {cause.resolution[0]} |"


def checks_page() -> str:
    """Return docs/checks.md."""
    return "\n".join(_checks()) + "\n"


def _checks() -> Iterator[str]:
    checks = load_catalogue(BANDS)
    yield f"{MADE}\n# Checks\n"
    yield (
        "The checks that ship with the package. You can override any field, disable checks and add your "
        "own: see [configuration](configuration.md#checks). If the limits of both severities are crossed, "
        "only the more severe fires.\n"
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
            Method.WEEKDAY: "the expected value by {:g} spreads; until its detector is armed, ",
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
