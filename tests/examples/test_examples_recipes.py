"""The recipes together on one machine: the service's environment, a pass, the gate, the load."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from golden import ROOT
from running import call, clean_environment

from exporter.demo.days import write_day
from exporter.demo.incidents import Incident

EXAMPLES = ROOT / "examples"
UNITS = EXAMPLES / "systemd"
DAY = datetime.now(UTC).date() - timedelta(days=2)  # due at any hour of today


class Machine:
    """A machine with the recipes installed, its folders below a temporary one."""

    def __init__(self, folder: Path) -> None:
        self.data, self.state, self.bin = folder / "data", folder / "state", folder / "bin"
        self.loaded = folder / "loaded"
        self.bin.mkdir()
        self._install("puffy-exporter", f'#!/bin/sh\nexec {sys.executable} -m exporter "$@"\n')
        self._install("load", f'#!/bin/sh\nprintf "%s" "$PUFFY_PARTITION" >{self.loaded}\n')
        for name, script in (("load_when_open.sh", "load_when_open.sh"), ("puffy", "puffy.sh")):
            self._install(name, (EXAMPLES / script).read_text())
        self.env_file = folder / "puffy.env"
        self.env_file.write_text(self.here((EXAMPLES / "puffy.env").read_text()))

    def _install(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def here(self, text: str) -> str:
        """Return a recipe with this machine's folders instead of the example's."""
        moved = {"/data/puffy": self.data, "/var/lib/puffy": self.state, "/usr/local/bin": self.bin}
        for there, here in moved.items():
            text = text.replace(there, str(here))
        return text

    def environment(self, unit: str) -> dict[str, str]:
        """Return a unit's environment, as from systemd."""
        service = read_unit(UNITS / unit)["Service"]
        assert service["EnvironmentFile"] == "/etc/puffy/puffy.env"
        lines = [line for line in self.env_file.read_text().splitlines() if not line.startswith("#")]
        given = dict(line.split("=", 1) for line in lines)
        path = {"PATH": f"{self.bin}:{os.environ['PATH']}"}
        return clean_environment() | path | given

    def run(self, command: list[str], environment: dict[str, str]) -> int:
        """Run a command; return its exit code."""
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode

    def start(self, unit: str) -> list[str]:
        """Return the command line of a unit, with its variables filled in."""
        given = self.environment(unit)
        words = shlex.split(self.here(read_unit(UNITS / unit)["Service"]["ExecStart"]))
        return [re.sub(r"\$\{(\w+)\}", lambda match: given[match[1]], word) for word in words]


