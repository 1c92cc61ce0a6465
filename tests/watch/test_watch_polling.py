"""Polled folders: which changes are reported, and what a hanging folder costs the others."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from running import until
from watching import Heard, refuse

from exporter.watch.polling import Poller, _Polled, list_entries

SECONDS = 0.05


@pytest.fixture
def poller() -> Iterator[Poller]:
    """Provide one and close it."""
    poller = Poller(slow_seconds=0.2)
    yield poller
    poller.close()


def test_a_hanging_listener_delays_no_other_and_is_called_once_at_a_time(
    poller: Poller, tmp_path: Path
) -> None:
    """For example on a mount whose server is gone."""
    heard, calls, go_on = Heard(), Heard(), threading.Event()

    def hang(path: Path | None) -> None:
        calls(path)
        go_on.wait(30)

    bad, good = tmp_path / "bad", tmp_path / "good"
    for folder in (bad, good):
        folder.mkdir()
    poller.attend(hang, [bad], SECONDS)
    poller.attend(heard, [good], SECONDS)
    (bad / "a").touch()
    assert until(lambda: calls.paths == [bad / "a"])
    for name in ("b", "c"):
        (good / name).touch()
        assert until(lambda name=name: good / name in heard.paths)  # type: ignore[misc]
    (bad / "d").touch()
    time.sleep(4 * SECONDS)
    assert calls.paths == [bad / "a"]
    go_on.set()
    assert until(lambda: calls.paths == [bad / "a", bad / "d"])


def test_a_folder_that_comes_and_goes_is_reported_with_its_files(poller: Poller, tmp_path: Path) -> None:
    """Without watching it again."""
    heard, folder = Heard(), tmp_path / "folder"
    poller.attend(heard, [folder], SECONDS)
    folder.mkdir()
    (folder / "a").touch()
    assert until(lambda: {folder, folder / "a"} <= set(heard.paths))
    heard.paths.clear()
    (folder / "a").unlink()
    folder.rmdir()
    assert until(lambda: {folder, folder / "a"} <= set(heard.paths))


def test_unchanged_files_are_not_reported(poller: Poller, tmp_path: Path) -> None:
    """Nor are changes in a subfolder."""
    (tmp_path / "below").mkdir()
    (tmp_path / "a").write_text("x")
    heard = Heard()
    poller.attend(heard, [tmp_path], SECONDS)
    (tmp_path / "below" / "b").touch()
    (tmp_path / "a").read_text()
    time.sleep(4 * SECONDS)
    assert heard.paths == []
    (tmp_path / "a").write_text("y")  # of the same size
    assert until(lambda: heard.paths == [tmp_path / "a"])


def test_a_folder_that_cannot_be_listed_counts_as_unchanged(tmp_path: Path) -> None:
    """A share that is briefly unavailable has not lost its files."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").touch()
    polled = _Polled(Heard(), (folder,), SECONDS)
    assert polled.look() == [folder, folder / "a"]
    folder.rename(tmp_path / "aside")
    folder.symlink_to(folder)  # a loop: a different error than a missing folder
    assert polled.look() == []
    folder.unlink()
    (tmp_path / "aside").rename(folder)
    (folder / "b").touch()
    assert polled.look() == [folder / "b"]


def test_a_link_with_a_new_target_is_a_new_file_and_a_dangling_one_is_none(tmp_path: Path) -> None:
    """Kubernetes changes all files of a volume by one link."""
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("one")
    before = list_entries(tmp_path)
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    after = list_entries(tmp_path)
    assert before is not None
    assert after is not None
    assert {name for name in before if before[name] != after[name]} == {"link"}
    (tmp_path / "two").unlink()
    assert (list_entries(tmp_path) or {})["link"] == ()


def test_a_file_with_the_same_size_and_modification_time_is_still_a_new_one(tmp_path: Path) -> None:
    """Copying tools preserve the modification time to the nanosecond."""
    path = tmp_path / "a"
    path.write_text("x")
    before = path.stat()
    polled = _Polled(Heard(), (tmp_path,), SECONDS)
    polled.look()
    time.sleep(0.02)  # the file system's clock advances in ticks
    path.write_text("y")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert polled.look() == [path]


def test_files_that_swap_names_are_both_reported(tmp_path: Path) -> None:
    """A renamed file is reported under both names."""
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    one.write_text("x")
    two.write_text("x")
    polled = _Polled(Heard(), (tmp_path,), SECONDS)
    polled.look()
    one.rename(three)
    two.rename(one)
    three.rename(two)
    assert sorted(polled.look()) == [one, two]
    two.rename(three)
    assert sorted(polled.look()) == [three, two]
    assert polled.look() == []


def test_a_file_in_place_of_a_folder_is_not_a_folder(tmp_path: Path) -> None:
    """The folder and its files are reported as gone."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").touch()
    polled = _Polled(Heard(), (folder,), SECONDS)
    polled.look()
    (folder / "a").unlink()
    folder.rmdir()
    folder.touch()
    assert polled.look() == [folder, folder / "a"]
    folder.write_text("x")
    assert polled.look() == []


def test_it_ends_with_the_last_listener_and_can_start_again(poller: Poller, tmp_path: Path) -> None:
    """There is one thread in all, and none if nobody polls."""

    def threads() -> int:
        return sum(thread.name == "polling" for thread in threading.enumerate())

    first, second = Heard(), Heard()
    for heard in (first, second):
        poller.attend(heard, [tmp_path], SECONDS)
    assert threads() == 1
    poller.forget(first)
    (tmp_path / "a").touch()
    assert until(lambda: tmp_path / "a" in second.paths)
    assert first.paths == []
    poller.forget(second)
    assert until(lambda: threads() == 0)
    poller.attend(first, [tmp_path], SECONDS)
    (tmp_path / "b").touch()
    assert until(lambda: tmp_path / "b" in first.paths)


@pytest.mark.parametrize("name", ["polling", "poll"])
def test_a_thread_that_cannot_be_started_is_tried_again(
    poller: Poller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The machine may be out of threads for a moment; later changes are still reported."""
    heard = Heard()
    refuse(monkeypatch, name, times=1)
    with suppress(RuntimeError):  # of the first one, so that the caller can try again
        poller.attend(heard, [tmp_path], SECONDS)
    poller.attend(heard, [tmp_path], SECONDS)
    (tmp_path / "a").touch()
    assert until(lambda: heard.paths == [tmp_path / "a"])
