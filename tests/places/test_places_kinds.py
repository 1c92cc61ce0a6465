"""Every URL scheme has a kind of place; failures are reported in one line."""

from pathlib import Path

import pytest

from exporter.model import HERE
from exporter.places.readable import PlaceError
from exporter.places.remote import KINDS, connect
from exporter.places.url import SCHEMES


def test_every_scheme_has_a_kind() -> None:
    """URLs are distinguished from folders before any kind is loaded."""
    assert sorted(KINDS) == sorted(SCHEMES)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("s3://bucket/shop/x.csv", "bucket/shop/x.csv"),
        ("gs://bucket/shop/x.csv", "bucket/shop/x.csv"),
        ("abfss://container@account.dfs.core.windows.net/shop/x.csv", "container/shop/x.csv"),
    ],
)
def test_an_address_leads_into_its_file_system(address: str, key: str) -> None:
    """No request is made yet."""
    system, found = connect(Path(address), HERE)
    assert found == key
    assert system is connect(Path(address), HERE)[0]


def test_a_missing_library_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hadoop's library is located by its own environment variables, which are unset here."""
    for name in ("HADOOP_HOME", "ARROW_LIBHDFS_DIR", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(PlaceError) as caught:
        connect(Path("hdfs://namenode.invalid:8020/shop"), HERE)
    assert "\n" not in str(caught.value)
