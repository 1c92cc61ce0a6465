"""The command line in a persistent process, which runs calls one after another.

Each line on stdin is a call: arguments and environment. Each on stdout is its outcome; both are JSON. Loading
the libraries takes longer than most calls, and the documentation shows more than a hundred.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from exporter.cli import main


class Outcome(NamedTuple):
    """The result of a call."""

    code: int
    output: str
    errors: str


class CommandLine:
    """The process, in its own folder."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)

    def run(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Outcome:
        """Run one call."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([arguments, dict(environment)]) + "\n")
        self._process.stdin.flush()
        return Outcome(*json.loads(self._process.stdout.readline()))


@contextlib.contextmanager
def _captured(descriptor: int) -> Iterator[list[str]]:
    """Capture what is written to a descriptor, including by child processes."""
    said: list[str] = []
    kept = os.dup(descriptor)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), descriptor)
        try:
            yield said
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(kept, descriptor)
            os.close(kept)
            file.seek(0)
            said.append(file.read().decode())


def _serve() -> None:
    with os.fdopen(os.dup(1), "w") as answers:
        for line in sys.stdin:
            arguments, environment = json.loads(line)
            os.environ.clear()
            os.environ.update(environment)
            with _captured(1) as output, _captured(2) as errors:
                code = main(arguments)
            answers.write(json.dumps([code, output[0], errors[0]]) + "\n")
            answers.flush()


if __name__ == "__main__":
    _serve()
