"""A day's files as tasks: large ones by their ranges, all others whole."""

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

SEVERAL_RANGES = 1.5  # times the size of a range, above which there are two


def _anywhere(part: PartFile) -> PartFile:
    """Return a file by a path that other processes find too: they have other working directories."""
    return part if is_remote(part.path) else replace(part, path=part.path.absolute())


@dataclass
class Cutting:
    """Cuts files as their turn comes; what is known of them then is needed once more at the end."""

    files: Sequence[PartFile]
    work: Work
    _cuts: dict[int, Cut] = field(default_factory=dict)

    def tasks(self) -> Iterator[Task]:
        """Yield what is to be done. Raises OSError if a file cannot be cut."""
        several = len(self.files) > 1
        for number, part in enumerate(self.files):
            there = Numbered(number, _anywhere(part), several)
            if self._is_cut(part):
                yield from self._ranges(there)
            else:
                yield Task(count_file, (there, self.work), part.stamp.size)

    def finish(self, piece: Piece) -> Found:
        """Return what was found in all files. Raises OSError if they are none of the feed after all."""
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
