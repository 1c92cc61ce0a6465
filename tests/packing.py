"""Compress bytes in every format that can be read."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from typing import Any

import pyarrow as pa


def by_arrow(codec: str) -> Callable[[bytes], bytes]:
    """Return a function that compresses with Arrow."""

    def pack(data: bytes) -> bytes:
        arrow: Any = pa
        out = arrow.BufferOutputStream()
        with arrow.CompressedOutputStream(out, codec) as stream:
            stream.write(data)
        packed: bytes = out.getvalue().to_pybytes()
        return packed

    return pack


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": by_arrow("zstd"),
    ".bz2": bz2.compress,
    ".lz4": by_arrow("lz4"),
    ".xz": lzma.compress,
}
