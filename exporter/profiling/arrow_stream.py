"""Decompression by Arrow: its codecs are the reference libraries', and release the GIL."""

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
    """A compression supported by Arrow, ``codec`` by its name there. Consecutive frames are one file."""

    name: str
    ending: str
    magic: bytes
    codec: str

    def expand(self, file: Readable) -> Iterator[bytes]:
        """Yield the decompressed bytes of a file. Raises UnpackError if it is incomplete or damaged."""
        file.expect(0, file.size)
        source = Stream(file)
        arrow: Any = pa  # the stubs have no decompressing stream
        stream = arrow.CompressedInputStream(arrow.PythonFile(source, mode="r"), self.codec)
        begun = False
        while True:
            try:
                # `read` leaks its bytes where it raises.
                piece = stream.read_buffer(PIECE).to_pybytes()
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
