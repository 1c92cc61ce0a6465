"""Kill commands at random, or make their disk fail, and check what is left.

    python trials/kills.py [--rounds 500] [--seed 1] [--only run,init]

Prints a table: what was killed, how often and when, how many acknowledgements were confirmed, and how many of
those are lost. Exits with 1 if anything is lost or broken, after one line per finding.
"""

import argparse
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # worlds are built like the tests' data

from crashes.act import Act, CannotError, Outcome, Stage, known_acts
from crashes.strike import Phase, Striker, compile_shim

PROGRESS = 25  # rounds between two lines


@dataclass(slots=True)
class Score:
    """The results of an act's rounds."""

    act: type[Act]
    rounds: int = 0
    phases: Counter[Phase] = field(default_factory=Counter)
    told: int = 0
    lost: int = 0
    broken: int = 0
    cannot: str | None = None

    def add(self, outcome: Outcome) -> None:
        """Count a round."""
        self.rounds += 1
        self.phases[outcome.phase] += 1
        self.told += outcome.told
        self.lost += len(outcome.lost)
        self.broken += bool(outcome.faults)


def main() -> int:
    """Perform the rounds and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules of crashes/acts, separated by commas")
    chosen = parser.parse_args()
    known = {act.__module__.rpartition(".")[2]: act for act in known_acts()}
    only = set(filter(None, chosen.only.split(",")))
    if unknown := only - known.keys():
        parser.error(f"--only: no act is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    acts = [act for name, act in known.items() if not only or name in only]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing stays mounted
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="puffy-kills-") as name, ExitStack() as closing:
        rounds = Rounds(Path(name), compile_shim(Path(name)), closing, chosen.seed)
        with suppress(KeyboardInterrupt):  # show the results so far
            rounds.perform(share(acts, chosen.rounds))
    show(rounds.scores, time.monotonic() - begun)
    return int(any(score.lost or score.broken for score in rounds.scores))


def share(acts: list[type[Act]], rounds: int) -> dict[type[Act], int]:
    """Return how many rounds each act gets: at least one, in proportion to its share, ``rounds`` in all."""
    whole = sum(act.share for act in acts)
    given = {act: max(1, rounds * act.share // whole) for act in acts}
    most = max(acts, key=lambda act: act.share)
    given[most] = max(1, given[most] + rounds - sum(given.values()))
    return given


@dataclass(slots=True)
class Rounds:
    """Rounds of all acts in random order, so that any part of them is representative."""

    folder: Path
    shim: Path | None
    closing: ExitStack
    seed: int
    scores: list[Score] = field(default_factory=list)

    def perform(self, given: Mapping[type[Act], int]) -> None:
        """Perform every act's rounds."""
        order = [act for act, rounds in given.items() for _ in range(rounds)]
        random.Random(self.seed).shuffle(order)
        begun = {act: self._begin(act) for act in given}
        for number, act in enumerate(order):
            if number % PROGRESS == 0:
                print(f"{number} of {len(order)}", file=sys.stderr, flush=True)
            if (parts := begun[act]) is not None:
                self._round(*parts)

    def _begin(self, act: type[Act]) -> tuple[Act, Stage, Score] | None:
        score, acting = Score(act), act()
        self.scores.append(score)
        chance = random.Random(f"{self.seed} {act.name}")
        stage = Stage(self.folder / act.__name__, chance, Striker(self.shim), self.closing)
        stage.folder.mkdir()
        try:
            acting.begin(stage)
        except CannotError as error:
            score.cannot = str(error)
            return None
        return acting, stage, score

    def _round(self, acting: Act, stage: Stage, score: Score) -> None:
        try:
            outcome = acting.perform(stage)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            # A command that was not killed does not work.
            outcome = Outcome(Phase.ENDED, faults=[str(error)])
        score.add(outcome)
        for line in (*(f"lost: {one}" for one in outcome.lost), *outcome.faults):
            print(f"{acting.name}, round {score.rounds}, {outcome.phase}: {line}", flush=True)


def show(scores: list[Score], seconds: float) -> None:
    """Print the table."""
    print(f"| killed | rounds | {' | '.join(Phase)} | confirmed | lost | broken |")
    print(f"|---|{'---:|' * (len(Phase) + 4)}")
    for score in scores:
        if score.cannot is not None:
            print(f"| {score.act.name} | not done: {score.cannot} |")
            continue
        cells = [
            score.rounds,
            *(score.phases[phase] for phase in Phase),
            score.told,
            score.lost,
            score.broken,
        ]
        print(f"| {score.act.name} | {' | '.join(map(str, cells))} |")
    used = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    rounds = sum(score.rounds for score in scores)
    print(f"\n{rounds} rounds in {seconds:.0f} s, {used:.0f} s of processor time")


if __name__ == "__main__":
    sys.exit(main())
