"""Files for people without a checkout: written, kept if changed, replaced if not."""

from pathlib import Path

import pytest

from exporter.assets.written import RECORD, ChangedFilesError, write_assets
from exporter.errors import UserError

OLD = {"rules/a.yml": b"a: 1\n", "check.sh": b"#!/bin/sh\n"}
NEW = {**OLD, "rules/a.yml": b"a: 2\n"}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file except the record."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name != RECORD}


def test_what_is_not_there_is_written_and_once(tmp_path: Path) -> None:
    """Folders are created, programs are executable, and a second run has nothing to do."""
    done = write_assets(OLD, tmp_path / "new")
    assert (set(done.written), done.unchanged) == (set(OLD), 0)
    assert contents(tmp_path / "new") == OLD
    assert (tmp_path / "new" / "check.sh").stat().st_mode & 0o111
    assert not (tmp_path / "new" / "rules" / "a.yml").stat().st_mode & 0o111
    done = write_assets(OLD, tmp_path / "new")
    assert (done.written, done.unchanged) == ((), 2)


def test_an_upgrade_replaces_what_nobody_changed(tmp_path: Path) -> None:
    """It also removes what is no longer shipped, which Prometheus would keep loading."""
    write_assets({**OLD, "rules/b.yml": b"b"}, tmp_path)
    done = write_assets(NEW, tmp_path)
    assert (done.written, done.removed) == (("rules/a.yml",), ("rules/b.yml",))
    assert contents(tmp_path) == NEW


def test_what_was_changed_is_kept_while_nothing_new_is_shipped(tmp_path: Path) -> None:
    """A customised mail server does not prevent the next rules."""
    write_assets(OLD, tmp_path)
    (tmp_path / "check.sh").write_text("own")
    done = write_assets(NEW, tmp_path)
    assert (done.written, done.kept) == (("rules/a.yml",), ("check.sh",))
    assert contents(tmp_path) == {**NEW, "check.sh": b"own"}
    done = write_assets(NEW, tmp_path)
    assert (done.written, done.kept) == ((), ("check.sh",))


def test_what_both_have_changed_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """Every such file is named; --force overwrites them."""
    write_assets(OLD, tmp_path)
    (tmp_path / "rules" / "a.yml").write_text("own")
    before = contents(tmp_path)
    with pytest.raises(ChangedFilesError) as caught:
        write_assets({**NEW, "c.yml": b"c"}, tmp_path)
    first, last = caught.value.lines
    assert first.startswith(f"{tmp_path / 'rules' / 'a.yml'}: changed both here")
    assert "--force" in last
    assert contents(tmp_path) == before
    assert write_assets(NEW, tmp_path, force=True).written == ("rules/a.yml",)
    assert contents(tmp_path) == NEW


def test_what_lay_there_before_is_not_overwritten(tmp_path: Path) -> None:
    """A user's own file of the same name is a conflict, whatever this project wrote elsewhere."""
    (tmp_path / "check.sh").write_text("own")
    with pytest.raises(ChangedFilesError):
        write_assets(OLD, tmp_path)
    assert contents(tmp_path) == {"check.sh": b"own"}


def test_what_was_deleted_comes_back(tmp_path: Path) -> None:
    """It is missing, not changed."""
    write_assets(OLD, tmp_path)
    (tmp_path / "check.sh").unlink()
    assert write_assets(OLD, tmp_path).written == ("check.sh",)


def test_an_obsolete_file_that_was_changed_stays(tmp_path: Path) -> None:
    """A user's work is never deleted."""
    write_assets({**OLD, "b.yml": b"b"}, tmp_path)
    (tmp_path / "b.yml").write_text("own")
    assert write_assets(OLD, tmp_path).removed == ()
    assert contents(tmp_path)["b.yml"] == b"own"


@pytest.mark.parametrize("record", ["", "[1]", '{"check.sh": 1}', '{"../outside": "x", "/etc/passwd": "y"}'])
def test_a_record_that_is_damaged_vouches_for_nothing(tmp_path: Path, record: str) -> None:
    """Differing files then count as changed by users, and nothing outside is touched."""
    folder = tmp_path / "assets"
    write_assets(OLD, folder)
    (folder / RECORD).write_text(record)
    with pytest.raises(ChangedFilesError):
        write_assets(NEW, folder)
    assert write_assets(OLD, folder).unchanged == 2


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    """A file is in the way."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="not a directory"):
        write_assets(OLD, tmp_path / "file")
