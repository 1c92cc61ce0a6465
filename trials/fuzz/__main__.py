"""Fuzz the parsers of foreign data, guided by the code that inputs reach; exit with 1 after a find.

Without atheris (the dependency group ``fuzz``) only ``--replay`` and ``--distil`` work.
"""

import argparse
import logging
import sys
import traceback
import warnings
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from campaign import Bounds, fuzz
from distil import distil
from target import NAMES, Target, load
from tests_path import TESTS, add_tests

CORPUS = TESTS / "fuzz" / "corpus"


def main() -> int:
    """Fuzz, replay or distil; return the exit code."""
    asked = argparse.ArgumentParser(prog="python trials/fuzz", description=__doc__)
    asked.add_argument(
        "--target", action="append", choices=NAMES, help="one of them, may be repeated; all if left away"
    )
    asked.add_argument("--seconds", type=float, default=60.0, help="for each target")
    asked.add_argument("--minutes", type=float, help="for all targets together, in place of --seconds")
    asked.add_argument("--runs", type=int, default=-1, help="inputs for each target at most")
    asked.add_argument("--seed", type=int, default=1, help="of choices; time matters as well")
    asked.add_argument("--folder", type=Path, default=Path(gettempdir()) / "puffy-fuzz", help="what is made")
    asked.add_argument(
        "--replay", type=Path, nargs="+", help="try these inputs of one target, and say what is wrong"
    )
    asked.add_argument("--distil", action="store_true", help="add what reached new code to the tests' corpus")
    given = asked.parse_args()
    add_tests()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    names = given.target or NAMES
    if given.replay:
        return _replay(load(names[0]), given.replay)
    if given.distil:
        return _distil([load(name) for name in names], given.folder)
    seconds = given.seconds if given.minutes is None else given.minutes * 60 / len(names)
    return _fuzz([load(name) for name in names], Bounds(seconds, given.runs, given.seed), given.folder)


def _fuzz(targets: list[Target], bounds: Bounds, folder: Path) -> int:
    print("| target | inputs | seconds | branches reached | finds |\n|---|---:|---:|---|---|", flush=True)
    executions, finds = 0, 0
    for target in targets:
        course = fuzz(target, bounds, folder, [path for path in [CORPUS / target.name] if path.is_dir()])
        executions, finds = executions + course.executions, finds + len(course.finds)
        print(course.line, flush=True)
    print(f"\n{executions:,} inputs, {finds} finds; inputs and tracebacks are in {folder}/finds")
    return int(finds > 0)


def _replay(target: Target, paths: list[Path]) -> int:
    wrong = 0
    for path in paths:
        try:
            target.examine(path.read_bytes())
        except Exception:  # noqa: BLE001  all are printed
            wrong += 1
            print(f"{path}:\n{traceback.format_exc()}")
    print(f"{len(paths)} inputs, {wrong} finds")
    return int(wrong > 0)


def _distil(targets: list[Target], folder: Path) -> int:
    print("| target | inputs | kept | bytes | steps by seeds | by all |\n|---|---:|---:|---:|---:|---:|")
    for target in targets:
        inputs = list(_inputs(target, folder))
        kept, before, after = distil(target, inputs)
        to = CORPUS / target.name
        to.mkdir(parents=True, exist_ok=True)
        for path in to.iterdir():
            path.unlink()
        for data in kept:
            (to / sha256(data).hexdigest()[:12]).write_bytes(data)
        size = sum(map(len, kept))
        print(
            f"| {target.name} | {len(inputs):,} | {len(kept)} | {size:,} | {before:,} | {after:,} |",
            flush=True,
        )
    return 0


def _inputs(target: Target, folder: Path) -> Iterator[bytes]:
    for corpus in (folder / "corpus" / target.name, CORPUS / target.name):
        for path in sorted(corpus.glob("*")):
            yield path.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
