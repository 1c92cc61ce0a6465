"""The recipes for downstream: loads run when the gate is open, and in no other case."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from golden import ROOT
from running import call, clean_environment, until

from exporter.demo.days import write_day
from exporter.demo.incidents import Incident
from exporter.demo.rows import Recipe

EXAMPLES = ROOT / "examples"
SCRIPT = EXAMPLES / "load_when_open.sh"
DAG = EXAMPLES / "airflow_dag.py"
DAY = date(2025, 3, 8)
AS_OF = ("--as-of", "2025-03-09", "--write")
ANSWER = ("--by", "Ann", "--reason", "looked")


@pytest.fixture
def exporter_program(tmp_path: Path) -> Path:
    """Provide the command line as a program of its own, as an installation has it."""
    program = tmp_path / "bin" / "puffy-exporter"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m exporter "$@"\n')
    program.chmod(0o755)
    return program


def judged(tmp_path: Path, *, bad: bool) -> Path:
    """Write eight days, the last one bad or good, and make a pass."""
    data = tmp_path / "data"
    for number in range(8):
        incidents = [Incident.LOST_COLUMN] if bad and number == 0 else []
        write_day(data, DAY - timedelta(days=number), incidents=incidents)
    assert call("run", "--data.dir", data, *AS_OF).returncode == 0
    return data


def load(program: Path, data: Path, *command: str, timeout: str = "1s") -> "subprocess.Popen[str]":
    """Start the recipe; the load records its day in a file next to the data."""
    note = f'printf "%s" "$PUFFY_PARTITION" > {data.parent / "loaded"}'
    environment = {"PUFFY": str(program), "DAY": str(DAY), "TIMEOUT": timeout}
    return subprocess.Popen(
        [SCRIPT, data, *(command or ("sh", "-c", note))],
        env=clean_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_open_gate_lets_the_load_run(tmp_path: Path, exporter_program: Path) -> None:
    """With its day, and its exit code is the load's."""
    data = judged(tmp_path, bad=False)
    with load(exporter_program, data) as process:
        assert process.wait(60) == 0
    assert (tmp_path / "loaded").read_text() == str(DAY)
    with load(exporter_program, data, "sh", "-c", "exit 7") as process:
        assert process.wait(60) == 7


def test_a_closed_gate_keeps_the_load_from_running(tmp_path: Path, exporter_program: Path) -> None:
    """Until the timeout, and after it."""
    data = judged(tmp_path, bad=True)
    with load(exporter_program, data) as process:
        assert process.wait(60) == 3
    assert not (tmp_path / "loaded").exists()


def test_a_load_that_waits_goes_on_when_somebody_answers(tmp_path: Path, exporter_program: Path) -> None:
    """The acknowledgement comes from another process."""
    data = judged(tmp_path, bad=True)
    with load(exporter_program, data, timeout="1m") as process:
        assert not until(lambda: process.poll() is not None, 0.5)
        assert call("gate", "ack", str(DAY), "--data.dir", data, *ANSWER).returncode == 0
        assert process.wait(60) == 0
    assert (tmp_path / "loaded").read_text() == str(DAY)


def test_files_that_nobody_judged_keep_the_load_from_running(tmp_path: Path, exporter_program: Path) -> None:
    """The DQ step rewrote them, and the exporter has not checked yet."""
    data = judged(tmp_path, bad=False)
    write_day(data, DAY, Recipe(rows=70))
    with load(exporter_program, data) as process:
        assert process.wait(60) == 3
    assert not (tmp_path / "loaded").exists()


@pytest.mark.parametrize("broken", ["no program", "no directory", "no command"])
def test_whatever_is_missing_keeps_the_load_from_running(
    tmp_path: Path, exporter_program: Path, broken: str
) -> None:
    """No load runs because the gate could not be queried."""
    data = judged(tmp_path, bad=False)
    program = tmp_path / "nowhere" if broken == "no program" else exporter_program
    where = tmp_path / "typo" if broken == "no directory" else data
    if broken == "no command":
        assert subprocess.run([SCRIPT, data], capture_output=True, check=False).returncode == 1
    else:
        with load(program, where) as process:
            assert process.wait(60) not in {0, 3}
    assert not (tmp_path / "loaded").exists()


