"""Which tests run which lines, and how long each takes: coverage.py with the test as its context."""

import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import coverage
import pytest
from child import fork, loaded, run_tests
from folders import FAST_SECONDS, ROOT, Folder
from mutations import Mutant

LONGEST_SECONDS = 1800.0  # of CPU time for all tests of a folder
LEAST_SECONDS = 20.0  # for the tests of a mutant
SLOWER = 10  # times the duration without a mutant counts as hanging
AT_IMPORT = ""  # the context in which modules are loaded


@dataclass(frozen=True, slots=True)
class Covered:
    """Tests by file and line, seconds by test. ``AT_IMPORT`` is one of the tests."""

    lines: Mapping[str, Mapping[int, frozenset[str]]]
    seconds: Mapping[str, float]  # of the fast ones
    known: frozenset[str]  # including the others: slow ones and those that start processes
    modules: tuple[str, ...]  # installed ones that the tests load

    def touching(self, file: str, lines: Iterable[int]) -> set[str]:
        """Return the tests that run any of a file's lines, including slow ones."""
        known = self.lines.get(file, {})
        return {test for line in lines for test in known.get(line, ())}

    def order(self, mutant: Mutant) -> tuple[str, ...]:
        """Return the tests that run a mutant's lines, fastest first; empty if nothing runs them.

        What runs at import, such as a table, may affect any test: the other tests follow.
        """
        # The compiler folds a tuple of constants, whose own lines then never run.
        touching = self.touching(mutant.file, mutant.lines) or self.touching(mutant.file, mutant.statement)
        chosen = self.seconds.keys() if AT_IMPORT in touching else self.seconds.keys() & touching
        return tuple(sorted(chosen, key=lambda test: (test not in touching, self.seconds[test], test)))

    def until(self, tests: tuple[str, ...]) -> float:
        """Return the seconds after which the tests count as hanging."""
        return LEAST_SECONDS + SLOWER * sum(self.seconds[test] for test in tests)


class _Contexts:
    """A plugin that tells coverage which test is running."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.seconds: dict[str, float] = {}
        self.skipped: set[str] = set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._measured.switch_context(item.nodeid)
        begun = time.process_time()
        yield
        self.seconds[item.nodeid] = time.process_time() - begun
        self._measured.switch_context(AT_IMPORT)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, FAST_SECONDS)
        yield
        signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.skipped.add(report.nodeid)


def _stop(*_: object) -> None:
    pytest.skip("slow tests are left out")


def _measure(folder: Folder) -> tuple[int, Covered]:
    measured = coverage.Coverage(data_file=None, source=[str(ROOT / folder.source)], config_file=False)
    plugin = _Contexts(measured)
    measured.start()
    code = run_tests((folder.tests,), plugin)
    measured.stop()
    data = measured.get_data()
    lines = {
        file.removeprefix(f"{ROOT}/"): {
            line: frozenset(contexts) for line, contexts in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    fast = {test: seconds for test, seconds in plugin.seconds.items() if test not in plugin.skipped}
    return code, Covered(lines, fast, frozenset(plugin.seconds), loaded())


def cover(folder: Folder) -> Covered:
    """Return what a folder's tests run. Raises RuntimeError if they fail without a mutant."""
    _, answer = fork(lambda: _measure(folder), LONGEST_SECONDS)
    code, covered = answer or (None, None)
    if code != 0 or covered is None:
        raise RuntimeError(f"{folder.tests} fails without a mutant: pytest ended with {code}")
    assert isinstance(covered, Covered)
    return covered


class Chosen:
    """A plugin that keeps the chosen tests in order, and new ones, whose names may come from the mutant."""

    def __init__(self, order: tuple[str, ...], known: frozenset[str]) -> None:
        self._place = {test: place for place, test in enumerate(order)}
        self._others = known - self._place.keys()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort the items, and drop those that are known but not chosen."""
        items[:] = [item for item in items if item.nodeid not in self._others]
        items.sort(key=lambda item: self._place.get(item.nodeid, len(self._place)))
