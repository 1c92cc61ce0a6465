"""A verb's output document: to a file, replaced atomically, or to stdout."""

import sys
from pathlib import Path

from rich.console import Console

from exporter.durable import replace_file
from exporter.errors import UserError, reason_of

PIPE_WIDTH = 80  # a pipe has no width; this one suits logs, mails and tickets
WIDE = 200  # for tables of many columns, which must not be truncated


def open_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """Return a console for the terminal, or of fixed width for a pipe."""
    console = Console(highlight=False, markup=False)
    return console if console.is_terminal else Console(width=pipe_width, highlight=False, markup=False)


def is_there(output: Path) -> bool:
    """Return whether the file given by ``--output`` exists. Raises UserError if its folder hides that."""
    try:
        return output.exists()
    except OSError as error:
        raise _refused(output, error) from None


def deliver(document: str, output: Path | None) -> None:
    """Write a document to the file given by ``--output``, otherwise to stdout. Raises UserError."""
    if output is None:
        sys.stdout.write(document)
        sys.stdout.flush()
        return
    try:
        replace_file(output, document.encode())
    except OSError as error:
        raise _refused(output, error) from None


def _refused(output: Path, error: OSError) -> UserError:
    return UserError(f"--output: {output}: {reason_of(error)}")
