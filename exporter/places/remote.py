"""Files on object storage, through Arrow's file systems: read in ranges, without a copy."""

import errno
import logging
import os
import re
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from exporter.model import NANOSECONDS, PartFile, Place, Stamp
from exporter.places import kinds
from exporter.places.ahead import BLOCK, Ahead
from exporter.places.kind import Kind
from exporter.places.readable import FileChanged, PlaceError
from exporter.places.stream import Stream
from exporter.plain import plain
from exporter.registry import constants_of

log = logging.getLogger(__name__)

ABREAST = 4  # requests for one file at a time
LONGEST_REASON = 200
_AWS = re.compile(r"AWS Error ([A-Z_a-z]+)(?:.*?during (\w+) operation)?")
_NAMED, _HUMP = re.compile(r"ExceptionName: (\w+)"), re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUERY = re.compile(r"\?\S+")  # where a shared access signature would be


_found: Iterable[Kind] = constants_of(kinds, "KIND")
KINDS: Mapping[str, Kind] = {scheme: kind for kind in _found for scheme in kind.schemes}
"""Every kind of object storage, by the schemes of its addresses."""


@lru_cache(maxsize=64)
def _connected(scheme: str, authority: str, place: Place) -> tuple[Any, str]:
    kind = KINDS[scheme]
    if ignored := kind.ignored(place):
        names = ", ".join(f"places.{name}" for name in ignored)
        log.warning("settings have no effect on this kind of storage", extra={"kind": scheme, "keys": names})
    with short_errors():
        return kind.connect(scheme, authority, place)


def connect(path: PurePath, place: Place) -> tuple[Any, str]:
    """Return a path's file system, and its path there. Raises PlaceError."""
    first, authority, *rest = path.parts
    system, root = _connected(first.removesuffix(":"), authority, place)
    return system, "/".join((root.rstrip("/"), *rest))


@contextmanager
def short_errors() -> Iterator[None]:
    """Turn Arrow's errors into a short PlaceError without secrets."""
    try:
        yield
    except (PlaceError, FileChanged):
        raise
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "there is no such object or folder") from None
    except (OSError, ValueError, NotImplementedError) as error:
        raise PlaceError(errno.EIO, _words(error)) from None


def _words(error: Exception) -> str:
    text = str(error)
    if "NO_SUCH_BUCKET" in text or "does not exist" in text:
        return "there is no such bucket or folder"
    found, named = _AWS.search(text), _NAMED.search(text)
    if found is not None and (found[1] != "UNKNOWN" or named is not None):
        name = _HUMP.sub(" ", named[1]) if named is not None else found[1].replace("_", " ")
        return name.lower() + (f" ({found[2]})" if found[2] else "")
    return plain(_QUERY.sub("?…", text), LONGEST_REASON)