def read_unit(path: Path) -> configparser.ConfigParser:
    """Return a unit's sections; keys keep their case."""
    parsed = configparser.ConfigParser(interpolation=None, strict=False)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]  # names of keys as they are
    parsed.read(path)
    return parsed


def test_the_units_are_what_systemd_takes(tmp_path: Path) -> None:
    """Checked by systemd's own tool if available; the timer starts the service of the same name."""
    for unit in (EXAMPLES / "systemd").iterdir():
        text = unit.read_text().replace("/usr/local/bin/load_when_open.sh", str(SCRIPT))
        text = text.replace("/usr/local/bin/puffy-exporter", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("User=puffy\n", "").replace("Group=puffy\n", ""))
    service, timer = tmp_path / "puffy-load.service", tmp_path / "puffy-load.timer"
    assert read_unit(service)["Service"]["ExecStart"].split()[:2] == [str(SCRIPT), "${PUFFY_DATA_DIR}"]
    if analyze := shutil.which("systemd-analyze"):
        done = subprocess.run(
            [analyze, "verify", "--man=no", service, timer, tmp_path / "puffy-exporter.service"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_the_cron_line_waits_for_the_gate_once_at_a_time() -> None:
    """Five fields, a user, and the same script behind a lock."""
    *settings, line = (EXAMPLES / "puffy-load.cron").read_text().splitlines()[1:]
    assert {setting.partition("=")[0] for setting in settings} == {"MAILTO", "PATH", "PUFFY_OUTPUT_DIR"}
    fields = line.split(maxsplit=6)
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in fields[:5])
    assert fields[5] == "puffy"
    assert fields[6].startswith("flock -n ")
    assert f" {SCRIPT.name} " in fields[6]


def test_the_dag_puts_the_gate_between_dq_and_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands are ours; the next test covers Airflow."""
    known = dict(stand_in(monkeypatch))
    assert known["order"] == ["dq", "gate", "load"]
    gate = known["gate"]
    words = gate["bash_command"].replace("{{ macros.ds_add(ds, -1) }}", str(DAY)).split()
    assert call(*words[1:]).returncode == 1  # the directory does not exist here, but the options do
    assert words[:3] == ["puffy-exporter", "gate", "status"]
    assert "--partition" in words
    assert (gate["retry_exit_code"], gate["mode"]) == (3, "reschedule")


def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """Yield the DAG's tasks and their order, recorded by classes with Airflow's names."""
    order: list[str] = []
    tasks: dict[str, dict[str, Any]] = {}

    class Task:
        def __init__(self, **settings: Any) -> None:
            self.name = settings["task_id"]
            tasks[self.name] = settings

        def __rshift__(self, other: "Task") -> "Task":
            order.extend(name for name in (self.name, other.name) if name not in order)
            return other

    class Dag:
        def __init__(self, **_: Any) -> None: ...
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    for node in ast.walk(ast.parse(DAG.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("airflow"):
            module = types.ModuleType(node.module or "")
            for alias in node.names:
                kind = Task if alias.name.startswith("Bash") else Dag if alias.name == "DAG" else dict
                setattr(module, alias.name, kind if kind is not dict else lambda *_, **__: None)
            monkeypatch.setitem(sys.modules, node.module or "", module)
    exec(compile(DAG.read_text(), DAG, "exec"), {})
    yield "order", order
    yield from tasks.items()


def test_airflow_itself_takes_the_dag(tmp_path: Path) -> None:
    """If Airflow is installed; docs/downstream.md names the tested versions."""
    python = os.environ.get("PUFFY_AIRFLOW_PYTHON")
    if python is None:
        pytest.skip("PUFFY_AIRFLOW_PYTHON names no Python with Airflow")
    program = (
        "from airflow.dag_processing.dagbag import DagBag; import sys;"
        "bag = DagBag(sys.argv[1]);"
        "assert not bag.import_errors, bag.import_errors;"
        "gate = bag.dags['puffy_daily'].get_task('gate');"
        "print(sorted(gate.upstream_task_ids), sorted(gate.downstream_task_ids))"
    )
    done = subprocess.run(
        [python, "-c", program, DAG],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['dq'] ['load']"
