"""What is mutated, and which of a folder's tests are fast enough."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FAST_SECONDS = 2.0  # of CPU time: slower tests are skipped, as are those that start processes
MARKED = "not server and not slow and not docker and not sample"  # skipped as well


class Folder(NamedTuple):
    """A folder of the package, and its tests."""

    name: str

    @property
    def source(self) -> str:
        """Its path relative to the root."""
        return f"exporter/{self.name}"

    @property
    def tests(self) -> str:
        """The path of its tests."""
        return f"tests/{self.name}"


FOLDERS = tuple(map(Folder, ("checks", "history", "gate", "figures", "causes", "incidents")))
