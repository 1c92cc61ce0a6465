"""The kernel's inotify: one instance, in it a watch for each folder. Linux alone has it."""

import ctypes
import errno
import os
import select
import struct
import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# From <sys/inotify.h>.
MODIFY, ATTRIB, CLOSE_WRITE = 0x2, 0x4, 0x8
MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF = 0x400, 0x800
UNMOUNT, OVERFLOW, IS_FOLDER, ONLY_FOLDERS = 0x2000, 0x4000, 0x4000_0000, 0x0100_0000

# Reading a file is an event too: were it asked for, our own reading would wake us for ever.
CHANGES = (
    MODIFY
    | ATTRIB
    | CLOSE_WRITE
    | MOVED_FROM
    | MOVED_TO
    | CREATE
    | DELETE
    | DELETE_SELF
    | MOVE_SELF
    | UNMOUNT
)

HEADER = struct.Struct("iIII")  # watch, what happened, cookie of a move, length of the name that follows
BUFFER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to ``name`` in a watched folder, or to the folder itself where ``name`` is empty."""

    watch: int
    what: int
    name: str

    @property
    def is_overflow(self) -> bool:
        """Whether the kernel has dropped events, of any watch."""
        return bool(self.what & OVERFLOW)

    @property
    def is_change(self) -> bool:
        """Whether files may be others now. Rights of a folder say nothing about the files in it."""
        is_of_folder_rights = self.what & ATTRIB and self.what & IS_FOLDER
        return bool(self.what & CHANGES) and not is_of_folder_rights


class Inotify:
    """An instance. The kernel closes it once nothing uses the object any more; ``end`` ends its ``read``."""

    def __init__(self) -> None:
        """Raise OSError where the machine has no instances or no open files left, or is no Linux."""
        if not sys.platform.startswith("linux"):
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        self._libc = ctypes.CDLL(None, use_errno=True)  # its calls let other threads run: a path may hang
        self._file = self._owned(self._checked(self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)))
        self._ended = self._owned(os.eventfd(0, os.EFD_CLOEXEC))

    def add(self, folder: Path) -> int:
        """Watch a folder; return its watch, which is the same for as long as the kernel keeps it.

        Costs a system call. A number is never given twice. Raises OSError: ENOSPC where the machine has no
        watches left.
        """
        return self._checked(
            self._libc.inotify_add_watch(self._file, os.fsencode(folder), CHANGES | ONLY_FOLDERS)
        )

    def remove(self, watch: int) -> None:
        """Watch no more, if the kernel still does."""
        self._libc.inotify_rm_watch(self._file, watch)

    def read(self) -> list[Event]:
        """Wait for events; return those that are there. None at all means that this is the end."""
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        poll.register(self._ended, select.POLLIN)
        if any(file == self._ended for file, _ in poll.poll()):
            return []
        return list(_parse(os.read(self._file, BUFFER_BYTES)))

    def end(self) -> None:
        """Let ``read`` return nothing from now on. May be called from any thread."""
        os.eventfd_write(self._ended, 1)

    def _owned(self, file: int) -> int:
        # Not at the end of the process: a thread may be waiting for events still.
        weakref.finalize(self, os.close, file).atexit = False
        return file

    def _checked(self, result: int) -> int:
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return result


def _parse(content: bytes) -> Iterator[Event]:
    start = 0
    while start < len(content):
        watch, what, _, length = HEADER.unpack_from(content, start)
        start += HEADER.size + length
        yield Event(watch, what, os.fsdecode(content[start - length : start].rstrip(b"\0")))
