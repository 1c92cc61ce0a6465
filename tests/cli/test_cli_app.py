"""The command line in use: exit codes, one-line errors, files left behind."""

import gc
import importlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from running import COMMAND, Exporter, call, clean_environment
from typer.core import TyperGroup
from written import content, put, write_day

import exporter.cli.app as command_line
from exporter.cli.app import app
from exporter.model import Stage

LAST = date(2025, 3, 10)
DAYS = [LAST - timedelta(days=number) for number in reversed(range(6))]
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")
LINKS = "{runbooks: https://r, grafana: https://g, exporter: https://e, alertmanager: https://a}"
KEPT = (*AS_OF, "--write")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide six healthy days."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    return folder


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a call failed with one line that contains these words."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    for word in words:
        assert word in lines[0]


def test_run_writes_the_report_and_prints_a_summary(data: Path) -> None:
    """Healthy days are reported as such in the report, the alerts file and on the terminal."""
    done = call("run", "--data.dir", data, *KEPT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2025-03-10" in done.stdout
    report = json.loads((data / "monitoring" / "monitoring_report.json").read_text())
    assert report["status"] == "ok"
    assert (data / "monitoring" / "monitoring_alerts.txt").read_text() == "OK - No alerts\n"


def test_the_alerts_file_has_a_line_for_each_alert_critical_first(data: Path) -> None:
    """In the documented form."""
    write_day(data, LAST, without=("referrer",))
    call("run", "--data.dir", data, *KEPT)
    lines = (data / "monitoring" / "monitoring_alerts.txt").read_text().splitlines()
    assert lines[0] == (
        "CRITICAL - PuffyRejectRatio - 2025-03-10 - value=1 limit=0.5 owner=data-engineering - "
        "The DQ step rejected more rows than is normal."
    )
    severities = [line.split(" - ")[0] for line in lines]
    assert severities == sorted(severities)
    assert set(severities) == {"CRITICAL", "WARNING"}


@pytest.mark.parametrize(
    ("rejects", "fail_on", "code"),
    [
        (4, "warning", 0),
        (4, "critical", 0),
        (10, None, 0),
        (10, "critical", 0),
        (10, "warning", 2),
        (60, "critical", 2),
        (60, "warning", 2),
    ],
)
def test_fail_on_decides_the_exit_code(data: Path, rejects: int, fail_on: str | None, code: int) -> None:
    """A scheduler can act on it."""
    put(data, LAST, Stage.CLEAN, content(LAST, 100 - rejects, Stage.CLEAN))
    put(data, LAST, Stage.REJECTS, content(LAST, rejects, Stage.REJECTS))
    options = () if fail_on is None else ("--fail-on", fail_on)
    assert call("run", "--data.dir", data, *AS_OF, *options).returncode == code


@pytest.mark.parametrize("released", [False, True])
def test_fail_on_counts_days_that_are_held_although_too_old_to_alert(data: Path, *, released: bool) -> None:
    """The gate is closed, so not all is well; somebody who answers makes it so."""
    old = LAST - timedelta(days=5)
    write_day(data, old, without=("referrer",))
    call("run", "--data.dir", data, *KEPT)
    if released:
        call("gate", "ack", str(old), "--by", "Ann", "--reason", "known", "--data.dir", data)
    done = call("run", "--data.dir", data, *KEPT, "--fail-on", "critical")
    assert done.returncode == (0 if released else 2)
    lines = (data / "monitoring" / "monitoring_alerts.txt").read_text().splitlines()
    assert [line.split(" - ")[1] for line in lines] == (["No alerts"] if released else ["PuffyGateClosed"])


def test_metrics_prints_the_page(data: Path) -> None:
    """Only the page is on stdout."""
    done = call("metrics", "--data.dir", data, *AS_OF)
    assert done.returncode == 0
    assert 'puffy_partition_rows{feed="events",partition="2025-03-10",stage="raw"} 100.0\n' in done.stdout
    assert all(line.startswith(("#", "puffy_", "process_", "python_")) for line in done.stdout.splitlines())


def test_the_environment_stands_in_for_options(data: Path, tmp_path: Path) -> None:
    """Each common option has a variable; the option wins."""
    output = tmp_path / "out"
    done = call(
        "run",
        "--write",
        PUFFY_DATA_DIR=str(data),
        PUFFY_OUTPUT_DIR=str(output),
        PUFFY_AS_OF=AS_OF[1],
    )
    assert done.returncode == 0
    assert (output / "monitoring_report.json").is_file()
    assert not (data / "monitoring").exists()


def test_the_folders_may_stand_in_the_configuration(data: Path, tmp_path: Path) -> None:
    """So that a service needs one option."""
    config = tmp_path / "puffy.yml"
    config.write_text(f"data: {{directory: {data}, output_directory: {tmp_path / 'out'}}}\n")
    assert call("run", "--config.file", config, *KEPT).returncode == 0
    assert (tmp_path / "out" / "monitoring_report.json").is_file()


def test_check_config_says_ok_or_names_file_key_and_reason(tmp_path: Path) -> None:
    """0 or 1."""
    config = tmp_path / "puffy.yml"
    config.write_text(f"calendar: {{due_time: 06:00}}\nlinks: {LINKS}\n")
    done = call("check-config", "--config.file", config)
    assert (done.returncode, done.stderr) == (0, "")
    config.write_text("calendar: {due: 06:00}\n")
    refused(call("check-config", "--config.file", config), str(config), "calendar.due", "unknown key")


def test_links_that_are_as_shipped_are_one_warning(data: Path, tmp_path: Path) -> None:
    """Both the check and the start warn: messages would link to the reader's own machine."""
    config = tmp_path / "puffy.yml"
    config.write_text("links: {grafana: https://g.example, exporter: https://e.example}\n")
    done = call("check-config", "--config.file", config)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith("puffy-exporter: warning: links.alertmanager: still the shipped defaults")
    with Exporter(tmp_path) as exporter:
        assert exporter.said().count("links.alertmanager: still the shipped defaults") == 1
    exporter.configure(f"links: {LINKS}\n")
    with Exporter(tmp_path) as exporter:
        assert "the shipped defaults" not in exporter.said()


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("rnu",), "'run'"),
        (("gate", "wiat"), "'wait'"),
        (("explain", "2025-03-10", "reject_ration"), "reject_ratio?"),
        (("explain", "2025-03-10", "puffyrejectratio"), "PuffyRejectRatio?"),
        (("explain", "2025-3-10"), "2025-03-10?"),
        (("postmortem", "2025/03/10"), "2025-03-10?"),
        (("run", "--fail-on", "critcal"), "critical?"),
        (("backtest", "--inject", "dorp=0.3"), "drop?"),
        (("backtest", "--from", "2025-3-1"), "2025-03-01?"),
        (("gate", "status", "--partition", "2025-3-10"), "2025-03-10?"),
        (
            ("gate", "ack", "2025-03-10", "--by", "A", "--reason", "B", "--check", "reject_ratoi"),
            "reject_ratio?",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else value,
)
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(
    data: Path, arguments: tuple[str, ...], meant: str
) -> None:
    """Verbs, checks, days, severities, faults."""
    write_day(data, LAST, without=("referrer",))
    places = {"PUFFY_DATA_DIR": str(data)}
    if arguments[0] == "gate":
        assert call("run", "--write", *AS_OF, **places).returncode == 0
    asked = {"PUFFY_AS_OF": AS_OF[1]} if arguments[0] in {"explain", "run"} else {}
    done = call(*arguments, **places, **asked)
    assert done.returncode == 1
    assert f"id you mean {meant}" in done.stderr


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("calender: {}", "calender: unknown key, did you mean calendar?"),
        ("calendar: {due_tme: 1}", "calendar.due_tme: unknown key, did you mean due_time?"),
        ("calendar: {events: [{name: x, dates: 2025-01-01, expct: any}]}", "did you mean expect?"),
        ("tasks: {by_name: {dq: {max_duration: 1h, max_dur: 1}}}", "did you mean max_duration?"),
        ("trends: {revenu: {}}", "did you mean revenue?"),
        ("trends: {revenue: {sigmaa: 1}}", "trends.revenue.sigmaa: unknown key, did you mean sigma?"),
        ("checks: {silence: {limit: {}}}", "checks.silence.limit: unknown key, did you mean limits?"),
        ("checks: {silense: {limits: {warning: 1}}}", "did you mean silence?"),
    ],
)
def test_a_key_that_is_nearly_right_is_answered_with_the_right_one(
    tmp_path: Path, written: str, words: str
) -> None:
    """Wherever in the file it is."""
    config = tmp_path / "puffy.yml"
    config.write_text(written)
    refused(call("check-config", "--config.file", config), words)


