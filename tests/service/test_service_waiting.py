"""A data directory that is not there at the start is waited for."""

import signal
import subprocess
import urllib.error
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_server import free_port
from running import COMMAND, call, clean_environment, fetch, is_ready, until
from written import write_day

DAY = datetime.now(UTC).date() - timedelta(days=2)


def serve(folder: Path, port: int, *options: str) -> subprocess.Popen[bytes]:
    """Start an exporter over ``folder/data``."""
    command = [*COMMAND, "serve", "--data.dir", folder / "data", "--web.listen-address", f"127.0.0.1:{port}"]
    return subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL, env=clean_environment())


def page(port: int) -> tuple[int, str]:
    """Return what is scraped, or that nobody answers."""
    try:
        return fetch(f"http://127.0.0.1:{port}/metrics")
    except OSError:
        return 0, ""


def shown(port: int) -> str:
    """Return the status page."""
    try:
        return fetch(f"http://127.0.0.1:{port}/")[1]
    except urllib.error.HTTPError as error:
        return error.read().decode()


def test_a_directory_that_comes_later_is_served_then(tmp_path: Path) -> None:
    """Until then the exporter is scraped, blind and not ready, and makes no folder of that name."""
    port = free_port()
    with serve(tmp_path, port) as process:
        try:
            assert until(lambda: page(port)[0] == 200, 15)
            assert 'puffy_exporter_blind{feed="events"} 1.0' in page(port)[1]
            assert not is_ready(port)
            assert f"The data directory {tmp_path / 'data'} does not exist yet." in shown(port)
            assert not (tmp_path / "data").exists()
            write_day(tmp_path / "data", DAY)
            rows = f'puffy_partition_rows{{feed="events",partition="{DAY}",stage="raw"}} 100.0'
            assert until(lambda: rows in page(port)[1], 20)
            assert 'puffy_exporter_blind{feed="events"} 0.0' in page(port)[1]
            assert is_ready(port)
        finally:
            process.kill()


def test_what_an_earlier_run_left_says_so_as_well(tmp_path: Path) -> None:
    """A load that asks the files alone must not go on."""
    out, port = tmp_path / "out", free_port()
    write_day(tmp_path / "elsewhere", DAY)
    assert call("run", "--data.dir", tmp_path / "elsewhere", "--output.dir", out).returncode == 0
    assert call("gate", "status", "--output.dir", out).returncode == 0
    with serve(tmp_path, port, "--output.dir", str(out)) as process:
        try:
            assert until(lambda: page(port)[0] == 200, 15)
            asked = call("gate", "status", "--output.dir", out)
            assert (asked.returncode, "does not exist" in asked.stdout) == (3, True)
            assert "PuffyBlind" in (out / "monitoring_alerts.txt").read_text()
        finally:
            process.kill()


def test_waiting_ends_when_told_to_stop(tmp_path: Path) -> None:
    """With 0, as serving does."""
    port = free_port()
    with serve(tmp_path, port) as process:
        assert until(lambda: page(port)[0] == 200, 15)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
