"""Amounts in another unit: cents instead of euros, thousands instead of ones."""

FACTORS = (100.0, 1000.0, 0.01, 0.001)
NEAR = 1.6  # times the factor at most, or its inverse at least


def factor_of(ratio: float, near: float = NEAR) -> float | None:
    """Return the factor between two units that a ratio is nearest to, or ``None`` if it is near none."""
    if ratio <= 0:
        return None
    factor = min(FACTORS, key=lambda one: max(ratio / one, one / ratio))
    return factor if factor / near <= ratio <= factor * near else None


def times(factor: float) -> str:
    """Put a factor in words: ``100 times``, ``1/100 of``."""
    return f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"
