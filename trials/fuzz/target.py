"""Fuzzing targets, and how one input is tried on them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules


class DisagreementError(AssertionError):
    """Two ways to one result differ, or a guarantee about a result is broken."""


class SlowError(AssertionError):
    """An input took more CPU time than any of its size may."""


@dataclass(frozen=True, slots=True)
class Target:
    """One parser of foreign data.

    ``run`` returns if everything is as documented, including documented errors, and raises otherwise.
    It keeps no state: the same bytes have the same result whatever was tried before.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()  # useful parts of inputs
    longest: int = 1024  # bytes per input
    seconds: float = 2.0  # of CPU time that no input may exceed

    def examine(self, data: bytes) -> None:
        """Try one input. Raises if it is a find."""
        start = time.process_time()
        self.run(data)
        if (taken := time.process_time() - start) > self.seconds:
            raise SlowError(f"{len(data)} bytes took {taken:.1f} s of processor")


FOLDER = Path(__file__).parent / "targets"
NAMES: tuple[str, ...] = tuple(sorted(module.name for module in iter_modules([str(FOLDER)])))
"""Every target, one per module: it is loaded by itself, so that what it runs can be instrumented before."""


def load(name: str) -> Target:
    """Return a target. Raises KeyError for an unknown name."""
    if name not in NAMES:
        raise KeyError(name)
    found: Target = import_module(f"targets.{name}").TARGET
    return found


def agree(found: object, wanted: object, what: str) -> None:
    """Raise DisagreementError if two results differ; for mappings, name the entries that do."""
    if found == wanted:
        return
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        keys = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
        found, wanted = {key: found.get(key) for key in keys}, {key: wanted.get(key) for key in keys}
    raise DisagreementError(f"{what}: {found!r:.600} is not {wanted!r:.600}")


def is_one_line(text: str, what: str) -> None:
    """Raise DisagreementError if an error's message is not one printable line."""
    if not text or not text.isprintable():
        raise DisagreementError(f"{what}: no line of words: {text!r:.600}")
