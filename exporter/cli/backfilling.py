"""``backfill``: one pass over more days than are exposed, as a history."""

import sys
from pathlib import Path

from exporter.cli.once import look
from exporter.cli.options import Common
from exporter.durable import replace_file
from exporter.errors import UserError
from exporter.rules.backfill import history


def run(common: Common, output: Path | None, days: int) -> int:
    """Write the trends' history to a file, in one step, or to stdout."""
    page = "".join(history(look(common, window_days=days).snapshot)).encode()
    if output is None:
        sys.stdout.buffer.write(page)
        sys.stdout.buffer.flush()
        return 0
    try:
        replace_file(output, page)
    except OSError as error:
        raise UserError(f"--output: {output}: {(error.strerror or str(error)).lower()}") from None
    samples = sum(not line.startswith(b"#") for line in page.splitlines())
    sys.stderr.write(f"{output}: {samples} samples\n")
    return 0
