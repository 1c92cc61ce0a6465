"""LZ4 in its frame format: consecutive frames are one file."""

from exporter.profiling.arrow_stream import ArrowStream
from exporter.profiling.compression import Compression

MAGIC = b"\x04\x22\x4d\x18"

COMPRESSION = Compression("lz4", (".lz4",), MAGIC, ArrowStream("lz4", ".lz4", MAGIC, "lz4").expand)
