"""A check's value as PromQL: the counterpart of ``checks.judge``, case by case.

Every metric is first restricted to the days that may alert: the rest of the
window costs only the lookup. Then everything is aggregated by ``max`` before joins, so that job and
instance are removed: two exporters on the same data give one verdict, and a join over both of them does
not fail. Every join includes the feed: a limit of one is never compared with a value of another.
"""

from collections.abc import Iterable, Mapping

from exporter.checks.check import Check, Guard, Selector, Severity, Value
from exporter.figures.table import BY_NAME
from exporter.rules.names import ALERTABLE, CHECKED, DAY

AS_OF = "max by (feed) (puffy_snapshot_as_of_timestamp_seconds)"
DUE = f"max by {DAY} (puffy_partition_due_timestamp_seconds and on {DAY} {ALERTABLE})"
FINITE = "< Inf > -Inf"


def breach(check: Check, severity: Severity) -> str:
    """Return the partitions where a threshold check crosses a limit, with the value.

    If both limits are crossed, only the more severe one counts.
    """
    worse = [other for other in check.limits if other.rank < severity.rank]
    return f"\nunless on {DAY}\n".join(_crossed(check, limit) for limit in (severity, *worse))


def _crossed(check: Check, severity: Severity) -> str:
    aggregate = "min" if check.compare.downwards else "max"
    values, limit = f'{CHECKED}{{check="{check.name}"}}', threshold(check.name, severity)
    return f"{aggregate} by {DAY} ({values} {check.compare} on (feed) group_left () {limit})"


def looked_at(value: Value) -> str:
    """Return the value that a check compares with its limits, if it applies: by partition and free labels."""
    parts = [_figure(value)]
    if value.when is not None:
        parts.append(_guard(value.when, value.selector))
    if value.after_due_seconds is not None:
        early = number(-value.after_due_seconds or 0.0)
        parts.append(f"and on {DAY} ({DUE} - on (feed) group_left () {AS_OF} < {early})")
    return "\n".join(parts)


def threshold(check: str, severity: str) -> str:
    """Return the configured limit of each feed: absent if it is disabled."""
    return f'max by (feed) (puffy_check_threshold{{check="{check}",severity="{severity}"}})'


def _figure(value: Value) -> str:
    own = value.selector
    samples = _by(own.metric, own.free, matchers(own.labels))
    if value.minus is not None:
        samples = _joined(samples, "-", own, value.minus)
    if value.per is not None:
        samples = _joined(samples, "/", own, value.per)
    return f"abs({samples})" if value.absolute else samples


def _joined(samples: str, sign: str, own: Selector, other: Selector) -> str:
    labels = _shared(other, own)
    many = " group_left ()" if labels != own.free else ""
    partner = _partner(other, own)
    partner = f"({partner} != 0)" if sign == "/" else partner
    joined = f"{samples}\n{sign} on ({', '.join(('feed', 'partition', *labels))}){many}\n{partner}"
    return f"(\n{indent(joined)}\n) {FINITE}"


def _guard(guard: Guard, own: Selector) -> str:
    labels = ", ".join(("feed", "partition", *_shared(guard.selector, own)))
    return f"and on ({labels}) ({_partner(guard.selector, own)} {guard.compare} {number(guard.limit)})"


def _partner(selector: Selector, own: Selector) -> str:
    """Return the samples of another metric with the same labels as the judged one."""
    fixed: dict[str, Iterable[str]] = {}
    for label in BY_NAME[selector.metric].labels:
        for chosen in (selector.labels.get(label, ()), own.labels.get(label, ())):
            if len(chosen) == 1:
                fixed[label] = chosen
                break
    return _by(selector.metric, _shared(selector, own), matchers(fixed))


def _shared(selector: Selector, own: Selector) -> tuple[str, ...]:
    return tuple(label for label in selector.free if label in own.free)


def _by(metric: str, labels: Iterable[str], matching: str) -> str:
    by = ", ".join(("feed", "partition", *labels))
    return f"max by ({by}) ({metric}{matching} and on {DAY} {ALERTABLE})"


def matchers(labels: Mapping[str, Iterable[str]]) -> str:
    """Write label matchers; several values become an alternative."""
    written = [_matcher(label, tuple(values)) for label, values in labels.items()]
    return f"{{{','.join(written)}}}" if written else ""


def _matcher(label: str, values: tuple[str, ...]) -> str:
    if len(values) == 1:
        return f"{label}={quote(values[0])}"
    return f"{label}=~{quote('|'.join(_literal(value) for value in values))}"


def _literal(text: str) -> str:
    """Escape a label's value for RE2."""
    return "".join(f"\\{letter}" if letter in r"\.+*?()|[]{}^$" else letter for letter in text)


def quote(text: str) -> str:
    """Write a PromQL string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def number(value: float) -> str:
    """Format a number so that it is read back exactly."""
    return repr(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


def indent(text: str) -> str:
    """Indent every line by one step."""
    return "\n".join(f"  {line}" for line in text.split("\n"))
