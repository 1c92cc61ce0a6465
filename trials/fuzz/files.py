"""Files for targets, held in memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from exporter.feed import Table
from exporter.model import Day, PartFile, Profile, SourceFile, Stage, Stamp
from exporter.places.readable import Readable
from exporter.profiling.format import Advance, Found, Work
from exporter.profiling.records import Sizes
from exporter.profiling.run import FORMATS, profile_file

PARTITION = date(2025, 3, 30)  # daylight saving time begins in Berlin
SOURCE = SourceFile(PARTITION, Stage.RAW, Path("x"), Stamp(0, 0, 0, 0))


SIGNATURE = 64  # bytes: what is read for its own sake, not piece by piece


@dataclass(frozen=True, slots=True)
class Memory:
    """An open file of a few bytes, of which at most ``most`` are returned at once, or a whole signature."""

    data: bytes
    most: int = 1 << 30

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.data)

    def read(self, length: int, position: int) -> bytes:
        """Return up to ``length`` bytes at ``position``."""
        most = self.most if length > SIGNATURE else length
        return self.data[position : position + min(length, most)]

    def read_into(self, buffer: memoryview, position: int) -> int:
        """Fill the buffer with the bytes at ``position``."""
        found = self.read(len(buffer), position)
        buffer[: len(found)] = found
        return len(found)

    def expect(self, start: int, end: int) -> None:
        """Do nothing: everything is in memory."""

    def arrow(self) -> Any:
        """Open it for Arrow."""
        return pa.BufferReader(self.data)


def profile_of(file: Readable, form: str, day: Day, table: Table, sizes: Sizes) -> dict[str, Any]:
    """Profile an open file of a format, without its fingerprint, which depends on how the file is split.

    Raises as ``profile_file`` does.
    """

    def read(_: Sequence[PartFile], work: Work, threads: int, advance: Advance) -> Found:
        counted = FORMATS[form].read(file, work, threads, advance)
        return Found(counted.tally, (counted.columns,))

    source = replace(SOURCE, stage=table.stage)
    return plain(profile_file(source, day, table=table, sizes=sizes, read=read))


def plain(profile: Profile) -> dict[str, Any]:
    """Return a profile's figures by name."""
    return asdict(replace(profile, fingerprint=""))


@contextmanager
def stored(data: bytes, name: str = "x") -> Iterator[Path]:
    """Provide a path to a file with these bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path
