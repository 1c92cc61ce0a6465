"""xz, by the standard library: Arrow has no codec for it."""

import lzma

from exporter.profiling.compression import Compression
from exporter.profiling.members import Members

MAGIC = b"\xfd7zXZ\x00"
MOST_MEMORY = 256 << 20  # bytes; ``xz -9`` needs a quarter of it


def _begin() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_MEMORY)


COMPRESSION = Compression(
    "xz", (".xz",), MAGIC, Members("xz", ".xz", MAGIC, _begin, (lzma.LZMAError,)).expand
)
