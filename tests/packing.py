"""Compress bytes in every format that can be read."""

import bz2
import gzip
import io
import lzma
import zipfile
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


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive of files by their names; a name that ends in a slash is a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in files:
            packed.writestr(name, data)
    return out.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": by_arrow("zstd"),
    ".bz2": bz2.compress,
    ".lz4": by_arrow("lz4"),
    ".xz": lzma.compress,
    ".zip": lambda data: archive(("x.csv", data)),
}
