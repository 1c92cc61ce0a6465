"""Values and limits in the unit of their metric, which the suffix of its name gives."""

from exporter.checks.check import Alert, Check, Compare
from exporter.figures.table import BY_NAME
from exporter.history.detection import Method

USUAL = frozenset(("puffy_partition_vanished_event_rows", "puffy_partition_lost_orders"))  # on other days
# These have samples only if something has changed.
AGAINST_OTHER_DAYS = USUAL | {"puffy_partition_new_event_rows"}
COUNTED = {
    "_rows": "row",
    "_keys": "row",
    "_orders": "order",
    "_checkouts": "order",
    "_defects": "order",
    "_lines": "line",
}
TREND_NOUNS = {"events": "rows", "rows": "rows", "checkouts": "orders"}  # what a trend counts, if anything
TREND_WORDS = {
    "checkouts": "orders",
    "events": "rows",
    "reject_ratio": "share of rejected rows",
    "missing_client_id_ratio": "share of rows without client_id",
    "referrer_null_ratio": "share of rows without referrer",
    "referrer_synthetic_ratio": "share of synthetic referrers",
}
GAP = "puffy_partition_revenue_gap_ratio"
MINUTE, HOUR = 60, 3600
LONGEST_HOURS = 72  # above this, days are easier to read
NEARLY_ALL = 0.999
SMALLEST_SHARE = 0.00005  # below this, two decimals of a percentage would read as zero


def amount(value: float, metric: str, *, share: bool = False) -> str:
    """Format a value in the unit of its metric."""
    if share or metric.endswith("_ratio"):
        return percentage(value)
    if metric.endswith("_seconds"):
        return duration(value)
    number = f"{value:,.2f}".removesuffix(".00")
    noun = next((noun for ending, noun in COUNTED.items() if metric.endswith(ending)), None)
    return number if noun is None else f"{number} {noun}{'s' * (number != '1')}"


def trend_words(trend: str) -> str:
    """Name what a trend follows, within a sentence."""
    return TREND_WORDS.get(trend, trend.replace("_", " "))


def change_size(change: float) -> str:
    """Format how large a relative change is; 100% only if nothing is left."""
    text = f"{abs(change):.0%}"
    return f"{min(abs(change), NEARLY_ALL):.1%}" if text == "100%" and -1 < change < 0 else text


def percentage(share: float) -> str:
    """Format a share, such as ``48.3%``."""
    if 0 < abs(share) < SMALLEST_SHARE:
        return f"{share * 100:.1g}%"
    number = f"{share * 100:,.2f}".rstrip("0").removesuffix(".")
    return f"{'0' if number == '-0' else number}%"


def duration(seconds: float) -> str:
    """Format a duration, such as ``2 h 53 min``."""
    sign, whole = ("-" if seconds < 0 else ""), abs(seconds)
    if whole < MINUTE:
        return f"{sign}{whole:.3g} s"
    hours, rest = divmod(round(whole), HOUR)
    if hours >= LONGEST_HOURS:
        days, hours = divmod(hours, 24)
        return f"{sign}{days} d" + (f" {hours} h" if hours else "")
    minutes = f"{rest // MINUTE} min" if rest >= MINUTE or not hours else ""
    return sign + " ".join(part for part in (f"{hours} h" if hours else "", minutes) if part)


def value_words(check: Check, value: float) -> str:
    """Format a check's value, or one of its limits."""
    if check.value is None:
        return amount(value, check.trend or "", share=check.band.method is Method.RATE)
    return amount(value, check.value.selector.metric, share=check.value.per is not None)


def finding_words(alert: Alert) -> str:
    """Describe a finding: where, the value and the limit; no figures for a yes-or-no check."""
    where = [f"{label} {text}" for label, text in alert.labels.items()]
    if alert.check.compare is not Compare.EQUAL:
        found = found_words(alert)
        limit = value_words(alert.check, alert.limit)
        where += [f"usually {found} a day"] if is_usual(alert.check) else [found, f"limit {limit}"]
    return with_names(alert, where)


def with_names(alert: Alert, words: list[str]) -> str:
    """Join words, followed by the names that a check shows unless the labels already give them."""
    names = () if set(alert.names) <= set(alert.labels.values()) else alert.names
    return ": ".join(filter(None, (", ".join(words), ", ".join(names))))


def found_words(alert: Alert) -> str:
    """Format the value, with its total: ``351 of 4,042 rows (8.68%)``, or ``19 of 38 orders``."""
    found = value_words(alert.check, alert.value)
    if alert.share is None:
        return found
    part, whole = (f"{number:,.10g}" for number in alert.share)
    if alert.check.value is not None and alert.check.value.selector.metric == GAP:
        way = "more" if alert.share[0] > alert.share[1] else "less"
        return f"{part} in clean, {whole} in raw ({found} {way})"
    counts = f"{part} of {whole}{_noun(alert.check)}"
    return counts if alert.value == alert.share[0] and not found.endswith("%") else f"{counts} ({found})"


def _noun(check: Check) -> str:
    """Name what a share counts."""
    if check.value is None:
        return ""
    names = [check.value.selector.metric, *([] if check.value.per is None else [check.value.per.metric])]
    if any("order" in name or "checkout" in name for name in names):
        return " orders"
    return " rows" if BY_NAME[names[0]].counts is not None or names[-1].endswith("_rows") else ""


def is_usual(check: Check) -> bool:
    """Return whether a value is one of other days, for something that is gone: it has no limit."""
    return check.value is not None and check.value.selector.metric in USUAL
