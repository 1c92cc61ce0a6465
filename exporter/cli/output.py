"""Where a verb's document goes: a file, replaced in one step, or stdout."""

import sys
from pathlib import Path

from exporter.durable import replace_file
from exporter.errors import UserError


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
