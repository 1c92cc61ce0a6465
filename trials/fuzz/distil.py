"""The few inputs of a corpus that reach everything the whole corpus reaches, shortest first."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from target import Target

Arc = tuple[str, int, int]  # a file, and two of its lines that ran one after the other
OURS = "/exporter/"


@contextmanager
def traced(arcs: set[Arc]) -> Iterator[None]:
    """Record which lines of the exporter follow each other on this thread."""

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if event != "call" or OURS not in name or "/trials/" in name:
            return None
        before = 0

        def step(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            if event == "line":
                arcs.add((name, before, frame.f_lineno))
                before = frame.f_lineno
            return step

        return step

    known = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(known)


def arcs_of(target: Target, data: bytes) -> set[Arc]:
    """Return what one input reaches, even if it is a find."""
    arcs: set[Arc] = set()
    with traced(arcs), suppress(Exception):
        target.run(data)
    return arcs


def distil(target: Target, inputs: Iterable[bytes]) -> tuple[list[bytes], int, int]:
    """Return the inputs that reach more than the seeds, and how many arcs the seeds and all of them reach."""
    reached: set[Arc] = set()
    for seed in target.seeds:
        reached |= arcs_of(target, seed)  # fills caches
    for seed in target.seeds:
        reached |= arcs_of(target, seed)
    before = len(reached)
    kept = []
    for data in sorted(set(inputs), key=lambda data: (len(data), data)):
        if not (found := arcs_of(target, data)) <= reached:
            reached |= found
            kept.append(data)
    return kept, before, len(reached)
