"""How a file is split into byte ranges that can be read separately."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from exporter.feed import Table
from exporter.model import Day
from exporter.places.readable import Readable
from exporter.profiling.columns import columns_read, packs_of
from exporter.profiling.grammar import Grammar, Header
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.records import Sizes
from exporter.profiling.unread import columns_unread
from exporter.profiling.window import Span

REACH = 1 << 20  # how far after its nominal position a cut is searched for


@dataclass(frozen=True, slots=True)
class Scan:
    """Everything needed to read a range of one file, besides the file itself; picklable."""

    header: Header
    table: Table
    day: Day
    sizes: Sizes = field(default_factory=Sizes)
    missing: MissingValues = NO_VALUE

    @property
    def grammar(self) -> Grammar:
        """The form of the file's records."""
        time = self.table.column(self.table.event_time or "")
        # Only an RFC 3339 timestamp is distinctive enough to prove a record.
        proves = time is not None and time.format is None
        needles = (pack.needle for pack in packs_of(self.table))
        return Grammar(
            width=self.header.width,
            timestamp=self.header.position(time.name) if time is not None and proves else None,
            longest_proof=self.sizes.proof,
            delimiter=self.table.form.delimiter,
            quote=self.table.form.quote,
            needles=tuple(needle for needle in needles if needle is not None),
            header=b"" if self.header.invalid_utf8 else self.header.line,
        )

    @property
    def columns(self) -> dict[str, int]:
        """The positions of the existing columns needed for figures."""
        return self._positions(columns_read(self.table))

    @property
    def unread(self) -> dict[str, int]:
        """The positions of the other existing columns of the contract."""
        return self._positions(columns_unread(self.table))

    def _positions(self, names: Iterable[str]) -> dict[str, int]:
        positions = {name: self.header.position(name) for name in names}
        return {name: position for name, position in positions.items() if position is not None}


def plan(file: Readable, size: int, scan: Scan) -> list[Span]:
    """Split a file of ``size`` bytes before lines that prove to start a record.

    The ranges depend only on the content and on ``scan.sizes``, never on the reader, and so does the
    fingerprint derived from theirs. Without an event time nothing proves a record: there is one range.
    """
    nominal = range(scan.sizes.span, size - scan.sizes.span // 2, scan.sizes.span)
    found = (_find_cut(file, place, scan) for place in nominal)
    cuts = {cut for cut in found if cut is not None}
    return [Span(start, end) for start, end in pairwise([0, *sorted(cuts), size])]


def _find_cut(file: Readable, place: int, scan: Scan) -> int | None:
    """Return the start of the first proven line after ``place``."""
    grammar = scan.grammar
    reach = min(REACH, scan.sizes.span)
    near = min(4 * grammar.longest_proof, reach)  # nearly always enough
    for length in (near, reach):
        data = _whole_lines(file.read(length, place))
        proof = grammar.first_proof(data, 0, len(data))
        if proof is not None:
            return place + proof
    return None


def _whole_lines(data: bytes) -> bytes:
    last = len(data) - 1  # a carriage return in last position may be half of a line end
    return data[: max(data.rfind(b"\n", 0, last), data.rfind(b"\r", 0, last)) + 1] if data else b""
