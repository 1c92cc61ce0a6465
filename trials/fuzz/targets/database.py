"""Damaged files of the state and the outbox: set aside or refused with a message, never partly read."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from given import Given
from made import DAY, profile
from target import Target, is_one_line

from exporter.errors import UserError
from exporter.integrations.outbox import OUTBOX, Item, Outbox, open_outbox, read_outbox
from exporter.model import Stage, Stamp
from exporter.store.daybook import KeptDay
from exporter.store.files import Arrival, FileRead
from exporter.store.state import State, StateError

STATE = "state.db"


def _compact(path: Path) -> bytes:
    """Return a database with pages of 512 bytes, so that a flipped byte is likely to matter."""
    with sqlite3.connect(path, isolation_level=None) as known:
        known.execute("PRAGMA journal_mode = DELETE")
        known.execute("PRAGMA page_size = 512")
        known.execute("VACUUM")
    known.close()
    return path.read_bytes()


def _state() -> bytes:
    with TemporaryDirectory() as folder:
        state = State.open(Path(folder) / STATE)
        stamp = Stamp(1, 2, 3, 4)
        state.remember([FileRead(DAY, Stage.RAW, stamp, "1", profile(), Arrival(10), 20)])
        state.remember([FileRead(DAY, Stage.RAW, stamp, "1", profile(rows=900), Arrival(10), 30)])
        state.note_days({DAY: KeptDay("c", {("m", ("raw",)): 1.0})}, ())
        state.note_incidents({"i": b"{}"})
        state.close()
        return _compact(Path(folder) / STATE)


def _outbox() -> bytes:
    with TemporaryDirectory() as folder:
        with open_outbox(Path(folder)) as outbox:
            outbox.put("p", [Item("s", "c", {"a": 1}), Item("t", "c", {"b": [2]})])
            outbox.accept("p", ["t"], "i")
            outbox.note("p", succeeded=False)
            outbox.remember({("2025-03-05", Stage.RAW): (1, 2)})
        return _compact(Path(folder) / OUTBOX)


STATE_BYTES, OUTBOX_BYTES = _state(), _outbox()
FOLDER = TemporaryDirectory()
PATH = Path(FOLDER.name)


def run(data: bytes) -> None:
    """Open a database with replaced bytes: two bytes of the input for a position, one for the new value."""
    given = Given(data)
    is_state, keeps = given.number() % 2 == 0, given.number() % 8
    content = bytearray(STATE_BYTES if is_state else OUTBOX_BYTES)
    while given.rest:
        at = (given.number() << 8 | given.number()) % len(content)
        content[at] = given.number()
    if keeps == 1:
        del content[len(content) // 2 :]
    for path in PATH.iterdir():
        path.unlink()
    (PATH / (STATE if is_state else OUTBOX)).write_bytes(content)
    (_try_state if is_state else _try_outbox)()


def _try_state() -> None:
    try:
        state = State.open(PATH / STATE)
    except (UserError, StateError) as error:
        is_one_line(str(error), "the refusal")
        return
    try:
        for use in (state.load, state.load, state.load_incidents, state.load_days):
            _try(use, StateError)
        wanted = [((DAY, Stage.RAW), profile().fingerprint, spec) for spec in ("1", None)]
        _try(lambda: state.load_profiles(wanted), StateError)
        _try(lambda: state.note_days({DAY: KeptDay("c", {})}, ()), StateError)
        _try(
            lambda: state.remember([FileRead(DAY, Stage.RAW, Stamp(1, 2, 3, 4), "1", profile(), None, 5)]),
            StateError,
        )
        _try(lambda: state.forget([DAY]), StateError)
    finally:
        state.close()


def _try_outbox() -> None:
    for look in (Outbox.ledger, Outbox.health, lambda outbox: outbox.status("p")):
        _try(lambda look=look: read_outbox(PATH, look, None), UserError)  # type: ignore[misc]

    def push() -> None:
        with open_outbox(PATH) as outbox:
            outbox.put("p", [Item("s", "c", {"a": 2})])
            for _, _, event in outbox.pending("p"):
                json.dumps(event)
            outbox.refuse("p", ["s"], "no")
            outbox.accept("p", ["s"], None)
            outbox.note("p", succeeded=True)

    _try(push, UserError)


def _try(use: Callable[[], object], documented: type[Exception]) -> None:
    try:
        use()
    except documented as error:
        is_one_line(str(error), "the refusal")


TARGET = Target(
    name="database",
    run=run,
    seeds=(
        b"\0\0",
        b"\0\1",
        b"\1\0",
        b"\1\1",
        *(bytes([kind, 0, at >> 8, at & 255, 255]) for kind in (0, 1) for at in range(16, 4096, 371)),
    ),
    longest=40,
)
