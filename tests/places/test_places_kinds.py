"""Every URL scheme has a kind of place; failures are reported in one line."""

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.model import HERE
from exporter.places.kinds.hdfs import properties_of
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


def test_which_settings_a_kind_uses_is_documented() -> None:
    """Each in its row, and no others."""
    text = (Path(__file__).parents[2] / "docs" / "places.md").read_text()
    rows = re.findall(r"^\| ((?:`\w+://`(?:, )?)+) \| (.*?) \|", text, re.MULTILINE)
    told = {
        scheme: frozenset(re.findall(r"`(\w+)`", keys))
        for schemes, keys in rows
        for scheme in re.findall(r"`(\w+)://`", schemes)
    }
    assert told == {scheme: kind.settings for scheme, kind in KINDS.items()}


@pytest.mark.parametrize(("region", "lines"), [("", 0), ("eu-central-1", 1)])
def test_a_setting_in_vain_is_one_warning(caplog: pytest.LogCaptureFixture, region: str, lines: int) -> None:
    """Not at each request; and none as long as nothing is set."""
    place = replace(HERE, region=region, timeout=20.0)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            connect(Path("gs://vain/shop"), place)
    assert [record.__dict__["keys"] for record in caplog.records] == ["places.region"] * lines


def test_hadoop_is_told_only_what_was_set() -> None:
    """Milliseconds and further attempts; the defaults here do not replace an operator's own."""
    assert properties_of(HERE) == {}
    assert properties_of(replace(HERE, timeout=2.5, connect_timeout=1.0, attempts=3)) == {
        "dfs.client.socket-timeout": "2500",
        "ipc.client.rpc-timeout.ms": "2500",
        "ipc.client.connect.timeout": "1000",
        "ipc.client.connect.max.retries": "2",
        "ipc.client.connect.max.retries.on.timeouts": "2",
    }