def test_a_name_that_is_like_none_is_answered_without_a_guess(tmp_path: Path) -> None:
    """A wrong guess is worse than none."""
    config = tmp_path / "puffy.yml"
    config.write_text("zzz: 1\n")
    done = call("check-config", "--config.file", config)
    refused(done, "zzz: unknown key")
    assert "did you mean" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run",), ("no data directory",)),
        (("run", "--data.dir", "{data}/nowhere"), ("nowhere: does not exist",)),
        (("run", "--data.dir", "{data}/events_20250310.csv"), ("not a directory",)),
        (("run", "--data.dir", "{data}", "--as-of", "soon"), ("--as-of", "'soon'")),
        (("run", "--data.dir", "{data}", "--fail-on", "all"), ("--fail-on", "'all'")),
        (("run", "--data.dir", "{data}", "--log.level", "loud"), ("--log.level", "'loud'")),
        (("run", "--data.dir", "{data}", "--log.format", "xml"), ("--log.format", "'xml'")),
        (("run", "--config.file", "{data}/no.yml"), ("no.yml", "no such file")),
        (("serve", "--data.dir", "{data}", "--web.listen-address", "nonsense"), ("nonsense",)),
        (("serve", "--data.dir", "{data}", "--web.config.file", "{data}/no.yml"), ("no.yml",)),
        (("serve", "--data.dir", "{data}", "--web.telemetry-path", "metrics"), ("metrics",)),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_line(data: Path, arguments: Sequence[str], words: Sequence[str]) -> None:
    """Exit code 1 and no traceback."""
    refused(call(*(argument.format(data=data) for argument in arguments)), *words)


