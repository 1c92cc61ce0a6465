"""The live demo: it generates, serves, and today's files arrive meanwhile."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from running import call, until

from exporter.cli.options import DEFAULT_LOGS
from exporter.cli.verbs import demo
from exporter.cli.verbs.demo import ADDRESS


def test_the_missing_day_fires_until_its_files_arrive(tmp_path: Path) -> None:
    """Then only its smaller incident is left; Ctrl-C ends it with 0."""
    folder, said = tmp_path / "pipeline", tmp_path / "said"
    options = ["--dir", folder, "--days", 10, "--drop-after", 3, "--web.listen-address", "127.0.0.1:0"]
    command = [sys.executable, "-m", "exporter", "demo", *map(str, options)]
    with said.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    assert until(lambda: "http://127.0.0.1:" in said.read_text())
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", said.read_text())
    assert found
    today = datetime.now(UTC).date().isoformat()

    def firing() -> set[str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{found[1]}/api/v1/alerts") as answer:
                alerts: list[dict[str, Any]] = json.load(answer)["alerts"]
        except OSError:  # the first pass is still running
            return set()
        return {alert["check"] for alert in alerts if alert["partition"] == today}

    assert until(lambda: firing() == {"partition_missing"})
    assert until(lambda: firing() == {"checkout_zero_value", "checkout_corrupt_items"})
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert "Traceback" not in said.read_text()
    assert (folder / "monitoring" / "monitoring_report.json").is_file()


def test_a_port_in_use_is_left_alone_and_the_next_one_taken(tmp_path: Path) -> None:
    """Two demos run in parallel, and the second prints its address."""
    said = tmp_path / "said"
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # another demo may run on this machine
            stack.enter_context(socket.create_server(("127.0.0.1", ADDRESS.port)))
        log = stack.enter_context(said.open("w"))
        command = [sys.executable, "-m", "exporter", "demo", "--days", "10"]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        stack.callback(process.wait)
        stack.callback(process.kill)
        assert until(lambda: "The exporter is running" in said.read_text(), 40), said.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    taken = re.search(
        rf"^Port {ADDRESS.port} is in use; the demo uses (\d+)\.$", said.read_text(), re.MULTILINE
    )
    assert taken
    assert f"http://127.0.0.1:{taken[1]}/ " in said.read_text()


def test_it_ends_when_the_files_that_are_arriving_have_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder is removed then, not during a write."""
    began, wrote = threading.Event(), list[Path]()

    def drop(folder: Path, *_: object) -> None:
        began.set()
        time.sleep(0.2)
        (folder / "late").write_text("")
        wrote.append(folder)

    def serve(_common: object, _web: object, tell: Callable[[int], None]) -> int:
        tell(1)
        assert began.wait(10)
        return 0

    for name, double in (("_drop", drop), ("serve", serve), ("_write", lambda *_: None)):
        monkeypatch.setattr(demo, name, double)
    assert demo._show(DEFAULT_LOGS, None, 10, 0.0, "127.0.0.1:1") == 0
    (folder,) = wrote
    assert not folder.exists()


def test_an_address_that_was_asked_for_is_not_replaced(tmp_path: Path) -> None:
    """A given port is meant."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        done = call("demo", "--days", "10", "--web.listen-address", address)
    assert done.returncode == 1
    assert done.stderr == f"puffy-exporter: error: cannot listen on {address}: address already in use\n"


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Generated days must not mix with real ones."""
    (tmp_path / "events_20250305.csv").write_text("x")
    command = [sys.executable, "-m", "exporter", "demo", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "is not empty" in done.stderr
