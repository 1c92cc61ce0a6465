"""Mutation tests of the code that judges days: a sample of each folder's mutants against its own tests.

Each mutant runs in a fork against the tests that run its lines, fastest first, until one fails. A mutant that
hangs counts as killed. Prints the survivors that `survivors.toml` does not list, and a table; exits with 1 if
a folder is below the goal.

    python trials/mutants [--folders checks history …] [--sample 200 | all] [--seed 1] [--results FILE]
    python trials/mutants --again FILE      # those that survived an earlier run
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from child import Verdict, load
from covering import cover
from folders import FOLDERS, ROOT, Folder
from judging import check, judge_all
from mutations import Mutant, Source, sources
from survivors import Row, count, draw, listed, table

GOAL = 0.9  # of the mutants that can be killed


def chosen(found: Sequence[Source], numbers: Sequence[int]) -> Iterator[Mutant]:
    """Yield the mutants with these numbers, counted over all files."""
    places = [(source, number) for source in found for number in range(len(source.places))]
    for number in numbers:
        source, place = places[number]
        yield source.mutant(place)


def again(file: Path, found: Sequence[Source]) -> list[int]:
    """Return the numbers of the mutants that survived an earlier run and still exist."""
    lines = map(json.loads, file.read_text().splitlines())
    before = {
        (one["file"], one["was"], one["becomes"]) for one in lines if one["verdict"] == Verdict.SURVIVED
    }
    places = [(source, number) for source in found for number in range(len(source.places))]
    return [
        at
        for at, (source, number) in enumerate(places)
        if any(file == source.file and source.can_change(number, was) for file, was, _ in before)
        and source.mutant(number).key in before
    ]


def run(folder: Folder, arguments: argparse.Namespace) -> Row:
    """Run a folder's sample, print the survivors, and return the folder's row."""
    found = tuple(sources(ROOT, folder.source))
    mutants = sum(len(source.places) for source in found)
    numbers = (
        draw(folder.name, mutants, arguments.sample, arguments.seed)
        if arguments.again is None
        else again(arguments.again, found)
    )
    covered = cover(folder)
    load(covered.modules)
    check(next(source for source in found if source.places), covered)
    known = {entry.key: entry for entry in listed()}
    begun, sample = time.monotonic(), tuple(chosen(found, numbers))
    verdicts = judge_all(sample, folder, covered, partial(record, arguments.results))
    alive = [mutant for mutant, verdict in zip(sample, verdicts, strict=True) if verdict is Verdict.SURVIVED]
    for mutant in alive:
        if mutant.key not in known:
            print(f"{mutant.file}:{mutant.line}\n- {mutant.was}\n+ {mutant.becomes}\n", flush=True)
    survived = [mutant.key for mutant in alive]
    row = count(folder.source, mutants, len(numbers), survived, known.values())
    seconds = time.monotonic() - begun
    print(f"{folder.name}: {row.killed} of {row.sampled} killed in {seconds:.0f} s", file=sys.stderr)
    return row


def record(results: Path | None, mutant: Mutant, verdict: Verdict) -> None:
    """Append a mutant's verdict to a file of JSON lines."""
    if results is None:
        return
    with results.open("a") as file:
        line = {"file": mutant.file, "line": mutant.line, "was": mutant.was, "becomes": mutant.becomes}
        file.write(json.dumps({**line, "verdict": verdict}) + "\n")


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [folder.name for folder in FOLDERS]
    parser.add_argument("--folders", nargs="+", choices=names, default=names)
    parser.add_argument("--sample", type=lambda text: None if text == "all" else int(text), default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, help="append each mutant's verdict to this file")
    parser.add_argument("--again", type=Path, help="run only those that survived in this file")
    return parser.parse_args()


def main() -> int:
    """Run the folders one after the other."""
    arguments = read_arguments()
    with TemporaryDirectory() as kept:
        # so that each module is compiled once, not in each fork
        sys.dont_write_bytecode, sys.pycache_prefix = False, kept
        rows = [run(folder, arguments) for folder in FOLDERS if folder.name in arguments.folders]
    print(table(rows))
    return int(any(row.share < GOAL for row in rows))


if __name__ == "__main__":
    sys.exit(main())
