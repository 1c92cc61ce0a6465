"""Where a contract says that files lie: a folder, or an address of object storage; and back."""

from dataclasses import replace

import pytest

from exporter.contract.load import Loaded, parse_feed, shipped_feed
from exporter.contract.write import contract_text
from exporter.document import InvalidFileError


def written(directory: str, **changes: str) -> Loaded:
    """Write the feed that ships for a directory, change words of it, and read it."""
    text = contract_text(replace(shipped_feed(), directory=directory), {}, "")
    for before, after in changes.items():
        text = text.replace(before, after)
    return parse_feed(text, "feed.yaml")


@pytest.mark.parametrize(
    "directory",
    [
        "data",
        "/data",
        "s3://bucket/shop",
        "gs://bucket",
        "abfss://c@account.dfs.core.windows.net/x",
        "hdfs://n:1/x",
    ],
)
def test_what_is_written_is_read(directory: str) -> None:
    """Without a warning: each kind has a type of server in the standard, or is a custom one."""
    loaded = written(directory)
    assert loaded.feed.directory == directory
    assert loaded.warnings == ()


def test_a_date_in_the_location_is_a_part_of_the_files_names() -> None:
    """As in the path of a local server."""
    assert written("s3://bucket/shop/{date:%Y%m%d}.csv").feed.directory == "s3://bucket/shop"


@pytest.mark.parametrize("location", ["s3://bucket/*.json", "https://host/x", "bucket/x"])
def test_what_is_no_directory_is_left_to_others(location: str) -> None:
    """With a warning, as a server of any other type."""
    loaded = written("s3://bucket/shop", **{"s3://bucket/shop": location})
    assert loaded.feed.directory is None
    assert "s3 servers are ignored" in loaded.warnings[0]


def test_a_credential_in_it_is_refused_and_not_repeated() -> None:
    """A contract is shown to many."""
    with pytest.raises(InvalidFileError, match="not contain credentials") as caught:
        written("s3://bucket/shop", **{"s3://bucket": "s3://AKIA:hunter2@bucket"})
    assert "hunter2" not in str(caught.value)
