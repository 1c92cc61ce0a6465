"""The same with a real S3 server that checks signatures: Ceph's gateway, in memory."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from feeds import EVENTS
from made import DAY
from object_storage import Proxy, Storage, radosgw
from test_places_remote import FORMS, ROWS, found_in, laid, profile

from exporter.discover.listing import list_directory
from exporter.model import Place, Stage
from exporter.places import ahead
from exporter.places.readable import PlaceError
from exporter.places.settings import use

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("radosgw")]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Run the server."""
    with radosgw(tmp_path_factory.mktemp("ceph")) as found:
        yield found


@pytest.mark.parametrize("form", FORMS)
def test_the_figures_are_those_of_the_file_on_disk(
    tmp_path: Path, gateway: Storage, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """In every format, compressed and in parts."""
    use(Place(endpoint=gateway.endpoint))
    monkeypatch.setattr(ahead, "BLOCK", 10_000)
    local, remote = (found_in(directory) for directory in laid(tmp_path, gateway, FORMS[form]))
    here, there = profile(local), profile(remote)
    assert here.rows == ROWS
    aside = {"fingerprint": None} if form == "parquet" else {}
    assert asdict(there) | aside == asdict(here) | aside
    assert found_in(Path("/".join(remote.path.parts[:3]))) == remote


def test_denied_access_is_reported(tmp_path: Path, gateway: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong secret is refused by the server and appears in no message."""
    _, directory = laid(tmp_path, gateway, FORMS["csv"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    use(Place(endpoint=gateway.endpoint, region="elsewhere", attempts=1))  # forces a new connection
    with pytest.raises(PlaceError) as caught:
        found_in(directory)
    assert "hunter2" not in str(caught.value)
    assert "signature" in str(caught.value).lower() or "denied" in str(caught.value).lower()


def test_a_bucket_that_vanishes_is_not_an_empty_one(tmp_path: Path, gateway: Storage) -> None:
    """Its days are not reported as missing."""
    use(Place(endpoint=gateway.endpoint))
    _, directory = laid(tmp_path, gateway, FORMS["csv"])
    found_in(directory)
    gateway.remove(directory.parts[1])
    with pytest.raises(OSError, match="no such"):
        found_in(directory)


def put_many(gateway: Storage, names: list[str]) -> None:
    """Write empty objects into a public bucket: signing each request would take longer."""
    gateway.client.create_bucket(Bucket="many", ACL="public-read-write")

    def put(share: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
        for name in share:
            connection.request("PUT", f"/many/{name}", body=b"")
            assert connection.getresponse().read() == b""
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, [names[start::8] for start in range(8)]))


def test_ten_thousand_names_are_listed_by_the_thousand_or_not_at_all(gateway: Storage) -> None:
    """There are few requests; if the fifth page fails, the first four do not count."""
    put_many(gateway, [f"feed/note_{number:05}.txt" for number in range(10_000)])
    gateway.client.put_object(Bucket="many", Key=f"feed/events_{DAY:%Y%m%d}.csv", Body=b"")
    with Proxy(gateway) as proxy:
        use(Place(endpoint=proxy.endpoint, attempts=1))
        directory = Path("s3://many/feed")
        assert list(list_directory(directory, EVENTS).files) == [(DAY, Stage.RAW)]
        assert len(proxy.asked) <= 15
        assert all(one.lists for one in proxy.asked)
        before = len(proxy.asked)
        proxy.trouble = lambda *_: "deny" if len(proxy.asked) >= before + 4 else "pass"
        with pytest.raises(PlaceError, match="expired"):
            list_directory(directory, EVENTS)
