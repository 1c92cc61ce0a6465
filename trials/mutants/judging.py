"""Verdicts on mutants: inside functions by swapping code, elsewhere by reloading everything."""

from collections.abc import Callable, Sequence

from child import Verdict, change, fork, run_tests
from covering import AT_IMPORT, Chosen, Covered
from folders import ROOT, Folder
from inside import Inside, Job, swap_of
from mutations import Mutant, Source

BROKEN = "raise RuntimeError('a mutant that every test notices')\n"
FEW = 5  # tests that are enough to verify the trial itself
Note = Callable[[Mutant, Verdict], None]


def judge(mutant: Mutant, covered: Covered, most: int | None = None) -> Verdict:
    """Run the tests that may catch a mutant, at most ``most`` of them."""
    order = covered.order(mutant)[:most]
    if not order:
        return Verdict.SURVIVED

    def work() -> int:
        change(mutant.file, mutant.text)
        files = dict.fromkeys(test.partition("::")[0] for test in order)
        return run_tests(tuple(files), Chosen(order, covered.known))

    in_time, code = fork(work, covered.until(order))
    if not in_time:
        return Verdict.TIMED_OUT
    return Verdict.SURVIVED if code == 0 else Verdict.KILLED


def check(source: Source, covered: Covered) -> None:
    """Verify the trial itself: unchanged source survives, a module that cannot be loaded does not.

    Raises RuntimeError otherwise.
    """
    lines = range(1, source.text.count("\n") + 1)
    for text, wanted in ((source.text, Verdict.SURVIVED), (BROKEN, Verdict.KILLED)):
        got = judge(Mutant(source.file, 1, lines, lines, "", "", text), covered, FEW)
        if got is not wanted:
            raise RuntimeError(f"{source.file}: {got}, where {wanted} was to be expected")


def _inside(mutant: Mutant, covered: Covered) -> Job | None:
    """Return how to judge a mutant by swapping code, ``None`` if its function runs before the tests do.

    A function that has run may have left results behind.
    """
    swap, tests = swap_of(mutant, (ROOT / mutant.file).read_text()), covered.order(mutant)
    if swap is None or not tests or AT_IMPORT in covered.touching(mutant.file, {*mutant.lines, *swap.lines}):
        return None
    return Job(mutant, swap, tests, covered.until(tests))


def judge_all(mutants: Sequence[Mutant], folder: Folder, covered: Covered, note: Note) -> list[Verdict]:
    """Return the verdict on each mutant, and report each as soon as it is known."""
    fast = [job for job in (_inside(mutant, covered) for mutant in mutants) if job is not None]

    def work() -> list[Verdict | None]:
        plugin = Inside(fast, note)
        run_tests((folder.tests,), plugin)
        return plugin.verdicts

    _, found = fork(work, sum(job.seconds for job in fast)) if fast else (True, None)
    verdicts = {id(job.mutant): verdict for job, verdict in zip(fast, found or [], strict=False)}
    for mutant in mutants:
        if verdicts.get(id(mutant)) is None:
            verdicts[id(mutant)] = verdict = judge(mutant, covered)
            note(mutant, verdict)
    return [verdicts[id(mutant)] for mutant in mutants]
