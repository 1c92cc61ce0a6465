"""The folders of a command: the command line wins over the configuration, which wins over the contract."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exporter.errors import UserError, reason_of
from exporter.places.settings import use
from exporter.places.url import is_remote, refuse_unusable, shown

if TYPE_CHECKING:  # loads pydantic
    from exporter.config.load import Config

NO_DATA = "no data directory: set --data.dir, PUFFY_DATA_DIR or data.directory in the file"
OUTPUT = "monitoring"  # in the data directory, if nothing else is named


class Places(NamedTuple):
    """The folders in use."""

    data: Path
    output: Path


def find_places(
    config: "Config", data_dir: Path | None, output_dir: Path | None, *, absent_is_fine: bool = False
) -> Places:
    """Resolve both folders. Raises UserError.

    A missing data directory is an error unless ``absent_is_fine``, because the caller waits for it.
    """
    data = find_data(config, data_dir)
    output = output_of(data, output_dir or config.written.data.output_directory)
    if not is_remote(data):
        _refuse_unless_folder(data, absent_is_fine=absent_is_fine)
    return Places(data, output)


def _refuse_unless_folder(data: Path, *, absent_is_fine: bool) -> None:
    try:
        is_folder, exists = data.is_dir(), data.exists()
    except OSError as error:  # a folder above it may be closed to us
        raise UserError(f"data directory {data}: {reason_of(error)}") from None
    if not is_folder and (exists or not absent_is_fine):
        raise UserError(f"data directory {data}: {'not a directory' if exists else 'does not exist'}")


def refuse_filled(directory: Path) -> None:
    """Raise UserError if a folder for generated days has anything in it, OSError if it is no folder."""
    if directory.exists() and any(directory.iterdir()):
        raise UserError(f"--dir: {directory} is not empty; generated days must not mix with other files")


def find_data(config: "Config", data_dir: Path | None) -> Path:
    """Resolve the data directory, and access object storage as configured from now on. Raises UserError."""
    data = _named_data(config, data_dir)
    if data is None:
        raise UserError(NO_DATA)
    refuse_unusable(data, "the data directory")
    use(config.written.places.place())
    return data


def find_output(config: "Config", data_dir: Path | None, output_dir: Path | None) -> Path | None:
    """Resolve the output folder alone; ``None`` if nothing names a folder. Raises UserError."""
    data = _named_data(config, data_dir)
    output = output_dir or config.written.data.output_directory
    return None if data is None and output is None else output_of(data, output)


def output_of(data: Path | None, output: Path | None) -> Path:
    """Return the output folder: the one named, or the one in the data directory. Raises UserError."""
    if output is not None:
        if is_remote(output):
            raise UserError(
                f"--output.dir {shown(output)}: must be a local folder, as output is written to it"
            )
        return output
    if data is None:
        raise UserError(NO_DATA)
    refuse_unusable(data, "the data directory")
    if is_remote(data):
        raise UserError(
            f"data directory {shown(data)}: output must go to a local folder: set "
            "--output.dir, PUFFY_OUTPUT_DIR or data.output_directory in the file"
        )
    return data / OUTPUT


def _named_data(config: "Config", data_dir: Path | None) -> Path | None:
    named = config.feed.directory
    return data_dir or config.written.data.directory or (None if named is None else Path(named))