def stamp_of(info: Any) -> Stamp:
    """Return a listed file's stamp. Its time is in whole seconds: some services have nothing finer."""
    modified = (info.mtime_ns or 0) // NANOSECONDS * NANOSECONDS
    return Stamp(info.size or 0, modified, modified, 0)


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """A listed name, like ``os.DirEntry``. There are no links there."""

    path: str
    folder: bool
    found: Stamp

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rsplit("/", 1)[-1]

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002  as os.DirEntry has it
        """Return whether names are below it."""
        return self.folder

    def is_file(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002
        """Return whether it is a file."""
        return not self.folder

    def is_symlink(self) -> bool:
        """Return that it is not one."""
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002
        """Return the listed values, without another request."""
        mode = stat.S_IFDIR if self.folder else stat.S_IFREG
        seconds = self.found.mtime_ns // NANOSECONDS
        times = {"st_mtime_ns": self.found.mtime_ns, "st_ctime_ns": self.found.ctime_ns}
        return os.stat_result((mode, 0, 0, 1, 0, 0, self.found.size, seconds, seconds, seconds), times)


def list_folder(folder: Path, place: Place, *, recursive: bool) -> list[RemoteEntry]:
    """List what is in a folder, or below it. Raises FileNotFoundError, PlaceError."""
    from pyarrow import fs  # noqa: PLC0415  slow to load, and rarely needed

    system, key = connect(folder, place)
    with short_errors():
        infos = system.get_file_info(fs.FileSelector(key, recursive=recursive))
    base = key.rstrip("/") + "/"
    return [
        RemoteEntry(
            f"{folder}/{info.path.removeprefix(base)}", info.type == fs.FileType.Directory, stamp_of(info)
        )
        for info in infos
    ]


def _etag_of(source: Any) -> str:
    found = (source.metadata() or {}).get("ETag", b"")
    return found.decode("ascii", "replace") if isinstance(found, bytes) else str(found)


@dataclass(slots=True)
class RemoteFile:
    """An open remote file. Announced ranges are prefetched by a block, others fetched on request."""

    part: PartFile
    system: Any
    key: str
    source: Any  # pyarrow.NativeFile
    size: int
    _etag: str | None = None
    _pool: ThreadPoolExecutor | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _own: threading.local = field(default_factory=threading.local)  # each thread's Ahead

    def read(self, length: int, position: int) -> bytes:
        """Return up to ``length`` bytes at ``position``."""
        data = bytes(self._view(length, position))
        while 0 < len(data) < length and (more := self._view(length - len(data), position + len(data))):
            data += more  # a prefetched block ended
        return data

    def read_into(self, buffer: memoryview, position: int) -> int:
        """Fill the buffer with the bytes at ``position``."""
        filled = 0
        while filled < len(buffer) and (data := self._view(len(buffer) - filled, position + filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def expect(self, start: int, end: int) -> None:
        """Prefetch for this thread from here on."""
        self._own.ahead = Ahead(self._submit, start, min(end, self.size))

    def arrow(self) -> Any:
        """Open it for Arrow, reading through this object, so that limits and errors are the same."""
        import pyarrow as pa  # noqa: PLC0415  takes long to load

        return pa.PythonFile(Stream(self), mode="r")

    def stamp(self) -> Stamp:
        """Request its current stamp. Raises FileChanged if it has an ETag that has changed."""
        with short_errors():
            info = self.system.get_file_info(self.key)
            if self._etag is None:
                self._etag = _etag_of(self.source)
            elif self._etag:
                with self.system.open_input_file(self.key) as again:
                    if _etag_of(again) != self._etag:
                        raise FileChanged(self.part.path)
        if not info.is_file:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.key)
        return stamp_of(info)

    def close(self) -> None:
        """Close it."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        with suppress(OSError, ValueError):
            self.source.close()

    def _view(self, length: int, position: int) -> bytes | memoryview:
        length = min(length, self.size - position)
        if length <= 0:
            return b""
        ahead: Ahead | None = getattr(self._own, "ahead", None)
        found = None if ahead is None else ahead.read(length, position)
        return self._fetch(position, length) if found is None else found

    def _submit(self, position: int, length: int) -> "Future[bytes | memoryview]":
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(ABREAST, thread_name_prefix="fetch")
        return self._pool.submit(self._fetch, position, length)

    def _fetch(self, position: int, length: int) -> memoryview:
        with short_errors():
            # `read_at` leaks its bytes where it raises.
            data = memoryview(self.source.get_stream(position, length).read_buffer(length)).cast("B")
        if len(data) < length:
            raise FileChanged(self.part.path)
        return data


@contextmanager
def open_remote(part: PartFile) -> Iterator[RemoteFile]:
    """Open a remote file. Raises FileNotFoundError, PlaceError."""
    system, key = connect(part.path, part.place)
    with short_errors():
        source = system.open_input_file(key)
        size = source.size()
    file = RemoteFile(part, system, key, source, size)
    try:
        yield file
    finally:
        file.close()


__all__ = ["BLOCK", "KINDS", "RemoteEntry", "RemoteFile", "connect", "list_folder", "open_remote", "stamp_of"]
