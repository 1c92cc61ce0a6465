"""The figures of every column, whatever its type."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from exporter.profiling.strings import Flags
from exporter.profiling.values.cells import Cells
from exporter.profiling.values.distinct import Distinct
from exporter.profiling.values.hashing import hash_strings
from exporter.profiling.values.kind import Figure

FIGURES = (
    Figure("missing_rows", "Rows without a value: an empty one, or a word that means none."),
    Figure("missing_ratio", "Rows without a value, as a share of all rows."),
    Figure("invalid_rows", "Rows whose value cannot be read as the column's type, or is outside its limits."),
    Figure("invalid_ratio", "Rows with an invalid value, as a share of all rows."),
    Figure("distinct_values", "Distinct values, without surrounding white space; see distinct_is_exact."),
    Figure("distinct_is_exact", "1 if distinct is exact; 0 beyond 100,000, where its error is 0.8%."),
    Figure("duplicate_rows", "Rows that repeat the value of another row; only if distinct is exact."),
)


@dataclass(frozen=True, slots=True)
class Basis:
    """The mergeable state behind ``FIGURES``; ``Basis()`` is that of no rows at all."""

    rows: int = 0
    missing: int = 0
    invalid: int = 0
    distinct: Distinct = field(default_factory=Distinct)

    @classmethod
    def of(cls, cells: Cells, missing: int, invalid: Flags) -> "Basis":
        """Count values, the rows without one, and the values flagged as invalid."""
        return cls(
            rows=cells.rows + missing,
            missing=missing,
            invalid=cells.count(invalid),
            distinct=Distinct.of(hash_strings(cells.strings)),
        )

    @classmethod
    def merge(cls, parts: Sequence["Basis"]) -> "Basis":
        """Merge: associative, order-free, with ``Basis()`` as its identity."""
        return cls(
            rows=sum(part.rows for part in parts),
            missing=sum(part.missing for part in parts),
            invalid=sum(part.invalid for part in parts),
            distinct=Distinct.merge([part.distinct for part in parts]),
        )

    def numbers(self) -> dict[str, float]:
        """Return the figures by name."""
        numbers: dict[str, float] = {
            "missing_rows": self.missing,
            "invalid_rows": self.invalid,
            "distinct_values": self.distinct.count,
            "distinct_is_exact": int(self.distinct.is_exact),
        }
        if self.rows:
            numbers["missing_ratio"] = self.missing / self.rows
            numbers["invalid_ratio"] = self.invalid / self.rows
        if self.distinct.is_exact:
            numbers["duplicate_rows"] = self.rows - self.missing - self.distinct.count
        return numbers
