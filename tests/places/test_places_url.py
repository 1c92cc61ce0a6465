"""Object storage URLs are paths like any other; unusable ones are refused without quoting them."""

from pathlib import Path

import pytest

from exporter.errors import UserError
from exporter.places.url import is_remote, refuse_unusable, shown


def test_an_address_is_joined_and_shown_as_written() -> None:
    """Names are joined to it as to any folder."""
    path = Path("s3://bucket/shop") / "raw" / "x.csv"
    assert is_remote(path)
    assert shown(path) == "s3://bucket/shop/raw/x.csv"
    assert (path.name, path.parent.name) == ("x.csv", "raw")
    assert not is_remote(Path("/data/s3:/x"))
    assert shown(Path("/data/shop")) == "/data/shop"


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket/shop",
        "gs://bucket",
        "hdfs://namenode:8020/shop",
        "abfss://container@account.dfs.core.windows.net/shop",
        "data",
        "/data/a?b",
    ],
)
def test_what_can_be_used_is_not_refused(address: str) -> None:
    """One URL of each kind, and local folders."""
    refuse_unusable(Path(address), "data")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://", "has no bucket"),
        ("ftp://host/x", "unknown scheme ftp://"),
        ("s3://AKIA:hunter2@bucket/x", "must not contain credentials"),
        ("gs://hunter2@bucket/x", "must not contain credentials"),
        ("abfss://container:hunter2@account.dfs.core.windows.net/x", "must not contain credentials"),
        ("s3://bucket/x?access_key=hunter2", r"must not contain \?"),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_repeated(address: str, words: str) -> None:
    """Credentials in it must not be logged."""
    with pytest.raises(UserError, match=words) as caught:
        refuse_unusable(Path(address), "the data directory")
    assert "hunter2" not in str(caught.value)
    assert "AKIA" not in str(caught.value)
