"""Where a verb's document goes: a file, replaced in one step, or stdout."""

import sys
from pathlib import Path

from rich.console import Console

from exporter.durable import replace_file
from exporter.errors import UserError

PIPE_WIDTH = 80  # a pipe has no width; logs, mails and tickets have this one
WIDE = 200  # for tables of many columns, in which nothing may be cut off


def open_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """Return the terminal, or a pipe of a fixed width."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=pipe_width, highlight=False)


def deliver(document: str, output: Path | None) -> None:
    """Write a document to the file that ``--output`` names, else to stdout. Raises UserError."""
    if output is None:
        sys.stdout.write(document)
        sys.stdout.flush()
        return
    try:
        replace_file(output, document.encode())
    except OSError as error:
        raise UserError(f"--output: {output}: {(error.strerror or str(error)).lower()}") from None
