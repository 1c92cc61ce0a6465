"""Run as a folder: see ``main``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from trials.soak.main import main

if __name__ == "__main__":
    sys.exit(main())
