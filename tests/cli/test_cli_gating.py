"""The gate on the command line and over HTTP, in separate processes."""

import base64
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bcrypt
import many
import pytest
from running import COMMAND, Exporter, call, fetch, until
from written import content, put, write_day

from exporter.model import Stage

TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in range(9, 0, -1)]
BAD = DAYS[-2]
CLOSED = 3
ANN = ("--by", "Ann", "--reason", "looked at it")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide nine days, of which the last but one lacks a column."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    spoil(folder)
    return folder


def spoil(folder: Path, mark: str = "lost") -> None:
    """Remove the referrer from a day."""
    put(folder, BAD, Stage.RAW, content(BAD, 50).replace("referrer", mark, 1))


def gate(folder: Path, verb: str, *more: str | Path) -> subprocess.CompletedProcess[str]:
    """Query the gate."""
    return call("gate", verb, "--data.dir", folder, *more)


def test_from_hold_to_answer(data: Path) -> None:
    """Closed with 3 and the reason, open with 0 after the acknowledgement, both recorded."""
    assert call("run", "--data.dir", data).returncode == 0
    closed = gate(data, "status")
    assert closed.returncode == CLOSED
    assert closed.stdout.startswith(f"closed\n  {BAD} schema_mismatch since ")
    document = json.loads(gate(data, "status", "--json").stdout)
    assert (document["closed"], document["holds"][0]["partition"]) == (True, str(BAD))
    said = gate(data, "ack", str(BAD), *ANN)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(f"{BAD} acknowledged by Ann: all checks, content ")
    assert said.stdout.endswith("\nopen\n")
    assert not (data / "monitoring" / "GATE_CLOSED").exists()
    assert (gate(data, "status").returncode, gate(data, "status").stdout) == (0, "open\n")
    history = gate(data, "history").stdout.splitlines()
    assert [line.split()[1] for line in history] == ["hold", "ack"]
    assert [entry["kind"] for entry in json.loads(gate(data, "history", "--json").stdout)] == [
        "hold",
        "acknowledgement",
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("yesterday", *ANN), "partition: 'yesterday' is not a date"),
        (("1999-01-01", *ANN), "1999-01-01: nothing to acknowledge, it is not in the report"),
        ((str(BAD), "--by", " ", "--reason", "x"), "by: say who you are"),
        ((str(BAD), "--by", "x", "--reason", ""), "reason: say why"),
        ((str(BAD), "--by", "x\ny", "--reason", "x"), "by: must be one line of at most"),
        ((str(BAD), *ANN, "--check", "nothing"), "there is no check 'nothing'"),
        ((str(BAD), *ANN, "--until", "2020-01-01"), "has passed"),
        ((str(BAD), *ANN, "--until", "soon"), "neither a date nor an instant"),
        ((str(BAD), *ANN, "--baseline", "maybe"), "neither include nor exclude"),
        ((str(BAD), *ANN, "--content", "0"), "review it again"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_one_line(
    data: Path, arguments: tuple[str, ...], line: str
) -> None:
    """And leaves the gate as it was."""
    call("run", "--data.dir", data)
    before = (data / "monitoring" / "gate_audit.jsonl").read_bytes()
    refused = gate(data, "ack", *arguments)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert line in refused.stderr
    assert (data / "monitoring" / "gate_audit.jsonl").read_bytes() == before


def test_an_answer_does_not_lift_the_flag_while_the_log_is_damaged(data: Path) -> None:
    """An unreadable line may be a hold: the file and the verb agree."""
    assert call("run", "--data.dir", data).returncode == 0
    with (data / "monitoring" / "gate_audit.jsonl").open("a") as log:
        log.write('{"kind": "hold"}\n')
    said = gate(data, "ack", str(BAD), *ANN)
    assert said.returncode == 0
    assert "gate_audit.jsonl: line 2 cannot be read" in said.stdout
    assert gate(data, "status").returncode == CLOSED
    assert (data / "monitoring" / "GATE_CLOSED").exists()


def test_where_the_exporter_never_ran_nothing_is_called_open(tmp_path: Path) -> None:
    """A mistyped folder must not let anything through."""
    refused = gate(tmp_path, "status")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "has the exporter run?" in refused.stderr


def test_a_day_that_was_not_judged_yet_is_closed(data: Path) -> None:
    """Asked about a day, the gate waits for the verdict on its current files."""
    gone = data / "held"
    (data / f"events_{DAYS[-1]:%Y%m%d}.csv").rename(gone)
    spoil(data)
    write_day(data, BAD)
    call("run", "--data.dir", data)
    assert gate(data, "status").returncode == 0
    last = ("--partition", str(DAYS[-1]))
    unknown = gate(data, "status", *last)
    assert (unknown.returncode, "has not been judged yet" in unknown.stdout) == (CLOSED, True)
    gone.rename(data / f"events_{DAYS[-1]:%Y%m%d}.csv")
    assert gate(data, "status", *last).returncode == CLOSED
    call("run", "--data.dir", data)
    assert gate(data, "status", *last).returncode == 0
    put(data, DAYS[-1], Stage.CLEAN, content(DAYS[-1], 3))
    changed = gate(data, "status", *last, "--json")
    assert (changed.returncode, "clean file has changed" in changed.stdout) == (CLOSED, True)


def test_asked_about_a_day_the_gate_answers_for_that_day(data: Path) -> None:
    """Regardless of other days and of its age; a refusal names the day and the command."""
    old = DAYS[0]
    put(data, old, Stage.RAW, content(old, 50).replace("referrer", "lost", 1))
    call("run", "--data.dir", data)
    healthy = gate(data, "status", "--partition", str(DAYS[3]))
    assert (healthy.returncode, healthy.stdout) == (0, "open\n")
    refused = gate(data, "wait", "--timeout", "0", "--partition", str(old))
    assert refused.returncode == CLOSED
    assert f"{old} schema_mismatch since" in refused.stdout
    assert str(BAD) not in refused.stdout
    assert f"puffy-exporter gate ack {old} --by NAME --reason TEXT" in refused.stdout
    assert gate(data, "ack", str(old), *ANN).returncode == 0
    assert gate(data, "status", "--partition", str(old)).returncode == 0
    assert gate(data, "status").returncode == CLOSED
    assert gate(data, "status", "--after", str(DAYS[-1])).returncode == 0
    assert gate(data, "status", "--after", str(BAD)).returncode == CLOSED
    assert "mutually exclusive" in gate(data, "status", "--after", str(BAD), "--partition", str(BAD)).stderr


def test_a_day_that_is_not_due_yet_is_closed_by_its_own_checks(data: Path) -> None:
    """Its load may run before anybody is notified."""
    put(data, TODAY, Stage.RAW, content(TODAY, 50).replace("referrer", "lost", 1), age_seconds=60)
    call("run", "--data.dir", data)
    assert f"  {TODAY} " not in gate(data, "status").stdout
    refused = gate(data, "status", "--partition", str(TODAY))
    assert (refused.returncode, "schema_mismatch blocks the day" in refused.stdout) == (CLOSED, True)


def test_many_days_are_one_finding_and_one_answer(data: Path) -> None:
    """A range is reported and acknowledged as a range."""
    for day in DAYS[1:7]:
        put(data, day, Stage.RAW, content(day, 50).replace("referrer", "lost", 1))
    call("run", "--data.dir", data)
    days = f"{DAYS[1]}..{DAYS[7]}"
    closed = gate(data, "status").stdout.splitlines()
    assert closed == [
        "closed",
        f"  schema_mismatch on 7 days: {days}",
        f"to release: puffy-exporter gate ack {days} --by NAME --reason TEXT",
    ]
    said = gate(data, "ack", days, *ANN).stdout.splitlines()
    assert [line.split()[0] for line in said[:-1]] == [str(day) for day in DAYS[1:8]]
    assert said[-1] == "open"
    for wrong in (f"{DAYS[2]}..{DAYS[1]}", "2020-01-01..2025-01-01"):
        assert "is not a range of 1 to 400 days" in gate(data, "ack", wrong, *ANN).stderr


def test_an_answer_says_beforehand_what_it_covers_and_what_will_be_told(data: Path) -> None:
    """Later alerts are no surprise."""
    text = content(BAD, 50).replace("referrer", "lost", 1)
    put(data, BAD, Stage.RAW, text.replace("\nclient-0,", "\n,", 1).replace("\nclient-1,", "\n,", 1))
    call("run", "--data.dir", data)
    said = gate(data, "ack", str(BAD), *ANN, "--check", "schema_mismatch").stdout.splitlines()
    assert said[0].startswith(f"{BAD}: covers ")
    assert "referrer_null" in said[0]
    assert said[1].startswith(f"{BAD}: not covered, and reported if they fire: ")
    assert "missing_client_id" in said[1]


def test_waiting_ends_with_the_answer_or_with_the_time(data: Path) -> None:
    """The exit codes are 0 and 3."""
    call("run", "--data.dir", data)
    begun = time.monotonic()
    assert gate(data, "wait", "--timeout", "1").returncode == CLOSED
    assert time.monotonic() - begun < 10
    command = [*COMMAND, "gate", "wait", "--data.dir", data, "--timeout", "60s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline() == "closed\n"
        gate(data, "ack", str(BAD), *ANN)
        assert waiting.wait(20) == 0
    assert gate(data, "wait", "--timeout", "ever").stderr.startswith(
        "puffy-exporter: error: --timeout: not a "
    )


def test_asking_loads_nothing_heavy(data: Path) -> None:
    """Neither pandas nor pydantic, as shells call it often."""
    call("run", "--data.dir", data)
    program = (
        "import sys; from exporter.cli import main; code = main(sys.argv[1:]);"
        "print(code, sorted({'pandas', 'numpy', 'pyarrow', 'pydantic', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "gate", "status", "--data.dir", data],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"{CLOSED} []"


def post(exporter: Exporter, body: object, **headers: str) -> tuple[int, str]:
    """Acknowledge over HTTP."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{exporter.port}/api/v1/gate/ack",
        data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()},
        method="POST",
    )
    return fetch(request)


def start(tmp_path: Path, data: Path, *options: str) -> Exporter:
    """Serve."""
    assert data == tmp_path / "data"
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.2}\n")
    return Exporter(tmp_path, *options)


SAID = {"partition": str(BAD), "by": "Ann", "reason": "looked at it"}


def test_a_running_exporter_takes_answers_from_either_side(tmp_path: Path, data: Path) -> None:
    """Over HTTP, and from the command line within a second; a page of another site cannot acknowledge."""
    exporter = start(tmp_path, data)
    try:
        assert exporter.value("puffy_gate_closed") == 1
        assert exporter.value(f'puffy_gate_hold{{partition="{BAD}",reason="schema_mismatch"}}') == 1
        assert json.loads(exporter.get("/api/v1/gate")[1])["closed"] is True
        assert post(exporter, SAID, Content_Type="text/plain")[0] == 415
        assert post(exporter, SAID, Origin="http://elsewhere.example")[0] == 403
        assert post(exporter, b"{")[0] == post(exporter, [])[0] == post(exporter, {**SAID, "x": 1})[0] == 400
        assert post(exporter, {"partition": str(BAD), "reason": "x"}) == (400, "by: missing\n")
        assert post(exporter, b"x" * 20_000)[0] == 413
        status, body = post(exporter, SAID)
        assert (status, json.loads(body)["by"]) == (201, "Ann")
        assert until(lambda: exporter.value("puffy_gate_closed") == 0)
        acknowledged = f'puffy_partition_acknowledged{{check="schema_mismatch",partition="{BAD}"}}'
        assert exporter.value(acknowledged) == 1
        spoil(data, "again")
        assert until(lambda: exporter.value("puffy_gate_closed") == 1)
        where = ("--data.dir", data, "--output.dir", exporter.output)
        assert call("gate", "ack", str(BAD), *ANN, *where).returncode == 0
        assert until(lambda: exporter.value("puffy_gate_closed") == 0, 3)
        report = json.loads(exporter.get("/api/v1/report")[1])
        assert report["gate"] == {"closed": False, "blind": None, "holds": []}
        assert exporter.stop() == 0
    finally:
        exporter.process.kill()
        exporter.process.wait()


def test_who_answers_is_who_proved_to_be(tmp_path: Path, data: Path) -> None:
    """With users, the name is the user's; nobody else gets in."""
    web = tmp_path / "web.yml"
    hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    web.write_text(f"basic_auth_users: {{ann: {hashed}}}\n")
    ann = "Basic " + base64.b64encode(b"ann:secret").decode()
    with start(tmp_path, data, "--web.config.file", str(web)) as exporter:
        assert until((exporter.output / "monitoring_report.json").exists, 15)
        assert post(exporter, SAID)[0] == 401
        said = {name: text for name, text in SAID.items() if name != "by"}
        assert json.loads(post(exporter, said, Authorization=ann)[1])["by"] == "ann"
        assert json.loads(post(exporter, SAID, Authorization=ann)[1])["by"] == "Ann (ann)"


def test_an_open_address_without_users_takes_no_answers(tmp_path: Path, data: Path) -> None:
    """Anybody could acknowledge in anybody's name."""
    with start(tmp_path, data, "--web.listen-address", "0.0.0.0:0") as exporter:
        status, words = post(exporter, SAID)
        assert (status, words.startswith("Refused: set up basic auth")) == (403, True)


def test_an_acknowledgement_of_a_contracts_day_counts_after_a_restart(tmp_path: Path) -> None:
    """The figures of its columns come back from the state as the same content."""
    for day in many.DAYS:
        many.write_rows(tmp_path / "data", day, 30)
    text = many.contract("rows", "data", least=1000).replace("name: id,", "name: id, unique: true,")
    (tmp_path / "rows.yaml").write_text(text)
    asking = ("--feed.file", tmp_path / "rows.yaml")
    assert call("run", *asking).returncode == 0
    report = tmp_path / "data" / "monitoring" / "monitoring_report.json"
    days = json.loads(report.read_text())["partitions"]
    assert call("gate", "ack", str(many.DAYS[-1]), *asking, *ANN, "--check", "raw_row_count").returncode == 0
    assert call("run", *asking).returncode == 0
    again = json.loads(report.read_text())["partitions"]
    assert [known["content"] for known in again.values()] == [known["content"] for known in days.values()]
    (alert,) = again[str(many.DAYS[-1])]["alerts"]
    assert (alert["check"], alert["state"]) == ("raw_row_count", "acknowledged")
