"""Many watches on one thread: each is notified of its own folders, whatever the others do."""

import ctypes
import errno
import logging
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import until
from watchdog.observers.inotify_c import CallbackId, InotifyFD, Mask, WatchCallback, WatchDescriptor
from watching import Heard, watches

from exporter.watch.kernel import Kernel

LIMITED = """\
import logging, sys, threading
from pathlib import Path
from exporter.watch.mode import Mode
from exporter.watch.observer import Observer, Watch
from watching import watches
observer = Observer()
for name in ("one", "two"):
    folders = [Path(sys.argv[1], name), Path(sys.argv[1], name, "below")]
    heard = threading.Event()
    watch = Watch(observer, folders, heard.set, concerns=lambda _: True, mode=Mode.INOTIFY, poll_seconds=0.1)
    watch.attend()
    (folders[1] / "file").touch()
    print(watch.mode, heard.wait(10), len(watches()))
"""


BARRED = """\
import logging, os, sys
from pathlib import Path
from exporter.watch.kernel import Kernel
from watching import watches
logging.basicConfig(format="%(message)s %(folder)s %(reason)s")
kernel, heard = Kernel(), []
for _ in range(2):
    kernel.attend(heard.append, [Path(sys.argv[1], "barred"), Path(sys.argv[1], "open")])
print(len(watches()), len(kernel._inotify._watch_for_wd))
"""
HANG_SECONDS = 20


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """Provide one and close it, once the thread of the previous one has ended."""
    assert until(lambda: not any(thread.name == "file events" for thread in threading.enumerate()))
    kernel = Kernel()
    yield kernel
    kernel.close()


def folder_of(place: Path) -> Path:
    """Create a folder."""
    place.mkdir()
    return place


def test_each_is_notified_of_its_own_folders_only(kernel: Kernel, tmp_path: Path) -> None:
    """Paths are below the folder as it was named."""
    one, two = folder_of(tmp_path / "one"), folder_of(tmp_path / "two")
    hears_one, hears_two = Heard(), Heard()
    kernel.attend(hears_one, [one])
    kernel.attend(hears_two, [two])
    (one / "a").touch()
    assert until(lambda: one / "a" in hears_one.paths)
    (two / "b").touch()
    assert until(lambda: two / "b" in hears_two.paths)
    assert set(hears_one.paths) == {one / "a"}
    assert set(hears_two.paths) == {two / "b"}


def test_one_folder_may_have_several_listeners_and_several_names(kernel: Kernel, tmp_path: Path) -> None:
    """The kernel has one watch for it, which lasts until the last listener stops."""
    folder, link = folder_of(tmp_path / "folder"), tmp_path / "link"
    link.symlink_to(folder)
    first, second = Heard(), Heard()
    kernel.attend(first, [folder])
    kernel.attend(second, [link])
    (folder / "a").touch()
    assert until(lambda: folder / "a" in first.paths and link / "a" in second.paths)
    kernel.forget(first)
    first.paths.clear()
    (folder / "b").touch()
    assert until(lambda: link / "b" in second.paths)
    assert first.paths == []
    kernel.forget(second)
    assert watches() == kernel._held == {}


def test_fifty_share_one_thread(kernel: Kernel, tmp_path: Path) -> None:
    """However many folders each of them has."""
    before = threading.active_count()
    for number in range(50):
        kernel.attend(Heard(), [folder_of(tmp_path / f"{number}{letter}") for letter in "abc"])
    assert threading.active_count() - before == 1


