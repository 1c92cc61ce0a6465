"""Zstandard: consecutive frames are one file."""

from exporter.profiling.arrow_stream import ArrowStream
from exporter.profiling.compression import Compression

MAGIC = b"\x28\xb5\x2f\xfd"

COMPRESSION = Compression("zstd", (".zst", ".zstd"), MAGIC, ArrowStream("zstd", ".zst", MAGIC, "zstd").expand)
