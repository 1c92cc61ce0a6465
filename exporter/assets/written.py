"""Write the files to a folder without losing what people have changed there.

A record next to them says what was written last. Files still as recorded may be replaced; all others hold
somebody's changes: they are kept if this version has no new content for them, and a conflict if it has.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from exporter.durable import replace_file
from exporter.errors import UserError, reason_of

RECORD = ".puffy-assets.json"


class ChangedFilesError(UserError):
    """Files that changed both in the folder and in this project since they were written."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__(", ".join(map(str, paths)))
        self.paths = paths

    @property
    def lines(self) -> tuple[str, ...]:
        """One line per file, and what to do."""
        changed = (f"{path}: changed both here and in this version" for path in self.paths)
        return (
            *changed,
            "nothing was written; use another folder to compare, or --force to overwrite your changes",
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What was done with the files, by path in the folder."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]  # because somebody has changed them
    unchanged: int


def write_assets(files: Mapping[str, bytes], folder: Path, *, force: bool = False) -> Written:
    """Write what differs; remove what is no longer shipped and was not touched.

    Raises ChangedFilesError before anything is written, and UserError if writing fails.
    """
    wanted = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    try:
        done = _compare(wanted, folder, force=force)
        for name in done.written:
            _write(folder / name, files[name])
        for name in done.removed:
            (folder / name).unlink()
        replace_file(folder / RECORD, (json.dumps(wanted, indent=1) + "\n").encode())
    except OSError as error:
        reason = reason_of(error)
        raise UserError(f"{error.filename or folder}: {reason}") from None
    return done


def _compare(wanted: Mapping[str, str], folder: Path, *, force: bool) -> Written:
    recorded = _recorded(folder)
    there = {name: _digest(folder / name) for name in (*wanted, *recorded)}
    differing = [name for name in wanted if there[name] != wanted[name]]
    changed = [name for name in differing if there[name] not in (None, recorded.get(name))]
    kept = [name for name in changed if recorded.get(name) == wanted[name] and not force]
    if (conflicts := [folder / name for name in changed if name not in kept]) and not force:
        raise ChangedFilesError(conflicts)
    return Written(
        written=tuple(name for name in differing if name not in kept),
        removed=tuple(name for name in recorded if name not in wanted and there[name] == recorded[name]),
        kept=tuple(kept),
        unchanged=len(wanted) - len(differing),
    )


def _recorded(folder: Path) -> Mapping[str, str]:
    """Return what was written last; an unreadable record counts as empty."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    entries = record.items() if isinstance(record, dict) else ()
    return {name: digest for name, digest in entries if isinstance(digest, str) and _stays_inside(name)}


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)
    if content.startswith(b"#!"):
        path.chmod(0o755)
