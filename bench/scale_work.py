"""What a worker does for ``scale.py``: nothing, with all that a range is given. Imported by its name."""

from exporter.engine.pieces import Numbered, Piece
from exporter.profiling.format import NOTHING, Counted, Range, ReadRange
from exporter.profiling.tally import Tally


def skip_range(numbered: Numbered, read: ReadRange, span: Range) -> Piece:
    """Return what a range without a row would give."""
    del read, span
    return Piece(Tally(), {numbered.number: Counted(Tally(), NOTHING.columns)})
