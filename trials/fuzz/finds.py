"""Finds: inputs that raised what they should not, one per place in the code."""

import traceback
from dataclasses import dataclass, field
from pathlib import Path

from target import FOLDER

OURS = ("/exporter/", f"{FOLDER}/")


@dataclass(slots=True)
class Finds:
    """It keeps the shortest input of each find in a folder, with the traceback next to it."""

    folder: Path
    known: dict[str, int] = field(default_factory=dict)  # lengths by name

    def keep(self, data: bytes, error: BaseException) -> None:
        """Keep an input unless a shorter one is known."""
        name = name_of(error)
        if len(data) >= self.known.get(name, len(data) + 1):
            return
        self.known[name] = len(data)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(data)
        text = "".join(traceback.format_exception(error))
        (self.folder / f"{name}.txt").write_text(text, encoding="utf-8", errors="backslashreplace")


def name_of(error: BaseException) -> str:
    """Return a find's name: the kind of error and our innermost line."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if any(part in frame.filename for part in OURS)]
    frame = (ours or list(frames) or [None])[-1]
    if frame is None:
        return type(error).__name__
    path = Path(frame.filename)
    return f"{type(error).__name__}-{path.parent.name}.{path.stem}-{frame.lineno}"
