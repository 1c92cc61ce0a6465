"""The folders of the gate, found without loading the configuration if possible."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exporter.cli.places import NO_DATA, find_data, find_output, output_of
from exporter.errors import UserError, reason_of
from exporter.gate.answer import REPORT, Folders, refuse_unused
from exporter.gate.files import Upstream
from exporter.places.url import is_remote

if TYPE_CHECKING:  # loads pydantic
    from exporter.config.load import Config


class Where(NamedTuple):
    """The configuration and the folders given on the command line."""

    config_file: Path | None
    feed_file: Path | None
    data_dir: Path | None
    output_dir: Path | None


def find_folders(where: Where) -> Folders:
    """Return the folders, as ``run`` resolves them. Raises UserError if the exporter has never run.

    The data directory is resolved when a day's files are first compared.
    """

    @cache
    def config() -> "Config":
        from exporter.cli.feeds import read_config  # noqa: PLC0415  slow to load

        return read_config(where.config_file, where.feed_file)

    @cache
    def upstream() -> Upstream:
        data = find_data(config(), where.data_dir)
        _refuse_outdated(output, config().feed.id)
        settings = config().written
        return Upstream(
            data,
            config().feed,
            settings.data.complete_marker,
            outside=settings.data.follow_links_outside,
            interval=settings.watch.rescan_seconds if is_remote(data) else 0.0,
        )

    output = _find_output(where, config)
    refuse_unused(output)
    return Folders(output, upstream)


def _find_output(where: Where, config: Callable[[], "Config"]) -> Path:
    if where.output_dir is not None or (where.config_file is None and where.data_dir is not None):
        return output_of(where.data_dir, where.output_dir)
    known = find_output(config(), where.data_dir, None)
    if known is None:
        raise UserError(NO_DATA)
    return known


def _refuse_outdated(output: Path, feed: str) -> None:
    """Raise UserError if the feed is one of many by now, whose reports are in folders of their own."""
    own, other = (_written_ns(folder / REPORT) for folder in (output, output / feed))
    if other is not None and (own is None or other > own):
        raise UserError(f"{output / feed}: has a newer report of the feed {feed}: set --output.dir to it")


def _written_ns(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path}: {reason_of(error)}") from None
