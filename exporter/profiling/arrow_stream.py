"""Decompress by Arrow: its codecs are those of the reference libraries, and let other threads run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from exporter.places.readable import PlaceError, Readable
from exporter.places.stream import Stream
from exporter.profiling.compression import PIECE, cut_off, damaged, other

CUT_OFF = "Truncated compressed stream"


@dataclass(frozen=True, slots=True)
class ArrowStream:
    """A form that Arrow reads, ``codec`` by its name there. Frames that follow each other are one file."""

    name: str
    ending: str
    magic: bytes
    codec: str

    def expand(self, file: Readable) -> Iterator[bytes]:
        """Yield what an open file expands to. Raises UnpackError if the file is not whole."""
        file.expect(0, file.size)
        source = Stream(file)
        arrow: Any = pa  # the stubs know no stream that decompresses
        stream = arrow.CompressedInputStream(arrow.PythonFile(source, mode="r"), self.codec)
        begun = False
        while True:
            try:
                piece = stream.read(PIECE)
            except PlaceError:
                raise
            except (OSError, pa.ArrowException) as error:
                if CUT_OFF in str(error):
                    raise cut_off(self.name, source.tell()) from None
                if not begun and file.read(len(self.magic), 0) != self.magic:
                    raise other(self.name, self.ending) from None
                raise damaged(self.name, source.tell()) from None
            if not piece:
                return
            begun = True
            yield piece
