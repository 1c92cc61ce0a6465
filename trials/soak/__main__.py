"""Run as a folder: see ``main``."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from trials.soak.main import main  # noqa: E402  found by the line above

if __name__ == "__main__":
    sys.exit(main())
