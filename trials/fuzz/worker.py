"""Fuzz one target in this process, guided by the exporter's lines that inputs reach.

Started by ``campaign``; atheris ends the process itself.
"""

import argparse
import logging
import sys
import time
import warnings
from pathlib import Path

import atheris
from covered import PACKAGE, left_out
from finds import Finds
from target import load
from tests_path import add_tests


def main() -> None:
    """Run until the time is up; an input that is a find is kept, and the next one is tried."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("target")
    asked.add_argument("--finds", type=Path, required=True)
    asked.add_argument("--until", type=float, required=True, help="in seconds since the epoch")
    given, rest = asked.parse_known_args()
    add_tests()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=[PACKAGE], exclude=left_out(given.target)):
        target = load(given.target)
    finds = Finds(given.finds)

    def try_one(data: bytes) -> None:
        try:
            target.examine(data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  any exception is a find
            finds.keep(data, error)

    left = max(1, round(given.until - time.time()))  # importing takes a while
    atheris.Setup([sys.argv[0], f"-max_total_time={left}", *rest], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