def read_unit(path: Path) -> configparser.ConfigParser:
    """Return a unit's sections; keys keep their case."""
    parsed = configparser.ConfigParser(interpolation=None, strict=False)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]  # names of keys as they are
    parsed.read(path)
    return parsed


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Provide a machine with ten days, the newest due one bad."""
    machine = Machine(tmp_path)
    for back in range(10):
        write_day(machine.data, DAY - timedelta(days=back), incidents=[] if back else [Incident.LOST_COLUMN])
    return machine


def test_a_bad_day_is_loaded_once_somebody_has_answered_for_it(machine: Machine) -> None:
    """Service, timer's load and the person's command all use the same folder."""
    service = machine.environment("puffy-exporter.service")
    program, verb = machine.start("puffy-exporter.service")
    assert verb == "serve"
    assert machine.run([program, "run"], service) == 0
    assert (machine.state / "gate_audit.jsonl").exists()
    assert not (machine.data / "monitoring").exists()

    load = machine.environment("puffy-load.service") | {"DAY": str(DAY), "TIMEOUT": "1s"}
    assert machine.run(machine.start("puffy-load.service"), load) == 3
    assert not machine.loaded.exists()

    person = {"PATH": load["PATH"], "PUFFY_ENV": str(machine.env_file)}
    answer = ["puffy", "gate", "ack", str(DAY), "--by", "Ann", "--reason", "looked, rebuilt"]
    assert machine.run(answer, clean_environment() | person) == 0
    assert machine.run(machine.start("puffy-load.service"), load) == 0
    assert machine.loaded.read_text() == str(DAY)


def test_cron_and_airflow_look_where_the_service_writes(machine: Machine) -> None:
    """Closed is 3 for both; an unknown folder would be 1."""
    service = machine.environment("puffy-exporter.service")
    assert machine.run(["puffy-exporter", "run"], service) == 0
    bare = clean_environment() | {"PATH": service["PATH"]}

    *settings, line = machine.here((EXAMPLES / "puffy-load.cron").read_text()).splitlines()[1:]
    given = dict(setting.split("=", 1) for setting in settings if not setting.startswith("PATH"))
    assert given["PUFFY_OUTPUT_DIR"] == service["PUFFY_OUTPUT_DIR"]
    command = line.split(maxsplit=6)[6].partition("load_when_open.sh ")[2]
    script = ["load_when_open.sh", *shlex.split(command)]
    assert machine.run(script, bare | given | {"DAY": str(DAY), "TIMEOUT": "1s"}) == 3

    dag = machine.here((EXAMPLES / "airflow_dag.py").read_text())
    gate = re.search(r'bash_command=f"(puffy-exporter gate status .*)"', dag)
    assert gate
    names = dict(re.findall(r'^(DATA|OUTPUT) = "([^"]+)"', dag, re.MULTILINE)) | {"DAY": str(DAY)}
    assert machine.run(shlex.split(gate[1].format(**names)), bare) == 3
    assert not machine.loaded.exists()


def test_the_service_comes_back_and_starts_with_the_machine() -> None:
    """Not forever, not before its folders, and as a user that people can switch to."""
    unit = read_unit(UNITS / "puffy-exporter.service")
    assert unit["Install"]["WantedBy"] == "multi-user.target"
    assert (unit["Service"]["Restart"], unit["Service"]["RestartSec"]) == ("on-failure", "5s")
    assert {"StartLimitIntervalSec", "StartLimitBurst"} <= set(unit["Unit"])
    assert "DynamicUser" not in unit["Service"]
    given = dict(
        line.split("=", 1)
        for line in (EXAMPLES / "puffy.env").read_text().splitlines()
        if not line.startswith("#")
    )
    assert unit["Unit"]["RequiresMountsFor"].split() == list(given.values())
    assert given["PUFFY_OUTPUT_DIR"] == f"/var/lib/{unit['Service']['StateDirectory']}"
    assert unit["Service"]["User"] == read_unit(UNITS / "puffy-load.service")["Service"]["User"] == "puffy"


def secrets(folder: Path, *answers: str) -> subprocess.CompletedProcess[str]:
    """Answer the questions of docker/write-secrets.sh, which writes below ``folder``."""
    script = folder / "docker" / "write-secrets.sh"
    script.parent.mkdir(exist_ok=True)
    script.write_text((ROOT / "docker" / "write-secrets.sh").read_text())
    given = "".join(f"{answer}\n" for answer in answers)
    return subprocess.run(["sh", script], input=given, capture_output=True, text=True, check=False)


def test_an_empty_answer_is_refused_by_name_and_writes_nothing(tmp_path: Path) -> None:
    """An empty secret would only fail when the first message is sent."""
    done = secrets(tmp_path, "slack", "", "oncall", "lead", "mail", "beat", "")
    assert done.returncode == 1
    written, refused = done.stderr.partition("Written:")[2].split("No answer")
    assert "alertmanager/live-secrets/slack_data_engineering_url" in refused
    assert "slack_data_engineering_url" not in written
    assert "pagerduty_oncall_key" in written
    assert not (tmp_path / "alertmanager" / "live-secrets" / "slack_data_engineering_url").exists()
    again = secrets(tmp_path, "", "slack2", "", "", "", "", "")
    assert (again.returncode, "No answer" in again.stderr) == (0, False)
    folder = tmp_path / "alertmanager" / "live-secrets"
    assert (folder / "slack_data_engineering_url").read_text() == "slack2\n"
    assert (folder / "slack_analytics_url").read_text() == "slack\n"
    assert len((tmp_path / "grafana" / "live-secrets" / "admin_password").read_text().strip()) == 32


def test_every_verb_that_reads_files_takes_their_folder_from_the_environment(machine: Machine) -> None:
    """As the README says; the others read no data directory."""
    places = {"PUFFY_DATA_DIR": str(machine.data), "PUFFY_OUTPUT_DIR": str(machine.state)}
    assert call("run", **places).returncode == 0
    about_a_day = [["explain", str(DAY)], ["postmortem", str(DAY)]]
    for verb in (["metrics"], ["gate", "history"], ["detectors"], ["backtest"], ["backfill"], *about_a_day):
        assert call(*verb, **places).returncode == 0