def test_usage_errors_name_the_mistake(data: Path) -> None:
    """Unknown verbs and options do not cause tracebacks either."""
    for arguments in (("walk",), ("run", "--speed", "9")):
        done = call(*arguments)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert arguments[-1] in done.stderr or "--speed" in done.stderr


def test_an_output_folder_that_cannot_be_written_is_one_line(data: Path, tmp_path: Path) -> None:
    """The summary is printed anyway, because it took a pass."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    done = call("run", "--data.dir", data, "--output.dir", blocked / "out", *AS_OF, "--log.level", "error")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "report not written" in done.stderr.splitlines()[-1]
    assert "2025-03-10" in done.stdout


def test_a_state_of_a_newer_version_is_refused(data: Path) -> None:
    """Nothing that a newer version may need is overwritten."""
    import sqlite3  # noqa: PLC0415  only here

    (data / "monitoring").mkdir()
    with sqlite3.connect(data / "monitoring" / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    refused(call("run", "--data.dir", data, *AS_OF), "state.db", "newer version")


def test_a_port_in_use_is_one_line(data: Path) -> None:
    """Before any file is read."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = call("serve", "--data.dir", data, "--web.listen-address", address)
    refused(done, address, "in use")


def test_a_reader_that_goes_away_is_no_traceback(data: Path) -> None:
    """`puffy-exporter metrics | head -1`."""
    command = f"{sys.executable} -m exporter metrics --data.dir {data} --as-of 2025-03-11 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("# HELP")
    assert done.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    "command",
    [
        "gate status --data.dir {data}",
        "run --data.dir {data} --as-of 2025-03-11",
        "metrics --data.dir {data} --as-of 2025-03-11",
        "--version",
        "run --data.dir {data}/typo",
    ],
)
def test_a_closed_stream_changes_no_exit_code(data: Path, command: str, closed: str) -> None:
    """As a scheduler may start it; what would be printed goes nowhere, least of all to a file."""
    words = command.format(data=data)
    done = subprocess.run(
        ["bash", "-c", f"exec {sys.executable} -m exporter {words} {closed}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (
        (usual := call(*words.split())).returncode,
        "" if "2>&-" in closed else usual.stderr,
    )


def test_version_and_help_are_quick_and_load_nothing_heavy() -> None:
    """A shell completion or a container's health check must not wait for pandas."""
    assert call("--version").stdout.startswith("puffy-exporter ")
    code = "import sys; from exporter.cli import main; main(['--help']); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {
        "pandas",
        "numpy",
        "pyarrow",
        "uvicorn",
        "starlette",
        "watchdog",
        "structlog",
        "prometheus_client",
    }
    assert not loaded & heavy


