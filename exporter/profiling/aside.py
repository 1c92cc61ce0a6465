"""What is in place of a day's file: a short description of a file or folder that is not read for rows."""

import os
import stat
from functools import lru_cache
from pathlib import Path

from exporter.places.local import LocalFile
from exporter.profiling.compression import CHUNK, Compression
from exporter.profiling.form import name_magic
from exporter.profiling.grammar import UnpackError
from exporter.profiling.unpack import COMPRESSIONS

MOST = 64 << 20  # compressed bytes to try, in pieces that are not kept
MOST_PLAIN = 1 << 30  # limit of their decompressed bytes: a bomb must not take minutes


def describe(path: Path) -> str:
    """Describe a file or folder; empty if there is nothing to say. A file is inspected once.

    Links are not followed: they could lead to any file of the machine.
    """
    try:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            return _folder(path)
        if not stat.S_ISREG(status.st_mode):
            return ""
        return _file(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return ""


def _folder(path: Path) -> str:
    with os.scandir(path) as entries:
        files = sum(entry.is_file(follow_symlinks=False) for entry in entries)
    return f"a folder of {files:,} file{'s' * (files != 1)}"


@lru_cache(maxsize=256)
def _file(path: Path, size: int, _modified_ns: int) -> str:
    """Inspect a file; its time makes sure that it is inspected again after changes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        file = LocalFile(descriptor)
        head = file.read(CHUNK, 0)
        packed = next((one for one in COMPRESSIONS if head.startswith(one.magic)), None)
        return name_magic(head) or "" if packed is None else _compressed(file, size, packed)
    finally:
        os.close(descriptor)


def _compressed(file: LocalFile, size: int, packed: Compression) -> str:
    """Decompress up to a limit, keeping nothing, to see whether it is complete."""
    name = f"{packed.name}-compressed"
    if size > MOST:
        return name
    plain = 0
    try:
        for piece in packed.expand(file):
            plain += len(piece)
            if plain > MOST_PLAIN:
                break
    except UnpackError as error:
        return f"a {packed.name} file that {str(error.strerror).removeprefix(f'{packed.name} file ')}"
    return name