def test_a_failing_listener_does_not_affect_the_others(
    kernel: Kernel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even if it fails on the same event."""
    heard = Heard()

    def fail(_: Path | None) -> None:
        raise RuntimeError("unlucky")

    kernel.attend(fail, [tmp_path])
    kernel.attend(heard, [tmp_path])
    (tmp_path / "a").touch()
    assert until(lambda: tmp_path / "a" in heard.paths)
    assert "file event lost" in caplog.text


def test_a_folder_that_is_moved_away_is_reported_and_no_longer_watched(
    kernel: Kernel, tmp_path: Path
) -> None:
    """A new folder in its place is watched from the next pass."""
    heard, folder = Heard(), folder_of(tmp_path / "folder")
    kernel.attend(heard, [folder])
    folder.rename(tmp_path / "elsewhere")
    assert until(lambda: folder in heard.paths)
    kernel.attend(heard, [folder])
    heard.paths.clear()
    (tmp_path / "elsewhere" / "a").touch()
    folder.mkdir()
    kernel.attend(heard, [folder])
    (folder / "b").touch()
    assert until(lambda: folder / "b" in heard.paths)
    assert set(heard.paths) == {folder / "b"}


def test_an_unmounted_volume_is_reported(kernel: Kernel, tmp_path: Path) -> None:
    """At once, even if none of its files has changed."""
    if subprocess.run(
        ["mount", "-t", "tmpfs", "none", tmp_path], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    heard = Heard()
    try:
        kernel.attend(heard, [tmp_path])
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert until(lambda: tmp_path in heard.paths)
    assert until(lambda: watches() == {})


def test_permissions_of_files_are_events_and_those_of_folders_are_not(kernel: Kernel, tmp_path: Path) -> None:
    """They say nothing about the files in it."""
    heard, file = Heard(), tmp_path / "file"
    below = folder_of(tmp_path / "below")
    file.touch()
    kernel.attend(heard, [tmp_path])
    tmp_path.chmod(0o755)
    below.chmod(0o700)
    file.chmod(0o600)
    assert until(lambda: file in heard.paths)
    assert set(heard.paths) == {file}


def test_if_the_kernel_drops_events_everybody_is_notified(
    kernel: Kernel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """More files arrive than its queue can hold, while nobody reads it."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 20_000:
        pytest.skip("this machine keeps more events than a test can make")
    busy, other = folder_of(tmp_path / "busy"), folder_of(tmp_path / "other")
    go_on, heard = threading.Event(), Heard()

    def wait(_: Path | None) -> None:
        go_on.wait(60)

    kernel.attend(wait, [busy])
    kernel.attend(heard, [other])
    for number in range(most // 2 + 1000):  # creating and closing are one event each
        (busy / f"{number}").touch()
    go_on.set()
    assert until(lambda: None in heard.paths, 30)
    assert "overflowed" in caplog.text


def test_what_cannot_be_watched_is_reported_once(
    kernel: Kernel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing folder is not reported, a symlink loop is."""
    heard, loop = Heard(), tmp_path / "loop"
    loop.symlink_to(loop)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            kernel.attend(heard, [tmp_path / "absent", loop, tmp_path])
    assert [record.getMessage() for record in caplog.records] == ["folder not watched"]
    (tmp_path / "a").touch()
    assert until(lambda: tmp_path / "a" in heard.paths)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_watch_that_is_removed_at_that_moment_is_added_again(
    kernel: Kernel, tmp_path: Path, when: str
) -> None:
    """The folder's last listener leaves just before or just after the kernel is called."""
    goes, stays = Heard(), Heard()

    def meddle(asked: Callable[[], WatchDescriptor]) -> WatchDescriptor:
        if when == "before":
            kernel.forget(goes)
        watch = asked()
        if when == "after":
            kernel.forget(goes)
        return watch

    kernel.attend(goes, [tmp_path])
    meddle_with(kernel, meddle)
    kernel.attend(stays, [tmp_path])
    (tmp_path / "a").touch()
    assert until(lambda: tmp_path / "a" in stays.paths)
    assert goes.paths == []


def test_it_may_be_closed_while_a_folder_is_added(
    kernel: Kernel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """That is not reported."""

    def meddle(asked: Callable[[], WatchDescriptor]) -> WatchDescriptor:
        kernel.close()
        assert until(lambda: not any(thread.name == "file events" for thread in threading.enumerate()))
        return asked()

    kernel.attend(Heard(), [tmp_path])
    meddle_with(kernel, meddle)
    kernel.attend(Heard(), [tmp_path, tmp_path])
    assert caplog.records == []
    assert watches() == {}


def meddle_with(kernel: Kernel, meddle: Callable[[Callable[[], WatchDescriptor]], WatchDescriptor]) -> None:
    """Intercept each call that adds a folder."""

    class Meddled(InotifyFD):
        def add_callback(
            self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
        ) -> WatchDescriptor:
            return meddle(lambda: super(Meddled, self).add_callback(path, mask, callback, id_))

    assert kernel._inotify is not None
    kernel._inotify.__class__ = Meddled


def test_adding_a_folder_repeatedly_neither_loses_events_nor_leaks(kernel: Kernel, tmp_path: Path) -> None:
    """Its watch stays the same, and every file is reported."""
    heard, ended = Heard(), threading.Event()
    kernel.attend(heard, [tmp_path])
    before = watches()

    def attend() -> None:
        while not ended.is_set():
            kernel.attend(heard, [tmp_path])

    attending = threading.Thread(target=attend)
    attending.start()
    files = {tmp_path / f"{number}" for number in range(300)}
    for file in files:
        file.touch()
    try:
        assert until(lambda: set(heard.paths) == files)
    finally:
        ended.set()
        attending.join()
    assert watches() == before
    assert kernel._inotify is not None
    assert [len(watch.callbacks) for watch in kernel._inotify._watch_for_wd.values()] == [1]


def test_an_unreadable_folder_is_reported_once_and_leaks_nothing(tmp_path: Path) -> None:
    """The other folders are still watched."""
    command = ["unshare", "--user"]  # where even root has only the owner's permissions
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody be another user")
    (tmp_path / "open").mkdir()
    (tmp_path / "barred").mkdir(mode=0)
    done = subprocess.run(
        [*command, sys.executable, "-c", BARRED, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert done.stdout == "1 1\n"
    assert done.stderr == f"folder not watched {tmp_path / 'barred'} permission denied\n"


def test_a_hanging_folder_does_not_affect_the_others(kernel: Kernel, tmp_path: Path) -> None:
    """For example on a file system whose server no longer responds."""
    hung, good = folder_of(tmp_path / "hung"), folder_of(tmp_path / "good")
    if not os.access("/dev/fuse", os.W_OK):
        pytest.skip("this machine lets nobody serve files")
    device = os.open("/dev/fuse", os.O_RDWR)  # requests are never answered
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if ctypes.CDLL(None).mount(b"none", os.fsencode(hung), b"fuse", 0, options):
        os.close(device)
        pytest.skip("this machine lets nobody mount")
    heard = Heard()
    hanging = threading.Thread(target=kernel.attend, args=(Heard(), [hung]), daemon=True)
    try:
        hanging.start()
        time.sleep(0.2)
        attending = threading.Thread(target=kernel.attend, args=(heard, [good]), daemon=True)
        attending.start()
        attending.join(HANG_SECONDS)
        assert hanging.is_alive()
        assert not attending.is_alive()
        (good / "a").touch()
        assert until(lambda: good / "a" in heard.paths)
    finally:
        os.close(device)  # ends the hanging call
        hanging.join(HANG_SECONDS)
        ctypes.CDLL(None).umount2(os.fsencode(hung), 2)
    assert not hanging.is_alive()


@pytest.mark.parametrize("left", [0, 1, 2])
def test_if_few_open_files_are_left_it_leaks_none_of_them(kernel: Kernel, tmp_path: Path, left: int) -> None:
    """Inotify takes more than one: those it opened before it failed are closed again."""
    kernel.attend(Heard(), [])
    kernel.close()  # everything that is loaded on first use is now loaded
    assert until(lambda: not any(thread.name == "file events" for thread in threading.enumerate()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208  includes the one that lists them
    most = max(map(int, before)) + 1 + left  # at least this many can be opened and closed
    holes = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    try:
        while True:
            try:
                holes.append(os.dup(0))
            except OSError:
                break
        for _ in range(left):
            os.close(holes.pop())
        with pytest.raises(OSError, match=r"open files|instance limit") as caught:
            kernel.attend(Heard(), [tmp_path])
        holes += [os.dup(0) for _ in range(left)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for hole in holes:
            os.close(hole)
    assert caught.value.errno == errno.EMFILE


def test_without_inotify_it_says_so(kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller can then poll."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="not implemented"):
        kernel.attend(Heard(), [tmp_path])
    monkeypatch.undo()
    kernel.attend(Heard(), [tmp_path])
    assert len(watches()) == 1


def test_if_no_watches_are_left_only_the_feed_that_lacks_them_polls(tmp_path: Path) -> None:
    """The limit is real: of three watches the first feed gets two, and the second releases what it got."""
    for name in ("one", "two"):
        (tmp_path / name / "below").mkdir(parents=True)
    limited = 'echo 3 >/proc/sys/user/max_inotify_watches && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", limited, "sh"]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody have limits of their own")
    done = subprocess.run(
        [*command, sys.executable, "-c", LIMITED, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert done.stdout.splitlines() == ["inotify True 2", "polling True 2"]
    assert "inotify cannot be used, polling" in done.stderr


def test_nothing_is_reported_once_it_is_closed(kernel: Kernel, tmp_path: Path) -> None:
    """Its thread has ended, too."""
    heard = Heard()
    kernel.attend(heard, [tmp_path])
    threads = {thread for thread in threading.enumerate() if thread.name == "file events"}
    kernel.close()
    assert until(lambda: not any(thread.is_alive() for thread in threads))
    (tmp_path / "a").touch()
    time.sleep(0.2)
    assert heard.paths == []
