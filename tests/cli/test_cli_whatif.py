"""A what-if changes no stored data, unless it is told where to save its results."""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import time
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import pytest
from many import DAYS, contract, write_rows
from running import COMMAND, Exporter, call, clean_environment, fetch, is_ready, until
from written import write_day

from exporter.server.desk import WHAT_IF

LAST = date(2025, 3, 10)
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")
EARLIER = ("--as-of", "2025-03-08T12:00:00Z")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten days whose last two lack a column, ready for ``serve``."""
    folder = tmp_path / "data"
    for back in range(10):
        write_day(folder, LAST - timedelta(days=back), without=("referrer",) if back < 2 else ())
    (tmp_path / "puffy.yml").write_text("{}\n")
    return folder


def everything(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return each path below a folder with size, modification time and a hash of its content."""
    known = {}
    for path in sorted(folder.rglob("*")):
        status = path.stat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        known[str(path.relative_to(folder))] = (status.st_size, status.st_mtime_ns, content)
    return known


ASKING = [
    ("run",),
    ("run", "--fail-on", "critical"),
    ("metrics",),
    ("detectors",),
    ("explain", "2025-03-05"),
    ("postmortem", "2025-03-05"),
    ("backfill",),
]


@pytest.mark.parametrize("asking", ASKING, ids=" ".join)
def test_asking_about_another_time_writes_nothing(data: Path, asking: tuple[str, ...]) -> None:
    """Neither in an empty folder nor next to production's files."""
    before = everything(data)
    assert call(*asking, "--data.dir", data, *EARLIER).returncode in {0, 2}
    assert everything(data) == before
    assert call("run", "--data.dir", data, *AS_OF, "--write").returncode == 0
    before = everything(data)
    assert "monitoring/state.db" in before
    assert call(*asking, "--data.dir", data, *EARLIER).returncode in {0, 2}
    assert everything(data) == before


def test_asking_beside_a_live_exporter_changes_none_of_its_files(data: Path, tmp_path: Path) -> None:
    """The folder in its environment or configuration is production's, too."""
    with Exporter(tmp_path, *AS_OF) as exporter:
        assert until(lambda: "pass done" in exporter.said())
        before = lasting(exporter.output)
        assert {"gate_audit.jsonl", "GATE_CLOSED", "state.db"} <= set(before)
        places = {"PUFFY_DATA_DIR": str(data), "PUFFY_OUTPUT_DIR": str(exporter.output)}
        for asking in ASKING:
            assert call(*asking, *EARLIER, **places).returncode in {0, 2}
        assert lasting(exporter.output) == before
        report = json.loads((exporter.output / "monitoring_report.json").read_text())
        assert report["as_of"] == AS_OF[1]


def lasting(folder: Path) -> dict[str, str]:
    """Return the files that a live exporter does not rewrite at each pass, by content."""
    anew = {"monitoring_report.json", "monitoring_alerts.txt"}
    return {name: content for name, (_, _, content) in everything(folder).items() if name not in anew}


def test_a_run_says_that_it_wrote_nothing_and_how_it_would(data: Path, tmp_path: Path) -> None:
    """With --output.dir on the command line, or --write for the usual folder."""
    said = " ".join(call("run", "--data.dir", data, *AS_OF).stdout.split())
    assert (
        f"Nothing was written. To save the results: --output.dir DIR, or --write for {data / 'monitoring'}"
        in said
    )
    out = tmp_path / "out"
    said = " ".join(call("run", "--data.dir", data, "--output.dir", out, *AS_OF).stdout.split())
    assert f"Report in {out}" in said
    assert json.loads((out / "monitoring_report.json").read_text())["status"] == "critical"
    assert (out / "GATE_CLOSED").exists()
    assert not (data / "monitoring").exists()


def test_what_people_have_answered_counts_in_a_what_if(data: Path) -> None:
    """The log is read, but nothing is added to it."""
    assert call("run", "--data.dir", data, *AS_OF, "--write").returncode == 0
    before = call("run", "--data.dir", data, *AS_OF).stdout
    assert "\ncritical events" in before
    for back in range(2):
        day = str(LAST - timedelta(days=back))
        assert call("gate", "ack", day, "--data.dir", data, "--by", "A", "--reason", "B").returncode == 0
    assert "\ncritical events" not in call("run", "--data.dir", data, *AS_OF).stdout


def test_a_state_of_which_a_part_cannot_be_copied_is_not_used(data: Path, tmp_path: Path) -> None:
    """All files are read, as without any: what a page shows must not depend on how much could be copied."""
    assert call("run", "--data.dir", data, *AS_OF, "--write").returncode == 0
    write_day(data, LAST)  # repaired, which only the state shows
    page = tmp_path / "page.html"
    asking = ("report", "html", "--data.dir", data, *AS_OF, "--output", page)
    assert call(*asking).returncode == 0
    assert "The files were replaced" in page.read_text()
    (log := data / "monitoring" / "state.db-wal").unlink(missing_ok=True)
    log.mkdir()  # which cannot be copied
    said = call(*asking)
    assert (said.returncode, "no state: every file is read" in said.stderr) == (0, True)
    assert "The files were replaced" not in page.read_text()


