"""The folder of the gate's report and audit log, found without loading the configuration if possible."""

from pathlib import Path
from typing import NamedTuple

from exporter.errors import UserError
from exporter.feed import Feed
from exporter.gate.answer import REPORT, Folders
from exporter.gate.audit import AUDIT
from exporter.places.url import refuse_remote


class Where(NamedTuple):
    """The folders given on the command line."""

    config_file: Path | None
    feed_file: Path | None
    data_dir: Path | None
    output_dir: Path | None


def find_folders(where: Where) -> Folders:
    """Return the exporter's folders. Raises UserError if it has never run."""
    data, output = where.data_dir, where.output_dir
    if output is None and where.config_file is None:
        refuse_remote(data, "the exporter writes to a local folder: set --output.dir")
    if output is None and data is not None and where.config_file is None:
        output = data / "monitoring"
    if output is None:
        from exporter.cli.feeds import read_config  # noqa: PLC0415  slow to load; only with a configuration
        from exporter.cli.wiring import find_places  # noqa: PLC0415

        data, output = find_places(read_config(where.config_file, where.feed_file), data, None)
    if not (output / AUDIT).exists() and not (output / REPORT).exists():
        raise UserError(f"{output}: no report and no audit log; has the exporter run?")
    return Folders(data, output, lambda: _feed(where.feed_file))


def _feed(path: Path | None) -> Feed:
    from exporter.cli.feeds import read_feed  # noqa: PLC0415  slow to load; only if files are inspected

    return read_feed(path)
