"""xz: by the standard library, for Arrow has no codec for it."""

import lzma

from exporter.profiling.compression import Compression
from exporter.profiling.members import Members

MAGIC = b"\xfd7zXZ\x00"
MOST_MEMORY = 256 << 20  # bytes; what ``xz -9`` writes takes a quarter of it


def _begin() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_MEMORY)


COMPRESSION = Compression(
    "xz", (".xz",), MAGIC, Members("xz", ".xz", MAGIC, _begin, (lzma.LZMAError,)).expand
)
