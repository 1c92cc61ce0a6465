"""How far a value deviates, and whether another deviation explains it. Loads quickly, for the gate."""

import math
from collections.abc import Collection
from dataclasses import dataclass

WIDE = 2.0
ABOVE, BELOW = "above", "below"
OPPOSITE = {ABOVE: BELOW, BELOW: ABOVE}

Side = tuple[str, str]  # a check or cause, and to which side it deviates


def side_of(value: float, than: float) -> str | None:
    """Return to which side of another value one is, ``None`` if they are equal."""
    return None if value == than else ABOVE if value > than else BELOW


def is_contrary(found: Collection[Side], known: Collection[Side]) -> bool:
    """Return whether something deviates to the side on which it was not known to deviate."""
    return any((name, side) not in known and (name, OPPOSITE.get(side)) in known for name, side in found)


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far an anomalous value deviates; ``limit`` is the edge of the interval that it crossed."""

    value: float
    limit: float
    expected: float | None

    @property
    def rises(self) -> bool:
        """Whether the value is above the interval rather than below."""
        return self.value > self.limit

    @property
    def ratio(self) -> float | None:
        """The value divided by the expected one; ``None`` unless both are positive."""
        return self.value / self.expected if self.expected and min(self.value, self.expected) > 0 else None

    def follows(self, other: "Deviation") -> bool:
        """Return whether another deviation explains this one: same direction, and in proportion.

        In proportion means within twice the noise that both intervals together allow; beyond that it is
        probably a separate fault.
        """
        if self.rises is not other.rises:
            return False
        if self.ratio is None or other.ratio is None:
            return self.expected is None or other.expected is None
        return abs(math.log(self.ratio / other.ratio)) <= WIDE * math.hypot(self.reach, other.reach)

    @property
    def reach(self) -> float:
        """The logarithmic distance from the expected value to the edge."""
        if not self.expected or min(self.limit, self.expected) <= 0:
            return math.inf
        return abs(math.log(self.limit / self.expected))
