"""A forked command line is like one that was started: what it is told, what it says, how it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from forking import BORN, Forked, forks
from running import COMMAND, call, clean_environment, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is forked")


@pytest.mark.parametrize(
    "arguments", [("--version",), ("run", "--help"), ("run", "--data.dir", "nowhere"), ("run", "--nonsense")]
)
def test_it_says_and_returns_what_a_started_one_does(
    arguments: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code and both streams, for good and bad calls."""
    monkeypatch.chdir(tmp_path)
    environment = clean_environment()
    started = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    forked = call(*arguments)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        started.returncode,
        started.stdout,
        started.stderr,
    )


def test_it_is_in_the_folder_and_has_the_environment_of_its_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of now, not of when the server began; the next one has nothing of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yml").write_text("calendar: {due: 06:00}\n")
    assert "mine.yml" in call("check-config", PUFFY_CONFIG_FILE="mine.yml").stderr
    assert "mine.yml" not in call("check-config").stderr


def test_what_a_library_may_read_when_it_is_loaded_is_given_to_a_new_process() -> None:
    """Only variables that the command itself reads are changed in a forked one."""
    assert forks(BORN)
    assert forks({**BORN, "PUFFY_AS_OF": "2025-03-09"})
    assert not forks({**BORN, "COLUMNS": "30"})
    assert not forks({name: text for name, text in BORN.items() if name != "PATH"})


def test_it_is_waited_for_and_signalled_as_any_child(tmp_path: Path) -> None:
    """It runs until it is told to end; one that is killed says by what."""
    ends = []
    for number in (signal.SIGTERM, signal.SIGKILL):
        with (tmp_path / "log").open("w") as log:
            arguments = [
                "sink",
                "--http.listen-address",
                "127.0.0.1:0",
                "--smtp.listen-address",
                "127.0.0.1:0",
            ]
            sink = Forked(arguments, (0, log.fileno(), log.fileno()), clean_environment())
        assert until(lambda: "received" in (tmp_path / "log").read_text(), 20)
        assert sink.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            sink.wait(0.05)
        os.kill(sink.pid, 0)
        sink.send_signal(number)
        ends.append(sink.wait(10))
        sink.kill()  # of what has ended, nothing comes
    assert ends == [0, -signal.SIGKILL]


FIRST = """
import gc, os, pkgutil
import jinja2, numpy, pandas, pyarrow.compute, pyarrow.fs, pydantic, rich.console, starlette.routing, uvicorn
import exporter.cli.verbs

gc.freeze()
for verb in pkgutil.iter_modules(exporter.cli.verbs.__path__):
    if os.fork() == 0:
        __import__(f"exporter.cli.verbs.{verb.name}")
        os._exit(0)
    assert os.wait()[1] == 0, verb.name
"""


def test_each_verb_can_be_the_first_that_is_loaded() -> None:
    """In a started process it is: nothing else has led its imports around a circle."""
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
