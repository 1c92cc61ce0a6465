"""Mutants inside functions: the tests are collected once, and each fork only swaps a function's code.

This takes a twentieth of the time of reloading everything. It is only valid for code that has not run before
the tests do; tables, and whatever is computed at import, need a reload.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import CO_NEWLOCALS
from types import CodeType, FunctionType
from typing import NamedTuple

import pytest
from child import Verdict, fork
from folders import ROOT
from mutations import Mutant

Key = tuple[str, str, int]  # of a function: file, qualified name, line


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _outermost(code: CodeType) -> Iterator[CodeType]:
    """Yield the functions of a module and of its classes; nested functions are part of them."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and inner.co_flags & CO_NEWLOCALS:
            yield inner
        elif isinstance(inner, CodeType):
            yield from _outermost(inner)


class Swap(NamedTuple):
    """A function, its new code, and the lines that run when it is called."""

    key: Key
    code: CodeType
    lines: frozenset[int]


def swap_of(mutant: Mutant, before: str) -> Swap | None:
    """Return what a mutant changes; ``None`` unless that is the code of exactly one function."""
    path = str(ROOT / mutant.file)
    old, new = (
        list(_outermost(compile(text, path, "exec", dont_inherit=True))) for text in (before, mutant.text)
    )
    changed = [(one, other) for one, other in zip(old, new, strict=False) if one != other]
    if len(old) != len(new) or len(changed) != 1:
        return None
    ((one, other),) = changed
    lines = frozenset(line for _, _, line in one.co_lines() if line is not None)
    return Swap(_key(one), other, lines - {one.co_firstlineno})


class Job(NamedTuple):
    """A mutant, its change, the tests that may catch it, and the seconds until they count as hanging."""

    mutant: Mutant
    swap: Swap
    tests: tuple[str, ...]
    seconds: float


def live_functions() -> Mapping[Key, list[FunctionType]]:
    """Return the exporter's functions in this process."""
    found: dict[Key, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(f"{ROOT}/exporter/"):
            found.setdefault(_key(one.__code__), []).append(one)
    return found


class Inside:
    """A plugin that runs each mutant's tests in a fork, instead of all tests once."""

    def __init__(self, jobs: Sequence[Job], note: Callable[[Mutant, Verdict], None]) -> None:
        self._jobs = jobs
        self._note = note
        self.verdicts: list[Verdict | None] = []  # None: needs a reload
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a failure, in a fork."""
        self._failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge the mutants."""
        items = {item.nodeid: item for item in session.items}
        functions = live_functions()
        gc.freeze()
        for job in self._jobs:
            verdict = self._judge(job, items, functions)
            self.verdicts.append(verdict)
            if verdict is not None:
                self._note(job.mutant, verdict)
        return True

    def _judge(
        self, job: Job, items: Mapping[str, pytest.Item], functions: Mapping[Key, list[FunctionType]]
    ) -> Verdict | None:
        """Return the verdict on a mutant, ``None`` if it needs a reload."""
        if job.swap.key not in functions:
            return None

        def work() -> bool:
            for function in functions[job.swap.key]:
                function.__code__ = job.swap.code
            chosen = [items[test] for test in job.tests if test in items]
            for item, following in zip(chosen, [*chosen[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self._failed:
                    return False
            return True

        in_time, survived = fork(work, job.seconds)
        if not in_time:
            return Verdict.TIMED_OUT
        return Verdict.SURVIVED if survived else Verdict.KILLED
