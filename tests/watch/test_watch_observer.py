"""File events from the real kernel and from polling."""

import os
import resource
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from feeds import EVENTS
from running import until
from watching import watches

from exporter.discover.layout import folders_of, is_upstream_file
from exporter.watch import loop
from exporter.watch.mode import Mode
from exporter.watch.observer import Observer, Watch, choose_mode
from exporter.watch.schedule import Schedule

POLL_SECONDS = 0.2


class Heard:
    """Counts notifications."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        """Count one."""
        self.count += 1


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide a data directory."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def observer() -> Iterator[Observer]:
    """Provide an observer."""
    observer = Observer()
    yield observer
    observer.close()


@pytest.fixture(params=[Mode.INOTIFY, Mode.POLLING])
def watching(request: pytest.FixtureRequest, observer: Observer, data: Path) -> tuple[Watch, Heard]:
    """Provide a watch on the data directory in either mode, and its listener."""
    heard = Heard()
    watch = watch_of(observer, data, heard, request.param)
    watch.attend()
    return watch, heard


def watch_of(observer: Observer, data: Path, notify: Callable[[], None], mode: Mode = Mode.INOTIFY) -> Watch:
    """Return a watch like the exporter's."""
    return Watch(
        observer,
        [data, *(data / folder for folder in folders_of(EVENTS) if folder)],
        notify,
        concerns=lambda path: path == data or is_upstream_file(path, EVENTS),
        mode=mode,
        poll_seconds=POLL_SECONDS,
    )


def test_a_written_file_is_reported(data: Path, watching: tuple[Watch, Heard]) -> None:
    """Either creating or closing it is enough."""
    (data / "events_20250305.csv").write_text("x")
    assert until(lambda: watching[1].count > 0)


def test_a_rename_into_place_is_reported(data: Path, watching: tuple[Watch, Heard]) -> None:
    """The temporary file before it is ignored."""
    temporary = data / ".events_20250305.csv.tmp"
    temporary.write_text("x")
    time.sleep(3 * POLL_SECONDS)
    assert watching[1].count == 0
    temporary.rename(data / "events_20250305.csv")
    assert until(lambda: watching[1].count > 0)


def test_a_deletion_is_reported(data: Path, watching: tuple[Watch, Heard]) -> None:
    """A partition that vanishes matters."""
    path = data / "events_20250305.csv"
    path.write_text("x")
    assert until(lambda: watching[1].count > 0)
    time.sleep(3 * POLL_SECONDS)
    before = watching[1].count
    path.unlink()
    assert until(lambda: watching[1].count > before)


@pytest.mark.parametrize(
    "name", ["monitoring_report.json", "state.db-wal", "notes.txt", "events_20250305.csv~"]
)
def test_foreign_files_and_our_own_are_ignored(data: Path, watching: tuple[Watch, Heard], name: str) -> None:
    """Our own writes must never trigger a pass, even in the data directory itself."""
    (data / name).write_text("x")
    time.sleep(3 * POLL_SECONDS)
    assert watching[1].count == 0


def test_reading_a_file_is_not_an_event(data: Path, watching: tuple[Watch, Heard]) -> None:
    """Our own reads must never trigger a pass."""
    path = data / "events_20250305.csv"
    path.write_text("x")
    assert until(lambda: watching[1].count > 0)
    time.sleep(3 * POLL_SECONDS)
    before = watching[1].count
    path.read_text()
    time.sleep(3 * POLL_SECONDS)
    assert watching[1].count == before


def test_a_folder_that_appears_later_is_watched_from_the_next_pass(
    data: Path, watching: tuple[Watch, Heard]
) -> None:
    """Its appearance triggers that pass."""
    watch, heard = watching
    (data / "raw_clean").mkdir()
    assert until(lambda: heard.count > 0)
    watch.attend()
    before = heard.count
    (data / "raw_clean" / "events_20250305_clean.csv").write_text("x")
    assert until(lambda: heard.count > before)


def test_a_directory_that_vanishes_and_comes_back_is_watched_again(
    data: Path, watching: tuple[Watch, Heard]
) -> None:
    """For example a mount that is lost and restored."""
    watch, heard = watching
    shutil.rmtree(data)
    watch.attend()
    data.mkdir()
    watch.attend()
    before = heard.count
    (data / "events_20250305.csv").write_text("x")
    assert until(lambda: heard.count > before)


def test_attending_to_unchanged_folders_keeps_the_watches(observer: Observer, data: Path) -> None:
    """No event is lost between two watches of a folder, because there is only one."""
    watch = watch_of(observer, data, Heard())
    watch.attend()
    before = watches()
    watch.attend()
    assert watches() == before
    assert before


