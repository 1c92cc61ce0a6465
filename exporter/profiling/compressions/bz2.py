"""bzip2, by the standard library: Arrow's reader fails on an empty stream between others."""

import bz2

from exporter.profiling.compression import Compression
from exporter.profiling.members import Members

MAGIC = b"BZh"

COMPRESSION = Compression(
    "bzip2",
    (".bz2",),
    MAGIC,
    Members("bzip2", ".bz2", MAGIC, bz2.BZ2Decompressor, (OSError, ValueError)).expand,
)
