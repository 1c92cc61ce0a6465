"""The contracts of many feeds: which files there are, and how to work by each."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exporter.cli.feeds import adopt, with_scheduler
from exporter.cli.options import Common
from exporter.cli.plan import Serving, plan_for
from exporter.config.load import build_config, read_settings
from exporter.config.restart import keys_for_restart
from exporter.config.schema import ConfigSpec
from exporter.contract.load import feed_of, id_within
from exporter.document import Document, read_document
from exporter.errors import UserError, reason_of
from exporter.service.feeds import Contract, Read

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Sources:
    """The contracts' files, a folder of them, or both."""

    files: tuple[Path, ...] = ()
    folder: Path | None = None

    @property
    def are_many(self) -> bool:
        """Whether there may be several feeds. A folder may get another contract any time."""
        return self.folder is not None or len(_distinct(self.files)) > 1

    @property
    def only(self) -> Path | None:
        """The one file, if there is one."""
        return None if self.are_many else next(iter(self.files), None)

    def list(self) -> Iterator[Path]:
        """Yield the current files. Raises UserError if the folder cannot be listed."""
        yield from _distinct((*self.files, *self._in_folder()))

    def _in_folder(self) -> Iterator[Path]:
        if self.folder is None:
            return
        try:
            names = sorted(path.name for path in self.folder.iterdir() if is_contract(path))
        except OSError as error:
            raise UserError(f"--feeds.dir: {self.folder}: {reason_of(error)}") from None
        yield from (self.folder / name for name in names)


def _distinct(files: Iterable[Path]) -> Collection[Path]:
    """Return the files, each once however its path is spelled. Links are files of their own."""
    known: dict[Path, Path] = {}
    for file in files:
        known.setdefault(Path(os.path.abspath(file)), file)  # noqa: PTH100  without following links
    return known.values()


def is_contract(path: Path) -> bool:
    """Return whether a file is a contract, by its name; a leading dot means it is still being written."""
    return path.suffix in SUFFIXES and not path.name.startswith(".")


def claim(owners: dict[str, Path], feed: str, file: Path) -> None:
    """Record the id's owner. Raises UserError if another file already has the id."""
    owner = owners.setdefault(feed, file)
    if owner != file:
        raise UserError(f"{file}: the id {feed} is also used by {owner}")


@dataclass(slots=True)
class Reader:
    """Reads contracts and the configuration, skipping what has not changed."""

    common: Common
    sources: Sources
    serving: Serving
    _document: Document = field(default_factory=lambda: Document("defaults", {}))
    _running: ConfigSpec | None = None
    _known: dict[Path, tuple[bytes | None, Contract]] = field(default_factory=dict)

    def read(self) -> Sequence[Contract]:
        """Return all contracts. Raises UserError if the folder cannot be listed."""
        self._known = {path: self._read(path) for path in self.sources.list()}
        return [contract for _, contract in self._known.values()]

    def read_again(self) -> Read:
        """Read everything again. Raises UserError if the configuration or the folder is invalid."""
        spec = self.configure()
        waiting = keys_for_restart(self._running or spec, spec)
        self._running = self._running or spec
        self._known = {}
        return Read(self.read(), waiting)

    def configure(self) -> ConfigSpec:
        """Read the configuration that applies to all contracts. Raises InvalidFileError."""
        document = read_settings(self.common.config_file)
        spec = document.validate(ConfigSpec)
        self._document = document
        return spec

    def _read(self, path: Path) -> tuple[bytes | None, Contract]:
        try:
            content = path.read_bytes()
        except OSError:
            content = None
        known = self._known.get(path)
        if known is not None and known[0] == content:
            return known
        return content, self._understand(path)

    def _understand(self, path: Path) -> Contract:
        feed: str | None = None
        try:
            document = read_document(path)
            feed = id_within(document)
            config = build_config(self._document, adopt(feed_of(document), path))
            config = with_scheduler(config, self.common.scheduler)
            plan = plan_for(config, path, self.common, self.serving)
            return Contract(path, feed, plan)
        except UserError as error:
            return Contract(path, feed, None, "; ".join(error.lines))