def test_a_loop_of_links_does_no_harm(observer: Observer, data: Path) -> None:
    """Watching does not recurse."""
    (data / "raw_clean").symlink_to(data)
    heard = Heard()
    watch = watch_of(observer, data, heard)
    watch.attend()
    (data / "events_20250305.csv").write_text("x")
    assert until(lambda: heard.count > 0)
    watch.stop()


def test_a_thousand_files_cause_one_pass(observer: Observer, data: Path) -> None:
    """The pass comes after the last of them."""
    looks: list[int] = []
    schedule = Schedule(0.3, 60.0, most_seconds=10)
    stop = threading.Event()

    def refresh() -> None:
        looks.append(len(list(data.iterdir())))

    watch = watch_of(observer, data, schedule.notify)
    worker = threading.Thread(
        target=loop.run, args=(watch, schedule, refresh, stop), kwargs={"on_error": print}
    )
    worker.start()
    assert until(lambda: looks == [0])
    for number in range(1000):
        (data / f"events_{20000101 + number}.csv").write_text("x")
    assert until(lambda: len(looks) > 1)
    time.sleep(0.5)
    stop.set()
    schedule.notify()
    worker.join()
    assert looks == [0, 1000]


def test_a_failing_pass_does_not_end_the_loop(observer: Observer, data: Path) -> None:
    """It is reported and retried."""
    errors: list[BaseException] = []
    calls: list[float] = []
    schedule = Schedule(0.01, 0.2)
    stop = threading.Event()

    def refresh() -> float | None:
        calls.append(time.monotonic())
        if len(calls) < 3:
            raise RuntimeError("unlucky")
        stop.set()
        return None

    watch = watch_of(observer, data, schedule.notify)
    loop.run(watch, schedule, refresh, stop, on_error=errors.append)
    assert [str(error) for error in errors] == ["unlucky", "unlucky"]
    assert len(calls) == 3


def test_the_wake_up_comes_soon_after_the_file_is_closed(observer: Observer, data: Path) -> None:
    """By the file's events, long before the rescan."""
    schedule = Schedule(0.2, 60.0)
    watch = watch_of(observer, data, schedule.notify)
    watch.attend()
    (data / "events_20250305.csv").write_text("x" * 1_000_000)
    begun = time.monotonic()
    schedule.wait(threading.Event())
    assert time.monotonic() - begun < 10
    watch.stop()


def test_the_configured_mode_is_used_and_auto_means_inotify_here(data: Path) -> None:
    """A local file system supports inotify."""
    assert choose_mode(data, Mode.POLLING) is Mode.POLLING
    assert choose_mode(data, Mode.INOTIFY) is Mode.INOTIFY
    assert choose_mode(data, Mode.AUTO) is Mode.INOTIFY


def test_if_the_machine_has_no_watches_left_it_polls(observer: Observer, data: Path) -> None:
    """The limit is real: no more files can be opened, so inotify cannot be opened either."""
    heard = Heard()
    watch = watch_of(observer, data, heard)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    holes = [os.dup(0) for _ in range(20)]  # so that no descriptor is free below the limit
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(used, *holes), hard))
    try:
        watch.attend()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for hole in holes:
            os.close(hole)
    assert watch.mode is Mode.POLLING
    watch.attend()  # in the next pass; polling could not open the folders at first either
    (data / "events_20250305.csv").write_text("x")
    assert until(lambda: heard.count > 0)
    watch.stop()


def test_a_volume_that_is_mounted_again_is_watched_again(observer: Observer, data: Path) -> None:
    """Its device and inode may be the same as before, but the kernel has silently dropped the watch."""
    if subprocess.run(["mount", "-t", "tmpfs", "none", data], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount")
    heard = Heard()
    watch = watch_of(observer, data, heard)
    try:
        watch.attend()
        subprocess.run(["umount", "--lazy", data], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", data], check=True)
        watch.attend()
        heard.count = 0
        (data / "events_20250305.csv").touch()
        assert until(lambda: heard.count > 0)
    finally:
        watch.stop()
        subprocess.run(["umount", "--lazy", data], check=True)


def test_a_switch_of_the_link_that_kubernetes_uses_is_reported(observer: Observer, data: Path) -> None:
    """All files change at once when ..data points elsewhere."""
    for name in ("..one", "..two"):
        (data / name).mkdir()
    (data / "..data").symlink_to("..one")
    heard = Heard()
    watch = watch_of(observer, data, heard)
    try:
        watch.attend()
        (data / "..data_tmp").symlink_to("..two")
        time.sleep(0.2)
        heard.count = 0
        (data / "..data_tmp").rename(data / "..data")
        assert until(lambda: heard.count > 0)
    finally:
        watch.stop()
