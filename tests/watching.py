"""Who listens to a watch in tests, and what the kernel itself says of the watches of this process."""

import threading
from pathlib import Path

import pytest


class Heard:
    """Keeps the paths that it hears of."""

    def __init__(self) -> None:
        self.paths: list[Path | None] = []

    def __call__(self, path: Path | None) -> None:
        """Keep one."""
        self.paths.append(path)


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
    """Have the next threads of this name refused, as on a machine that is out of threads."""
    start, left = threading.Thread.start, times

    def begin(thread: threading.Thread) -> None:
        nonlocal left
        if thread.name == name and left:
            left -= 1
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", begin)


def watches() -> dict[tuple[str, str], str]:
    """Return the file behind each watch of inotify, by the instance's descriptor and the watch's number."""
    found = {}
    for path in Path("/proc/self/fdinfo").iterdir():
        try:
            lines = path.read_text().splitlines()
        except OSError:  # the descriptor that lists them
            continue
        for line in lines:
            if line.startswith("inotify "):
                _, watch, inode, device, *_ = line.split()
                found[path.name, watch] = f"{device} {inode}"
    return found
