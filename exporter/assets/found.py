"""Where these files are: in a checkout in their own folders, in a wheel next to this module.

The table ``force-include`` of ``pyproject.toml`` is the only list of them; the wheel is built from it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import exporter
from exporter.errors import UserError

SHIPPED = Path(__file__).with_name("shipped")
CHECKOUT = Path(exporter.__file__).parents[1]


def find_assets() -> Mapping[str, Path]:
    """Return every file by the path that it is written to. Raises UserError if they are missing."""
    files = dict(_below(SHIPPED, "") if SHIPPED.is_dir() else _in_checkout(CHECKOUT / "pyproject.toml"))
    if not files:
        raise UserError(
            f"{SHIPPED}: does not exist; install puffy-exporter from a wheel or run it in a checkout"
        )
    return files


def _in_checkout(project: Path) -> Iterator[tuple[str, Path]]:
    if project.is_file():
        wheel = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
            "wheel"
        ]
        for source, target in wheel["force-include"].items():
            name = str(Path(target).relative_to(SHIPPED.relative_to(CHECKOUT)))
            yield from _below(CHECKOUT / source, name)


def _below(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Yield a file, or all files of a folder, each with its name."""
    if path.is_file():
        yield name, path
        return
    for entry in sorted(path.rglob("*")):
        if entry.is_file():
            yield str(Path(name, entry.relative_to(path))), entry
