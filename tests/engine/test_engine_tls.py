"""A real scheduler behind mutual TLS is used, or refused in one line."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from dask_cluster import Cluster
from engine_days import PARTITION, encoded, local, write
from running import call
from test_engine_dask import profile

from exporter.demo.days import write_day
from exporter.engine.choose import choose
from exporter.engine.engine import Engine, EngineError
from exporter.engine.kinds import dask as module
from exporter.engine.settings import Settings, Tls

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("dask")]
HOST = "127.0.0.1"


def issue(folder: Path, name: str) -> Tls:
    """Write an authority, a certificate it has issued, and the key."""
    authority = trustme.CA(organization_name=name)
    certificate = authority.issue_cert(HOST)
    files = Tls(*(folder / f"{name}.{kind}" for kind in ("ca.pem", "pem", "key")))
    assert files.ca_file is not None
    assert files.cert_file is not None
    assert files.key_file is not None
    authority.cert_pem.write_to_path(str(files.ca_file))
    certificate.cert_chain_pems[0].write_to_path(str(files.cert_file))
    certificate.private_key_pem.write_to_path(str(files.key_file))
    return files


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tls, Tls]:
    """Provide the cluster's certificates, and those of another authority."""
    folder = tmp_path_factory.mktemp("certificates")
    return issue(folder, "ours"), issue(folder, "theirs")


@pytest.fixture(scope="module")
def secured(certificates: tuple[Tls, Tls], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Provide a scheduler and a worker that accept only TLS."""
    ours, _ = certificates
    options = ["--tls-ca-file", str(ours.ca_file), "--tls-cert", str(ours.cert_file)]
    found = Cluster(tmp_path_factory.mktemp("secured"), [*options, "--tls-key", str(ours.key_file)])
    try:
        found.begin(f"tls://{HOST}:0")
        found.add("--no-nanny")
        yield found
    finally:
        found.end()


def engine_of(address: str, tls: Tls) -> Engine:
    """Return an engine that uses a scheduler behind TLS."""
    return choose(Settings(address, fallback=False, tls=tls))


def test_ranges_read_behind_tls_have_the_profile_of_local_threads(
    secured: Cluster, certificates: tuple[Tls, Tls], tmp_path: Path
) -> None:
    """The configured certificates are used."""
    assert secured.address.startswith("tls://")
    day = write(tmp_path, "csv")
    engine = engine_of(secured.address, certificates[0])
    assert encoded(profile(engine, day, "csv")) == encoded(local(day, "csv"))
    health = engine.health()
    assert health is not None
    assert health.up


def test_a_command_reads_behind_tls(secured: Cluster, certificates: tuple[Tls, Tls], tmp_path: Path) -> None:
    """It uses the configured certificates; without them it fails in one line."""
    ours, _ = certificates
    (tmp_path / "puffy.yml").write_text(
        f"engine:\n  scheduler: {secured.address}\n  fallback: none\n"
        f"  tls: {{ca_file: {ours.ca_file}, cert_file: {ours.cert_file}, key_file: {ours.key_file}}}\n"
    )
    write_day(tmp_path / "data", PARTITION)
    options = ("profile", tmp_path / "data", "--output.dir", tmp_path / "out")
    done = call(*options, "--config.file", tmp_path / "puffy.yml")
    assert done.returncode == 0, done.stderr
    (tmp_path / "bare.yml").write_text(f"engine: {{scheduler: '{secured.address}', fallback: none}}\n")
    done = call("profile", tmp_path / "data", "--config.file", tmp_path / "bare.yml")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "tls:// needs engine.tls with ca_file and cert_file" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("wrong authority", r"its certificate is not trusted: .*certificate"),
        ("wrong client", r"it refuses the connection: unknown ca"),
        ("no key", r"engine\.tls: "),
        ("no file", r"/nowhere\.pem: no such file or directory"),
        ("nothing", r"tls:// needs engine\.tls with ca_file and cert_file"),
    ],
)
def test_certificate_errors_are_reported_in_one_line_at_once(
    secured: Cluster,
    certificates: tuple[Tls, Tls],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    said: str,
) -> None:
    """Dask is not tried, because it would retry for 15 seconds and then report a timeout."""
    monkeypatch.setattr(module, "CONNECT_SECONDS", None)  # never reached
    ours, theirs = certificates
    tls = {
        "wrong authority": replace(ours, ca_file=theirs.ca_file),
        "wrong client": replace(theirs, ca_file=ours.ca_file),
        "no key": replace(ours, key_file=theirs.key_file),
        "no file": replace(ours, cert_file=Path("/nowhere.pem")),
        "nothing": Tls(),
    }[change]
    with pytest.raises(EngineError, match=f"^Dask scheduler {re.escape(secured.address)}: {said}") as raised:
        choose(Settings(secured.address, fallback=False, tls=tls)).read((), None, 1, None)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


def test_a_scheduler_without_tls_is_refused(
    dask: Cluster, certificates: tuple[Tls, Tls], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent to it unencrypted."""
    monkeypatch.setattr(module, "CONNECT_SECONDS", None)
    address = dask.address.replace("tcp://", "tls://")
    health = engine_of(address, certificates[0]).health()
    assert health is not None
    assert not health.up
    assert health.reason.startswith(f"Dask scheduler {address}: ")
