"""A day's files as tasks: large ones in ranges, others whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from exporter.engine.pieces import Numbered, Piece, count_file, count_range
from exporter.engine.tree import Task
from exporter.model import PartFile
from exporter.places.url import is_remote
from exporter.profiling.format import Cut, Found, Work
from exporter.profiling.run import format_at, naming, open_part
from exporter.profiling.transcode import is_utf8
from exporter.template import ending_of

SEVERAL_RANGES = 1.5  # times a range's size, above which a file is split


def _anywhere(part: PartFile) -> PartFile:
    """Return a file with an absolute path: other processes have other working directories."""
    return part if is_remote(part.path) else replace(part, path=part.path.absolute())


@dataclass
class Cutting:
    """Splits files lazily, and keeps what is known of them for the end."""

    files: Sequence[PartFile]
    work: Work
    _cuts: dict[int, Cut] = field(default_factory=dict)

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks. Raises OSError if a file cannot be split."""
        several = len(self.files) > 1
        for number, part in enumerate(self.files):
            there = Numbered(number, _anywhere(part), several)
            if self._is_cut(part):
                yield from self._ranges(there)
            else:
                yield Task(count_file, (there, self.work), part.stamp.size)

    def finish(self, piece: Piece) -> Found:
        """Return the result of all files. Raises OSError if they do not belong to the feed after all."""
        columns = []
        for number, part in enumerate(self.files):
            known, cut = piece.files[number], self._cuts.get(number)
            with naming(part, several=len(self.files) > 1):
                columns.append(known.columns if cut is None else cut.finish(known.columns, known.taken))
        return Found(piece.tally, tuple(columns), piece.distinct)

    def _is_cut(self, part: PartFile) -> bool:
        is_plain = ending_of(part.path.name) is None and is_utf8(self.work.table.form.encoding)
        return is_plain and part.stamp.size > SEVERAL_RANGES * self.work.sizes.span

    def _ranges(self, there: Numbered) -> Iterator[Task]:
        part, form = there.part, self.work.table.form
        with naming(part, several=there.several), open_part(part, form, self.work.expansion) as file:
            cut = format_at(file, part.path.name, form).cut(file, self.work)
        self._cuts[there.number] = cut
        for span in cut.ranges:
            yield Task(count_range, (there, cut.read, span), span.size)