def test_a_server_of_another_time_keeps_nothing_either(data: Path) -> None:
    """It serves, but accepts no acknowledgements, as they would have no effect."""
    before = everything(data)
    log = data.parent / "log"
    command = [*COMMAND, "serve", "--data.dir", str(data), "--web.listen-address", "127.0.0.1:0", *AS_OF]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stderr=stderr, env=clean_environment())
    try:
        assert until(lambda: "pass done" in log.read_text(), 20)
        found = re.search(r"event=listening .*port=(\d+)", log.read_text())
        assert found
        assert until(lambda: is_ready(int(found[1])))
        status, report = fetch(f"http://127.0.0.1:{found[1]}/api/v1/report")
        assert (status, json.loads(report)["status"]) == (200, "critical")
        body = json.dumps({"partition": str(LAST), "by": "A", "reason": "B"}).encode()
        answer = urllib.request.Request(
            f"http://127.0.0.1:{found[1]}/api/v1/gate/ack", body, {"Content-Type": "application/json"}
        )
        assert fetch(answer) == (403, f"{WHAT_IF}\n")
        incident = json.loads(report)["incidents"][0]["id"]
        form = urllib.request.Request(
            f"http://127.0.0.1:{found[1]}/incidents/{incident}/acknowledge", b"reason=x", method="POST"
        )
        assert fetch(form) == (403, f"{WHAT_IF}\n"), "users would not help"
    finally:
        process.terminate()
        process.wait(10)
    assert "nothing is saved or pushed" in log.read_text()
    assert everything(data) == before


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(("asking", "changes"), [(AS_OF, False), ((), True)])
def test_only_a_what_if_over_a_missing_directory_leaves_the_gate_open(
    tmp_path: Path, asking: tuple[str, ...], *, many: bool, changes: bool
) -> None:
    """A mistyped path closes the gate of an exporter that goes on without its data, not of a question."""
    feeds, output = tmp_path / "feeds", tmp_path / "out"
    feeds.mkdir()
    feeds.joinpath("a.yaml").write_text(contract("a", tmp_path / "a"))
    write_rows(tmp_path / "a", DAYS[-1], 5)
    which = ("--feeds.dir", feeds) if many else ("--feed.file", feeds / "a.yaml")
    assert call("run", *which, "--output.dir", output).returncode == 0
    before = everything(output)
    feeds.joinpath("a.yaml").write_text(contract("a", tmp_path / "typo"))
    log = tmp_path / "log"
    command = [*COMMAND, "serve", *map(str, which), "--web.listen-address", "127.0.0.1:0", *asking]
    with log.open("w") as stderr:
        environment = clean_environment() | {"PUFFY_OUTPUT_DIR": str(output)}
        process = subprocess.Popen(command, stderr=stderr, env=environment)
    try:
        assert until(lambda: "event=listening" in log.read_text(), 20)
        assert until(lambda: "does not exist" in log.read_text() or not many, 20)
        if changes:
            assert until(lambda: any(output.rglob("GATE_CLOSED")))
    finally:
        process.terminate()
        process.wait(10)
    assert changes or everything(output) == before


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        ("20250309", "did you mean 2025-03-09?"),
        ("2025-3-9", "did you mean 2025-03-09?"),
        ("2025/03/09", "did you mean 2025-03-09?"),
        ("2025-02-28", "before all data; the first day is 2025-03-01"),
        ("2025-03-01T00:00:00Z", "before all data; the first day is 2025-03-01"),
        ("1999-01-01", "before all data"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(data: Path, as_of: str, words: str) -> None:
    """There is one spelling of a date, and no result before the first day."""
    done = call("run", "--data.dir", data, "--as-of", as_of)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert words in line


def test_the_end_of_the_first_day_is_not_too_early(data: Path) -> None:
    """A bare date is the same instant as its end."""
    assert call("run", "--data.dir", data, "--as-of", "2025-03-01").returncode == 0
    pages = [
        [
            line
            for line in call("metrics", "--data.dir", data, "--as-of", when).stdout.splitlines()
            if "puffy_partition" in line
        ]
        for when in ("2025-03-09", "2025-03-10T00:00:00Z")
    ]
    assert pages[0] == pages[1] != []


def test_what_a_killed_process_left_is_removed_and_nothing_else(data: Path, tmp_path: Path) -> None:
    """Folders that are in use, that are new, or that lie behind a link stay."""
    scratch, elsewhere = tmp_path / "tmp", tmp_path / "elsewhere"
    left, used, new, kept = (scratch / f"puffy-what-if-{name}" for name in ("left", "used", "new", "link"))
    for folder in (left, used, new, elsewhere):
        folder.mkdir(parents=True)
        (folder / "state.db").touch()
    kept.symlink_to(elsewhere)
    for folder in (left, used, elsewhere):
        os.utime(folder, (0, 0))
    os.utime(new, (2**32, 2**32))
    user = os.open(used, os.O_RDONLY)
    fcntl.flock(user, fcntl.LOCK_EX)
    try:
        assert call("metrics", "--data.dir", data, *EARLIER, TMPDIR=str(scratch)).returncode == 0
    finally:
        os.close(user)
    assert sorted(scratch.iterdir()) == sorted([used, new, kept])
    assert (elsewhere / "state.db").exists()


def test_a_run_over_files_that_have_just_arrived_records_no_incident_that_is_over(data: Path) -> None:
    """The raw file can be read a moment before the clean one."""
    write_day(data, LAST)
    soon = time.time() + 600  # however long the process takes to start
    os.utime(data / f"raw_clean/events_{LAST:%Y%m%d}_clean.csv", (soon, soon))
    assert call("run", "--data.dir", data, *AS_OF, "--write").returncode == 0
    report = json.loads((data / "monitoring" / "monitoring_report.json").read_text())
    assert {incident["cause"] for incident in report["incidents"]} == {"column_missing"}
