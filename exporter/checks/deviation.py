"""How far a value is off, and whether another deviation explains it. Light: the gate's verbs load it."""

import math
from dataclasses import dataclass

WIDE = 2.0


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far an anomalous value is off: ``limit`` is the edge of the interval that it crossed."""

    value: float
    limit: float
    expected: float | None

    @property
    def rises(self) -> bool:
        """Whether the value lies above the interval, and not below."""
        return self.value > self.limit

    @property
    def ratio(self) -> float | None:
        """The value as a ratio of what was expected, ``None`` unless both are positive."""
        return self.value / self.expected if self.expected and min(self.value, self.expected) > 0 else None

    def follows(self, other: "Deviation") -> bool:
        """Return whether another deviation explains this one: same direction, and in proportion.

        In proportion means within twice what both intervals together allow for noise; beyond, it is likelier
        a fault of its own.
        """
        if self.rises is not other.rises:
            return False
        if self.ratio is None or other.ratio is None:
            return self.expected is None or other.expected is None
        return abs(math.log(self.ratio / other.ratio)) <= WIDE * math.hypot(self.reach, other.reach)

    @property
    def reach(self) -> float:
        """From what was expected to the edge, in logarithms."""
        if not self.expected or min(self.limit, self.expected) <= 0:
            return math.inf
        return abs(math.log(self.limit / self.expected))
