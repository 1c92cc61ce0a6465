"""Decompress by Arrow: its codecs are those of the reference libraries, and let other threads run."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from exporter.profiling.compression import CHUNK, PIECE, cut_off, damaged, other

CUT_OFF = "Truncated compressed stream"


@dataclass
class _Counted(io.RawIOBase):
    """An open file, read at places of its own, and how far."""

    descriptor: int
    place: int = field(default=0)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = os.pread(self.descriptor, CHUNK if size < 0 else size, self.place)
        self.place += len(data)
        return data


@dataclass(frozen=True, slots=True)
class ArrowStream:
    """A form that Arrow reads, ``codec`` by its name there. Frames that follow each other are one file."""

    name: str
    ending: str
    magic: bytes
    codec: str

    def expand(self, descriptor: int) -> Iterator[bytes]:
        """Yield what an open file expands to. Raises UnpackError where the file is not whole."""
        source = _Counted(descriptor)
        arrow: Any = pa  # the stubs know no stream that decompresses
        stream = arrow.CompressedInputStream(arrow.PythonFile(source, mode="r"), self.codec)
        begun = False
        while True:
            try:
                piece = stream.read(PIECE)
            except (OSError, pa.ArrowException) as error:
                if CUT_OFF in str(error):
                    raise cut_off(self.name, source.place) from None
                if not begun and os.pread(descriptor, len(self.magic), 0) != self.magic:
                    raise other(self.name, self.ending) from None
                raise damaged(self.name, source.place) from None
            if not piece:
                return
            begun = True
            yield piece
