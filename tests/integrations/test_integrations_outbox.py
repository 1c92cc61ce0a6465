"""An outbox that is damaged is reported in words, whatever is done with it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.errors import UserError
from exporter.integrations.outbox import OUTBOX, Item, Outbox, open_outbox, read_outbox

ITEMS = [Item(f"s{number}", "c", {"text": "x" * 300}) for number in range(40)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an outbox with messages, all of it in one file."""
    with open_outbox(tmp_path) as outbox:
        outbox.put("p", ITEMS)
        outbox.note("p", succeeded=True)
    with sqlite3.connect(tmp_path / OUTBOX) as known:
        known.execute("PRAGMA journal_mode = DELETE")
    known.close()
    return tmp_path


def status(outbox: Outbox) -> object:
    """Read the state of the messages."""
    return outbox.status("p")


def pending(outbox: Outbox) -> object:
    """Look what waits."""
    return outbox.pending("p")


def put(outbox: Outbox) -> object:
    """Queue others."""
    return outbox.put("p", [Item("t", "c", {})])


@pytest.mark.parametrize("use", [status, pending, put, Outbox.health])
def test_damaged_pages_are_an_error_in_words(folder: Path, use: Callable[[Outbox], object]) -> None:
    """The file opens, for its first page is whole; while it is whole, all of it can be read."""
    assert read_outbox(folder, use, None) is not None
    path = folder / OUTBOX
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(UserError, match=rf"^{path}: .*malformed"):
        read_outbox(folder, use, None)


def test_a_message_that_is_no_json_is_an_error_in_words(folder: Path) -> None:
    """What was promised cannot be sent, which must not pass unseen."""
    with sqlite3.connect(folder / OUTBOX) as known:
        known.execute("UPDATE item SET event = ? WHERE subject = 's1'", (b"{",))
    known.close()
    with pytest.raises(UserError, match=rf"^{folder / OUTBOX}: "):
        read_outbox(folder, pending, None)


def test_a_schema_that_is_no_text_is_an_error_in_words(folder: Path) -> None:
    """SQLite quotes it in its own message, which is then not text either."""
    path = folder / OUTBOX
    path.write_bytes(path.read_bytes().replace(b"name TEXT PRIMARY KEY", b"name TEXT PRIMARY \xffEY"))
    with pytest.raises(UserError, match="move the file away to start over"):
        read_outbox(folder, status, None)