@pytest.mark.parametrize("broken", [False, True])
def test_the_garbage_collector_is_back_once_a_verb_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, broken: bool
) -> None:
    """It is off only while a module is imported, also one that cannot be."""
    name = "exporter.cli.verbs.check_config"
    monkeypatch.delitem(sys.modules, name, raising=False)
    seen = list[bool]()

    def load(module: str) -> None:
        seen.append(gc.isenabled())
        if broken:
            raise ImportError(module)
        importlib.import_module(module)

    monkeypatch.setattr(command_line, "import_module", load)
    (tmp_path / "puffy.yml").write_text(f"links: {LINKS}\n")
    code = command_line.main(["check-config", "--config.file", str(tmp_path / "puffy.yml")])
    assert (code, seen, gc.isenabled()) == (70 if broken else 0, [False], True)


def test_help_says_of_each_verb_what_the_verb_says_of_itself() -> None:
    """The list reads the first line of a module; the verb's own help comes from its command."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert {"run", "serve", "check-config", "gate"} <= set(group.commands)
    for name, listed in group.commands.items():
        verb = group.get_command(None, name)
        assert verb is not listed
        assert (verb.help or "").split("\n")[0] == listed.help, name


def test_killed_at_any_moment_it_leaves_a_whole_report_and_no_litter(data: Path, tmp_path: Path) -> None:
    """Twenty times kill -9: the report parses, the state opens, nothing piles up."""
    output = tmp_path / "out"
    options: list[Any] = ["run", "--data.dir", data, "--output.dir", output, *AS_OF]
    assert call(*options).returncode == 0
    for number in range(20):
        put(data, LAST, Stage.RAW, content(LAST, 100 + number), age_seconds=60)
        process = subprocess.Popen(
            [sys.executable, "-m", "exporter", *map(str, options)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.45 + 0.025 * number)
        process.kill()
        process.wait()
        report = json.loads((output / "monitoring_report.json").read_text())
        assert len(report["partitions"]) == len(DAYS)
    done = call(*options)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads((output / "monitoring_report.json").read_text())
    assert report["partitions"]["2025-03-10"]["stages"]["raw"]["rows"] == 119
    strangers = {path.name for path in output.iterdir()} - {
        "monitoring_report.json",
        "monitoring_alerts.txt",
        "history",
        "state.db",
        "state.db-wal",
        "state.db-shm",
    }
    assert strangers <= {".monitoring_report.json.tmp", ".monitoring_alerts.txt.tmp"}


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("contract",), ("run",), ("gate", "ack", str(LAST), "--by", "A", "--reason", "r")],
)
def test_output_that_cannot_be_written_is_one_line(
    data: Path, arguments: tuple[str, ...], unbuffered: str
) -> None:
    """A full disk is not a bug; what was done before is not undone."""
    assert call("run", "--data.dir", data, *KEPT).returncode == 0
    environment = clean_environment() | {
        "PUFFY_DATA_DIR": str(data), "PUFFY_AS_OF": AS_OF[1], "PYTHONUNBUFFERED": unbuffered
    }  # fmt: skip
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
    refused(done, "standard output: no space left on device")
    if "ack" in arguments:
        assert "acknowledgement" in (data / "monitoring" / "gate_audit.jsonl").read_text()
