"""Tests in a fork: other packages are loaded once, the exporter each time, with or without a mutant."""

import importlib
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from folders import MARKED, ROOT

MOST_MEMORY = 6 << 30  # bytes: a mutant may allocate without end
PLUGINS = ("no:cacheprovider", "no:unraisableexception", "pytest_timeout", "_hypothesis_pytestplugin")
ARGUMENTS = (
    *("-q", "-x", "--no-header", "--no-summary", "-o", "addopts=", "-m", MARKED),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *(word for name in PLUGINS for word in ("-p", name)),
)
EXAMPLES = 30  # per property: they catch most mutants
POLL_SECONDS = 0.01
LONGEST_WAIT, WAITING = 600.0, 30.0  # seconds, and times the CPU time: the machine may be busy


class Verdict(StrEnum):
    """The fate of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


class _Changed(SourceFileLoader):
    """Loads a module from a text instead of its file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, _: str) -> CodeType:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, file: str, text: str) -> None:
        self._name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self._path = str(ROOT / file)
        self._text = text

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Changed(fullname, self._path, self._text)
        return spec_from_file_location(fullname, self._path, loader=loader)


def change(file: str, text: str) -> None:
    """Make this process, which has not loaded the module yet, load it from a text."""
    sys.meta_path.insert(0, _Finder(file, text))


def loaded() -> tuple[str, ...]:
    """Return the names of installed modules that this process has loaded, without the exporter's."""
    found = [(name, getattr(module, "__file__", None)) for name, module in sys.modules.items()]
    return tuple(name for name, path in found if path is not None and "site-packages" in path)


def load(names: tuple[str, ...]) -> None:
    """Load modules that later forks share. Raises RuntimeError if that loads the exporter: it must change."""
    for name in names:
        with suppress(Exception):  # each fork loads what cannot be loaded alone
            importlib.import_module(name)
    if "exporter" in sys.modules:
        raise RuntimeError("the exporter has been loaded already")


def run_tests(paths: tuple[str, ...], plugin: object) -> int:
    """Run tests in this process. Returns pytest's exit code."""
    from hypothesis import Phase, settings  # noqa: PLC0415  (pytest's plugin rewrites it first)

    settings.register_profile(
        "mutants",
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        max_examples=EXAMPLES,
    )
    settings.load_profile("mutants")
    subprocess.Popen.__init__ = _refuse  # type: ignore[assignment, method-assign]
    with tempfile.TemporaryDirectory() as folder:
        return int(pytest.main([*ARGUMENTS, "--basetemp", f"{folder}/t", *paths], plugins=[plugin]))


def _refuse(*_: object, **__: object) -> None:
    pytest.skip("a process of its own has no mutant")


def fork(work: Callable[[], Any], seconds: float) -> tuple[bool, Any]:
    """Do work in a fork that may use this much CPU time.

    Returns whether it ended in time, and its result, ``None`` if it failed.
    """
    with tempfile.NamedTemporaryFile() as file:
        child = os.fork()
        if child == 0:
            _be_child(work, file.name, round(seconds))
        deadline = time.monotonic() + LONGEST_WAIT + WAITING * seconds
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # anything that hangs, or that a test left running
        status = ended[1] if ended[0] else os.waitpid(child, 0)[1]
        content = Path(file.name).read_bytes()
    in_time = bool(ended[0]) and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU)
    return in_time, pickle.loads(content) if content else None


def _be_child(work: Callable[[], Any], answer: str, seconds: int) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = (
            "1"  # other plugins load more slowly than many tests run
        )
        nowhere = os.open(os.devnull, os.O_RDWR)
        if not os.environ.get("MUTANTS_LOUD"):
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        Path(answer).write_bytes(pickle.dumps(work()))
        code = 0
    finally:
        os._exit(code)
