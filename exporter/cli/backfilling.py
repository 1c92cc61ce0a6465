"""``backfill``: one pass over more days than are exposed, as a history."""

import sys
from pathlib import Path

from exporter.cli.once import look
from exporter.cli.options import Common
from exporter.cli.output import deliver
from exporter.rules.backfill import history


def run(common: Common, output: Path | None, days: int) -> int:
    """Write the trends' history to a file, in one step, or to stdout."""
    page = "".join(history(look(common, window_days=days).snapshot))
    deliver(page, output)
    if output is not None:
        samples = sum(not line.startswith("#") for line in page.splitlines())
        sys.stderr.write(f"{output}: {samples} samples\n")
    return 0
