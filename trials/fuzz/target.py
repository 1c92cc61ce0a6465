"""What a target of fuzzing is, and how one input is tried on it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules


class DisagreementError(AssertionError):
    """Two ways to one result differ, or a promise about a result is broken."""


class SlowError(AssertionError):
    """An input took more processor time than any of its size may."""


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of bytes that others wrote.

    ``run`` returns for whatever is as documented, its documented errors included, and raises anything else.
    It keeps nothing: the same bytes have the same result whatever came before.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()  # worth putting into an input
    longest: int = 1024  # bytes of an input
    seconds: float = 2.0  # of processor, that no input may take

    def examine(self, data: bytes) -> None:
        """Try one input. Raises whatever is a find."""
        start = time.process_time()
        self.run(data)
        if (taken := time.process_time() - start) > self.seconds:
            raise SlowError(f"{len(data)} bytes took {taken:.1f} s of processor")


FOLDER = Path(__file__).parent / "targets"
NAMES: tuple[str, ...] = tuple(sorted(module.name for module in iter_modules([str(FOLDER)])))
"""Every target, one per module: it is loaded by itself, so that what it runs can be instrumented before."""


def load(name: str) -> Target:
    """Return a target. Raises KeyError for a name that is none."""
    if name not in NAMES:
        raise KeyError(name)
    found: Target = import_module(f"targets.{name}").TARGET
    return found


def agree(found: object, wanted: object, what: str) -> None:
    """Raise DisagreementError where two results differ; of mappings, name the entries that do."""
    if found == wanted:
        return
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        keys = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
        found, wanted = {key: found.get(key) for key in keys}, {key: wanted.get(key) for key in keys}
    raise DisagreementError(f"{what}: {found!r:.600} is not {wanted!r:.600}")


def is_one_line(text: str, what: str) -> None:
    """Raise DisagreementError where an error's words are not one printable line."""
    if not text or not text.isprintable():
        raise DisagreementError(f"{what}: no line of words: {text!r:.600}")
