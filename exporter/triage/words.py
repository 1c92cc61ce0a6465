"""Values, limits and conditions in the words of a person who was just woken."""

from collections.abc import Mapping

from exporter.checks.check import Check, Compare, Severity, Value
from exporter.figures.metric import Labels
from exporter.figures.table import BY_NAME
from exporter.report.document import short_name

WORDS: Mapping[Compare, str] = {
    Compare.ABOVE: "above",
    Compare.BELOW: "below",
    Compare.EQUAL: "equal to",
    Compare.UNEQUAL: "other than",
}
SILENT: Mapping[Compare, str] = {
    compare: "no other than" if compare is Compare.UNEQUAL else f"not {words}"
    for compare, words in WORDS.items()
}
MINUTE, HOUR = 60, 3600


def amount(value: float, metric: str, *, share: bool = False) -> str:
    """Write a value in the unit of its metric."""
    if share or metric.endswith("_ratio"):
        return f"{value:.2%}"
    if metric.endswith("_seconds"):
        return duration(value)
    return f"{value:,.2f}".removesuffix(".00")


def duration(seconds: float) -> str:
    """Write a duration, for instance ``2 h 53 min``."""
    sign, whole = ("-" if seconds < 0 else ""), abs(seconds)
    if whole < MINUTE:
        return f"{sign}{whole:g} s"
    hours, rest = divmod(round(whole), HOUR)
    minutes = f"{rest // MINUTE} min" if rest >= MINUTE or not hours else ""
    return sign + " ".join(part for part in (f"{hours} h" if hours else "", minutes) if part)


def value_words(check: Check, value: float) -> str:
    """Write what a check looked at, or one of its limits."""
    if check.value is None:
        return f"{value:,.6g}"
    return amount(value, check.value.selector.metric, share=check.value.per is not None)


def subject_words(value: Value, labels: Labels = ()) -> str:
    """Name what a check looks at; ``labels`` are the values of the sample's labels."""
    metric = value.selector.metric
    words = short_name(metric)
    if any(labels):
        named = zip(BY_NAME[metric].labels, labels, strict=True)
        words += f" ({', '.join(f'{name} {text}' for name, text in named)})"
    if value.minus is not None:
        words += f" minus {short_name(value.minus.metric)}"
    if value.per is not None:
        words += f" / {short_name(value.per.metric)}"
    return f"|{words}|" if value.absolute else words


def limit_words(check: Check, crossed: Severity | None = None) -> str:
    """Name the limit that was crossed, or all of them, the milder first."""
    limits = sorted(check.limits.items(), key=lambda item: item[0].rank, reverse=True)
    chosen = [(severity, limit) for severity, limit in limits if crossed in {None, severity}]
    return " or ".join(f"{value_words(check, limit)} ({severity})" for severity, limit in chosen)
