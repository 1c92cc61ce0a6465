"""`task run` stands between a scheduler and a task, and neither notices."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import COMMAND, call, clean_environment, until

from exporter.discover.upstream import parse_task_run

DAY = date(2025, 3, 5)


def begin(data: Path, *command: str, **popen: Any) -> subprocess.Popen[str]:
    """Start a wrapped command for a fixed partition."""
    options = ["--task", "dq", "--partition", str(DAY), "--data.dir", str(data)]
    return subprocess.Popen(
        [*COMMAND, "task", "run", *options, "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        **popen,
    )


def records(data: Path) -> list[dict[str, Any]]:
    """Return what was recorded, oldest first."""
    written = [json.loads(path.read_text()) for path in (data / "task_runs").glob("*.json")]
    return sorted(written, key=lambda record: record["started_at"])


@pytest.mark.parametrize("code", [0, 1, 3, 126, 255])
def test_the_exit_code_is_the_commands(tmp_path: Path, code: int) -> None:
    """And it is recorded with start and end, as the exporter reads them."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    with begin(tmp_path, "sh", "-c", f"exit {code}") as process:
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (code, "")
    (path,) = (tmp_path / "task_runs").iterdir()
    partition, run = parse_task_run(path)
    assert (partition, run.task, run.exit_code) == (DAY, "dq", code)
    assert run.ended_at is not None
    assert before <= run.started_at <= run.ended_at <= datetime.now(UTC)


def test_the_streams_are_the_commands(tmp_path: Path) -> None:
    """What goes in reaches it, what it says comes out where it said it, and nothing else does."""
    with begin(tmp_path, "sh", "-c", "cat; echo oh >&2") as process:
        out, said = process.communicate("in\n", timeout=20)
    assert (out, said) == ("in\n", "oh\n")


def test_options_of_the_command_are_its_own(tmp_path: Path) -> None:
    """Also those that the wrapper has too."""
    with begin(tmp_path, "echo", "--task", "x", "-h") as process:
        out, _ = process.communicate(timeout=20)
    assert out == "--task x -h\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(tmp_path: Path, number: signal.Signals) -> None:
    """The command decides what comes of them."""
    script = (
        f"trap 'echo heard; exit 9' {number.name.removeprefix('SIG')}; echo on; while :; do sleep 0.02; done"
    )
    with begin(tmp_path, "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (9, "heard\n")
    assert records(tmp_path)[0]["exit_code"] == 9


def test_a_command_that_a_signal_ended_exits_as_in_a_shell(tmp_path: Path) -> None:
    """With 128 and the signal's number."""
    with begin(tmp_path, "sleep", "60") as process:
        assert until(lambda: (tmp_path / "task_runs").is_dir() and bool(records(tmp_path)))
        assert "ended_at" not in records(tmp_path)[0]
        time.sleep(0.3)  # the record stands before the command does
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 143
    assert records(tmp_path)[0]["exit_code"] == 143


def test_a_signal_that_is_ignored_stays_ignored(tmp_path: Path) -> None:
    """`nohup` works through the wrapper."""
    script = "echo on; read line; echo still here"
    options = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    with begin(tmp_path, "sh", "-c", script, **options) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        out, _ = process.communicate("\n", timeout=20)
    assert (process.returncode, out) == (0, "still here\n")


def test_ctrl_c_on_a_terminal_reaches_the_command_once(tmp_path: Path) -> None:
    """The terminal sends it to both; it must not be passed on a second time."""
    script = (
        "import signal, sys, time;"
        "signal.signal(signal.SIGINT, lambda *_: print('once', flush=True));"
        "print('on', flush=True); time.sleep(0.5); sys.exit(4)"
    )
    options = ["--task", "dq", "--data.dir", str(tmp_path)]
    command = [*COMMAND, "task", "run", *options, "--", sys.executable, "-c", script]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    heard = b""
    while b"on\r\n" not in heard:
        heard += os.read(terminal, 100)
    os.write(terminal, b"\x03")
    while True:
        try:
            heard += os.read(terminal, 100)
        except OSError:  # the other end is closed
            break
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 4
    assert heard.count(b"once") == 1


@pytest.mark.parametrize(("command", "code"), [("no-such-command", 127), ("/", 126)])
def test_a_command_that_cannot_be_run_is_a_failed_run(tmp_path: Path, command: str, code: int) -> None:
    """With the exit codes of a shell, one line, and a record."""
    with begin(tmp_path, command) as process:
        _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert said.startswith(f"puffy-exporter: error: {command}: ")
    assert records(tmp_path)[0]["exit_code"] == code


def test_where_nothing_can_be_recorded_the_command_runs_all_the_same(tmp_path: Path) -> None:
    """A full or read-only disk costs the record, with a warning, never the task."""
    (tmp_path / "task_runs").write_text("in the way")
    with begin(tmp_path, "sh", "-c", "echo done; exit 5") as process:
        out, said = process.communicate(timeout=20)
    assert (process.returncode, out) == (5, "done\n")
    assert "not recorded" in said
    assert "Traceback" not in said


def test_killed_it_leaves_a_run_without_an_end(tmp_path: Path) -> None:
    """Which is how a crash shows; a rerun has a record of its own."""
    with begin(tmp_path, "sh", "-c", "echo $$; read line") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.wait(20)
    with begin(tmp_path, "true") as process:
        process.communicate(timeout=20)
    first, second = records(tmp_path)
    assert "ended_at" not in first
    assert "exit_code" not in first
    assert second["exit_code"] == 0


def test_the_partition_is_yesterday_where_the_pipeline_is(tmp_path: Path) -> None:
    """In the configured timezone, which is not always UTC's day."""
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # 26 hours apart, so never the same day
        config = tmp_path / "puffy.yml"
        config.write_text(f"calendar: {{timezone: {zone}}}\ndata: {{directory: {tmp_path}}}\n")
        assert call("task", "run", "--task", "t", "--config.file", config, "--", "true").returncode == 0
    days = [date.fromisoformat(record["partition"]) for record in records(tmp_path)]
    assert timedelta(days=1) <= days[0] - days[1] <= timedelta(days=2)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--task", "t"), "no data directory"),
        (("--task", " ", "--data.dir", "."), "--task"),
        (("--task", "t", "--data.dir", ".", "--partition", "today"), "--partition"),
    ],
)
def test_a_mistake_is_one_line_and_runs_nothing(options: tuple[str, ...], word: str) -> None:
    """A task under the wrong name would be found by nobody."""
    done = call("task", "run", *options, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (1, "")
    assert word in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_starts_at_once(tmp_path: Path) -> None:
    """It loads, beside the command line's library, a few modules of ours and of Python and nobody else's."""
    options = ["--task", "t", "--data.dir", str(tmp_path), "--", "true"]
    task = loaded(f"from exporter.cli import main; main(['task', 'run', *{options!r}])")
    added = task - loaded("import typer")
    ours = {module for module in added if module.split(".")[0] == "exporter"}
    others = {module.split(".")[0] for module in added - ours} - {"typer"}
    assert others <= sys.stdlib_module_names
    assert "exporter.tasks.wrap" in ours
    assert len(added) < 50


def loaded(code: str) -> set[str]:
    """Return the names of the modules that a process has loaded after ``code``."""
    code = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
