"""Decompression by the standard library's objects: consecutive members are one file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from exporter.places.readable import Readable
from exporter.profiling.compression import CHUNK, PIECE, cut_off, damaged, other


class Decompressor(Protocol):
    """What ``bz2.BZ2Decompressor`` and ``lzma.LZMADecompressor`` have in common."""

    @property
    def eof(self) -> bool: ...  # noqa: D102  as the standard library has it

    @property
    def unused_data(self) -> bytes: ...  # noqa: D102

    @property
    def needs_input(self) -> bool: ...  # noqa: D102

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Members:
    """A compression with consecutive members; ``errors`` are raised for damaged bytes."""

    name: str
    ending: str
    magic: bytes
    begin: Callable[[], Decompressor]
    errors: tuple[type[Exception], ...]

    def expand(self, file: Readable) -> Iterator[bytes]:
        """Yield the decompressed bytes of an open file. Zeros between and after members are padding.

        Raises UnpackError if the file is incomplete or damaged.
        """
        reader: Decompressor | None = None  # of the unfinished member
        read = members = 0
        file.expect(0, file.size)
        while data := file.read(CHUNK, read):
            read += len(data)
            while data or not (reader is None or reader.needs_input):
                if reader is None:
                    data = data.lstrip(b"\0") if members else data
                    if not data:
                        break
                    self._refuse_others(data, members, read - len(data))
                    reader, members = self.begin(), members + 1
                try:
                    yield reader.decompress(data, PIECE)
                except self.errors:
                    raise damaged(self.name, read) from None
                data = reader.unused_data if reader.eof else b""
                reader = None if reader.eof else reader
        if reader is not None:
            raise cut_off(self.name, read)

    def _refuse_others(self, data: bytes, members: int, place: int) -> None:
        """Reject bytes that do not begin a member; the rest of its first bytes may be still to come."""
        if self.magic.startswith(data[: len(self.magic)]):
            return
        if members:
            raise cut_off(self.name, place, f", and what follows is not {self.name}")
        raise other(self.name, self.ending)
