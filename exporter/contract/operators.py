"""A quality rule's demand, turned into a check's breach."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exporter.contract.node import Node, number_of

# A rule says what must hold, a check what is a breach: hence the inverse comparison.
OPPOSITE: Mapping[str, tuple[str, str]] = {
    "mustBe": ("!=", "be "),
    "mustNotBe": ("==", "not be "),
    "mustBeGreaterThan": ("<=", "be more than "),
    "mustBeGreaterOrEqualTo": ("<", "be at least "),
    "mustBeLessThan": (">=", "be less than "),
    "mustBeLessOrEqualTo": (">", "be at most "),
}
WRITTEN: Mapping[str, str] = {compare: key for key, (compare, _) in OPPOSITE.items()}
ROWS = frozenset(("rows", "row", "count"))
PERCENT = frozenset(("percent", "%", "percentage"))


@dataclass(frozen=True, slots=True)
class Demand:
    """One comparison that is a breach; ``above`` is a second limit, for a gap between two."""

    ending: str  # of the check's name
    compare: str
    limit: float
    words: str  # what must hold
    above: float | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A rule's unit: rows, or shares of them, which are ratios in figures."""

    share: bool = False

    def of(self, number: float) -> float:
        """Convert a number of the contract to the unit of figures."""
        return number / 100 if self.share else number

    def words(self, number: float) -> str:
        """Format a number of the contract."""
        return f"{number:,.10g}{' percent' if self.share else ''}"


def unit_of(rule: Node) -> Unit | None:
    """Return the unit, or ``None`` if rows are not counted in it."""
    written = (rule.text("unit") or "rows").strip().lower()
    if written in ROWS | PERCENT:
        return Unit(share=written in PERCENT)
    rule.wrong(f"rows are counted in rows or percent, not in {written}", "unit")
    return None


def demands_of(rule: Node, unit: Unit, *, counted: bool) -> Iterator[Demand]:
    """Yield what a rule's operator demands; ``counted`` numbers are never negative."""
    for key, (compare, words) in OPPOSITE.items():
        if key in rule:
            number = rule.number(key)
            if number is None or not math.isfinite(number):
                rule.wrong("must be a number", key)
            elif _possible(rule, unit, number, key, counted=counted):
                yield Demand("", compare, unit.of(number), words + unit.words(number))
    for key in ("mustBeBetween", "mustNotBeBetween"):
        ends = _ends(rule, key)
        if ends is None or not all(_possible(rule, unit, end, key, counted=counted) for end in ends):
            continue
        low, high = ends
        words = f"be between {unit.words(low)} and {unit.words(high)}"
        if key == "mustBeBetween":
            yield Demand("_low", "<", unit.of(low), words)
            yield Demand("_high", ">", unit.of(high), words)
        else:
            yield Demand("", "<=", unit.of(high), f"not {words}", unit.of(low))


def _ends(rule: Node, key: str) -> tuple[float, float] | None:
    ends = rule.value.get(key)
    if not isinstance(ends, list) or len(ends) != len(("low", "high")):
        return None
    low, high = map(number_of, ends)
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        rule.wrong("must be two numbers", key)
        return None
    if low > high:
        rule.wrong(f"the first number, {low:g}, is larger than the second", key)
        return None
    return low, high


def _possible(rule: Node, unit: Unit, number: float, key: str, *, counted: bool) -> bool:
    if counted and number < 0:
        rule.wrong("a count is never negative", key)
    elif unit.share and not 0 <= number <= 100:  # noqa: PLR2004  percent
        rule.wrong("a share is between 0 and 100 percent", key)
    else:
        return True
    return False
