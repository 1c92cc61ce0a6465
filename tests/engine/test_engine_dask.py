"""A Dask cluster of real processes: the same figures as locally, and what happens if it fails."""

import logging
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from dask_cluster import Cluster
from engine_days import DAY, FORMS, PARTITION, SIZES, encoded, local, source, table_of, write
from running import call
from written import write_day

from exporter.engine.choose import choose
from exporter.engine.engine import Engine, EngineError
from exporter.engine.kinds import dask as module
from exporter.engine.settings import Settings
from exporter.model import Profile, SourceFile
from exporter.places.opening import opened
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.run import profile_file

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("dask")]


def profile(engine: Engine, day: SourceFile, form: str) -> Profile:
    """Profile a day with an engine."""
    return profile_file(day, DAY, table=table_of(form), sizes=SIZES, read=engine.read)


def engine_of(address: str, *, fallback: bool = False, ranges_in_flight: int = 6) -> Engine:
    """Return an engine that uses this scheduler."""
    return choose(Settings(address, ranges_in_flight, fallback))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_profile_of_local_threads(dask: Cluster, tmp_path: Path, form: str) -> None:
    """Fingerprint, figures and their order are the same."""
    day = write(tmp_path, form)
    assert encoded(profile(engine_of(dask.address), day, form)) == encoded(local(day, form))


def test_days_read_at_the_same_time_share_one_client(dask: Cluster, tmp_path: Path) -> None:
    """Each gets its own figures; the scheduler sees a single client."""
    days = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        days.append(write(tmp_path / str(number), "csv" if number % 2 else "ndjson"))
    found: dict[int, Profile] = {}

    def read(number: int) -> None:
        found[number] = profile(engine_of(dask.address), days[number], "csv")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {number: encoded(one) for number, one in found.items()} == {
        number: encoded(local(day, "csv")) for number, day in enumerate(days)
    }
    log = (dask.folder / "scheduler.log").read_text()
    assert log.count("Receive client connection") - log.count("Remove client") <= 1


def test_a_bad_file_is_the_files_fault(dask: Cluster, tmp_path: Path) -> None:
    """The message is the same as with local threads, and the cluster keeps working."""
    engine = engine_of(dask.address)
    path = tmp_path / "events.csv"
    path.write_bytes(b"PK\x03\x04" + b"x" * 100)
    with pytest.raises(NotCsvError, match="the file is"):
        profile(engine, source(path), "csv")
    health = engine.health()
    assert health is not None
    assert health.up


