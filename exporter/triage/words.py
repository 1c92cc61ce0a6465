"""Values, limits and conditions in plain words, for somebody who was just woken."""

from collections.abc import Mapping

from exporter.checks.check import Check, Compare, Severity, Value
from exporter.checks.units import value_words
from exporter.figures.table import BY_NAME
from exporter.metric import Labels
from exporter.report.document import short_name

WORDS: Mapping[Compare, str] = {
    Compare.ABOVE: "above",
    Compare.BELOW: "below",
    Compare.EQUAL: "equal to",
    Compare.UNEQUAL: "other than",
    Compare.AT_LEAST: "at least",
    Compare.AT_MOST: "at most",
}
SILENT: Mapping[Compare, str] = {
    compare: "no other than" if compare is Compare.UNEQUAL else f"not {words}"
    for compare, words in WORDS.items()
}


def subject_words(value: Value, labels: Labels = ()) -> str:
    """Name what a check judges; ``labels`` are the values of the sample's labels."""
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
    """Name the limit that was crossed, or all of them, milder first."""
    limits = sorted(check.limits.items(), key=lambda item: item[0].rank, reverse=True)
    chosen = [(severity, limit) for severity, limit in limits if crossed in {None, severity}]
    return " or ".join(f"{value_words(check, limit)} ({severity})" for severity, limit in chosen)
