"""Threads of this process."""

from collections.abc import Sequence

from exporter.engine.engine import Health
from exporter.model import PartFile
from exporter.profiling.format import Advance, Found, Work
from exporter.profiling.run import read_files


class Local:
    """Reads files here."""

    def abreast(self, threads: int) -> int:
        """Return the number of threads: reading a whole file never waits for another."""
        return threads

    def read(self, files: Sequence[PartFile], work: Work, threads: int, advance: Advance) -> Found:
        """Read all files of a day."""
        return read_files(files, work, threads, advance)

    def health(self) -> Health | None:
        """Return nothing: there is no other process that could fail."""
        return None


LOCAL = Local()