def test_a_changed_file_is_distinguished_from_one_that_workers_do_not_see(
    dask: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former is read again in the next pass; the latter needs the configuration fixed."""
    engine = engine_of(dask.address)
    day = write(tmp_path, "csv.gz")
    day.path.touch()
    with pytest.raises(OSError, match="changed while it was read"):
        profile(engine, day, "csv.gz")
    here = write(tmp_path, "csv.gz")
    # As if another folder were mounted on the workers.
    elsewhere = replace(here, path=Path("/nowhere/events.csv.gz"))
    monkeypatch.setattr(module, "opened", lambda _: opened(here.files[0]))
    with pytest.raises(EngineError, match="workers do not see"):
        profile(engine, elsewhere, "csv.gz")


def test_a_killed_workers_ranges_are_counted_again(own_cluster: Cluster, tmp_path: Path) -> None:
    """Whatever it had counted is counted again."""
    for _ in range(2):
        own_cluster.add()
    day = write(tmp_path, "csv")
    ranges: list[int] = []

    def hear(size: int) -> None:
        ranges.append(size)
        if len(ranges) == 10:
            own_cluster.kill_a_worker()

    engine = engine_of(own_cluster.address)
    found = profile_file(day, DAY, table=table_of("csv"), sizes=SIZES, read=engine.read, advance=hear)
    assert len(ranges) > 25
    assert encoded(found) == encoded(local(day, "csv"))


def test_a_scheduler_that_dies_is_named_and_then_local_threads_read(
    own_cluster: Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Even in the middle of a file, with one log line until the scheduler is back."""
    caplog.set_level(logging.INFO, "exporter")
    own_cluster.add("--no-nanny")
    day = write(tmp_path, "csv")
    strict, lenient = (engine_of(own_cluster.address, fallback=fallback) for fallback in (False, True))
    assert profile(lenient, day, "csv") == local(day, "csv")
    heard: list[int] = []

    def hear(size: int) -> None:
        heard.append(size)
        if len(heard) == 5 and own_cluster.scheduler is not None:
            own_cluster.scheduler.kill()

    found = profile_file(day, DAY, table=table_of("csv"), sizes=SIZES, read=lenient.read, advance=hear)
    assert encoded(found) == encoded(local(day, "csv"))
    assert sum(heard) == day.stamp.size, "what was read in vain is taken back"
    health = lenient.health()
    assert health is not None
    assert not health.up
    with pytest.raises(EngineError, match=f"Dask scheduler {own_cluster.address}"):
        profile(strict, day, "csv")
    said = [record.getMessage() for record in caplog.records]
    assert said == ["engine unavailable, reading files locally"]


def test_a_missing_scheduler_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection fails without waiting."""
    day = write(tmp_path, "csv")
    monkeypatch.setattr(module, "CONNECT_SECONDS", None)  # never reached
    with pytest.raises(EngineError, match=r"Dask scheduler tcp://127\.0\.0\.1:9: connection refused"):
        profile(engine_of("tcp://127.0.0.1:9"), day, "csv")
    assert profile(engine_of("tcp://127.0.0.1:9", fallback=True), day, "csv") == local(day, "csv")


def test_a_scheduler_without_workers_is_named(
    own_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both at the start and once the last worker is gone."""
    monkeypatch.setattr(module, "WORKER_SECONDS", 1.0)
    day = write(tmp_path, "csv")
    with pytest.raises(EngineError, match="has no workers"):
        profile(engine_of(own_cluster.address), day, "csv")
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.2)
    worker = own_cluster.add("--no-nanny")
    with pytest.raises(EngineError, match="has no workers left"):
        profile_file(
            day,
            DAY,
            table=table_of("csv"),
            sizes=SIZES,
            read=engine_of(own_cluster.address).read,
            advance=lambda _: worker.kill(),
        )


def test_a_pass_on_the_cluster_leaves_the_same_state_as_a_local_one(dask: Cluster, tmp_path: Path) -> None:
    """From the command line."""
    states = []
    write_day(tmp_path / "data", PARTITION)
    for name, options in {"here": (), "there": ("--engine.scheduler", dask.address)}.items():
        out = tmp_path / name
        done = call("profile", tmp_path / "data", "--output.dir", out, *options)
        assert done.returncode == 0, done.stderr
        with closing(sqlite3.connect(out / "state.db")) as state:
            states.append(
                state.execute("SELECT partition, stage, fingerprint, spec, body FROM profile").fetchall()
            )
    assert len(states[0]) == 3
    assert states[0] == states[1]


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails before anything is read, whatever the fallback: this is a configuration error."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match=r"Dask is not installed: pip install 'puffy-exporter\[cluster\]'"):
        engine_of("tcp://127.0.0.1:9", fallback=True)


def test_other_versions_are_refused_with_both_named(own_cluster: Cluster, tmp_path: Path) -> None:
    """A worker with a different exporter would produce different figures."""
    preload = tmp_path / "older.py"
    preload.write_text("import exporter\nexporter.__version__ = '0.0.9'\n")
    own_cluster.add("--no-nanny", "--preload", str(preload))
    day = write(tmp_path, "csv")
    with pytest.raises(EngineError, match=r"exporter is 0\.1\.0 \(figures \d+\) here and 0\.0\.9 .* there"):
        profile(engine_of(own_cluster.address), day, "csv")
