"""The feed of a command, with its configuration."""

import logging
from dataclasses import replace
from pathlib import Path

from exporter.config.load import Config, load_config
from exporter.config.values import scheduler_address
from exporter.contract.load import Loaded, load_feed, shipped_feed
from exporter.errors import UserError
from exporter.feed import Feed
from exporter.places.url import is_remote

log = logging.getLogger(__name__)


def read_feed(path: Path | None) -> Feed:
    """Return the feed of a contract's file, or the shipped one. Raises InvalidFileError.

    A directory in the contract is relative to the contract's own.
    """
    if path is None:
        return shipped_feed()
    return adopt(load_feed(path), path)


def adopt(loaded: Loaded, path: Path) -> Feed:
    """Return the feed of a contract's file, with its directory, and log what is not supported."""
    for warning in loaded.warnings:
        log.warning(warning)
    if loaded.feed.directory is None:
        return loaded.feed
    if is_remote(Path(loaded.feed.directory)):
        return loaded.feed
    return replace(loaded.feed, directory=str(path.parent / loaded.feed.directory))


def read_config(config_file: Path | None, feed_file: Path | None, scheduler: str | None = None) -> Config:
    """Return the configuration of the feed. Raises InvalidFileError for either file.

    A ``scheduler`` from the command line overrides the file's; raises UserError if it is invalid.
    """
    return with_scheduler(load_config(config_file, read_feed(feed_file)), scheduler)


def with_scheduler(config: Config, scheduler: str | None) -> Config:
    """Return the configuration with the command line's engine, if it gives one."""
    if scheduler is None:
        return config
    try:
        address = scheduler_address(scheduler)
    except ValueError as error:
        raise UserError(f"--engine.scheduler: {error}") from None
    engine = config.written.engine.model_copy(update={"scheduler": address})
    return replace(config, written=config.written.model_copy(update={"engine": engine}))
