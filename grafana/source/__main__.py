"""Write the dashboards, or with ``--check`` compare them with their source."""

import argparse
import sys
from pathlib import Path

from boards import BOARDS
from frame import written

from exporter.links import Links

FOLDER = Path(__file__).parents[1] / "dashboards"


def main() -> int:
    """Write or compare; return 0, or 2 if a file differs."""
    asked = argparse.ArgumentParser(prog="python grafana/source", description=__doc__)
    asked.add_argument("--check", action="store_true", help="write nothing, exit with 2 where a file differs")
    asked.add_argument("--folder", type=Path, default=FOLDER, help="where the dashboards lie")
    for name in ("alertmanager", "exporter", "runbooks"):
        asked.add_argument(f"--{name}", default=getattr(Links(), name), help="where links to it lead")
    given = asked.parse_args()
    links = Links(given.runbooks, Links().grafana, given.exporter, given.alertmanager)
    files = {given.folder / f"{board.uid}.json": written(board, links) for board in BOARDS}
    if given.check:
        return _compare(files, given.folder)
    given.folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(text)
        unfinished.replace(path)
    return 0


def _compare(files: dict[Path, str], folder: Path) -> int:
    differing = [path for path, text in files.items() if not path.is_file() or path.read_text() != text]
    differing += sorted(set(folder.glob("*.json")) - set(files))
    for path in differing:
        sys.stderr.write(f"{path.name} differs from grafana/source; run make dashboards\n")
    return 2 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
