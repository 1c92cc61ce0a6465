"""Incidents on the command line and over HTTP: listed, shown, acknowledged and revoked."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import Exporter, call, fetch, until
from written import content, put, write_day

from exporter.model import Stage

NOW = datetime.now(UTC)
TODAY = (NOW - timedelta(hours=6)).date()  # the first that is not yet due, by default
DAYS = [TODAY - timedelta(days=number) for number in range(9, 0, -1)]
BAD = DAYS[-3:-1]
CLOSED = 3
ANN = ("--by", "Ann", "--reason", "looked at it")


def spoil(folder: Path, day: date, column: str = "referrer", rows: int = 50) -> None:
    """Remove a column from a day."""
    put(folder, day, Stage.RAW, content(day, rows).replace(column, "lost", 1))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide nine days, of which two lack a column, and the result of a pass."""
    folder = tmp_path_factory.mktemp("seen") / "data"
    for day in DAYS:
        write_day(folder, day)
    for day in BAD:
        spoil(folder, day)
    assert call("run", "--data.dir", folder).returncode == 0
    return folder


@pytest.fixture
def data(seen: Path, tmp_path: Path) -> Path:
    """Provide a copy for acknowledgements."""
    return Path(shutil.copytree(seen, tmp_path / "data"))


def report(folder: Path) -> dict[str, Any]:
    """Return the report."""
    found: dict[str, Any] = json.loads((folder / "monitoring" / "monitoring_report.json").read_bytes())
    return found


def lost(folder: Path, column: str = "referrer") -> dict[str, Any]:
    """Return the incident of a lost column."""
    key = ("column_missing", column)
    (one,) = (one for one in report(folder)["incidents"] if (one["cause"], one["subject"]) == key)
    found: dict[str, Any] = one
    return found


def gate(folder: Path, verb: str, *more: str | Path) -> subprocess.CompletedProcess[str]:
    """Query the gate."""
    return call("gate", verb, "--data.dir", folder, *more)


def test_what_is_open_is_listed_first_and_once(data: Path) -> None:
    """The ended ones on request; JSON is the report's."""
    path = data / "monitoring" / "monitoring_report.json"
    told, chosen = report(data), lost(data)["id"]
    ended = {**told["incidents"][0], "id": "ffffffffff", "state": "resolved", "why": "next_day_good"}
    path.write_text(json.dumps({**told, "incidents": [*told["incidents"], ended]}))
    listed = call("incidents", "--data.dir", data)
    assert (listed.returncode, listed.stderr) == (0, "")
    (line,) = (line for line in listed.stdout.splitlines() if line.startswith(chosen))
    assert line.split() == [
        chosen,
        "critical",
        "open",
        f"{BAD[0]}..{BAD[1]}",
        "data-engineering",
        "column",
        "referrer",
        "is",
        "missing,",
        "lost",
        "is",
        "new:",
        "renamed?",
    ]
    assert "ffffffffff" not in listed.stdout
    everything = call("incidents", "--all", "--data.dir", data).stdout.splitlines()
    assert everything[-1].startswith("ffffffffff")
    assert "resolved (next day good)" in everything[-1]
    document = json.loads(call("incidents", "--json", "--data.dir", data).stdout)
    assert document == [one for one in told["incidents"] if one["state"] == "open"]


def test_where_nothing_is_wrong_it_says_so(data: Path) -> None:
    """It also says how many there were."""
    path = data / "monitoring" / "monitoring_report.json"
    told = report(data)
    path.write_text(json.dumps({**told, "incidents": [{**told["incidents"][0], "state": "resolved"}]}))
    said = call("incidents", "--data.dir", data)
    assert (said.returncode, said.stdout) == (0, "no incident is open; --all lists the 1 that have ended\n")
    path.write_text(json.dumps({name: told[name] for name in told if name != "incidents"}))
    assert call("incidents", "--data.dir", data).stdout == "no incident is open\n"


@pytest.mark.parametrize("before", [True, False])
def test_one_is_shown_in_full(data: Path, *, before: bool) -> None:
    """By the beginning of its id, with options on either side of the word."""
    one = lost(data)
    where = ("--output.dir", data / "monitoring")
    words = ("show", one["id"][:5])
    said = call("incidents", *where, *words) if before else call("incidents", *words, *where)
    assert (said.returncode, said.stderr) == (0, "")
    for part in (
        f"{one['id']}  critical  open\n",
        f"{one['headline']}\n",
        f"{BAD[0]}  bad: ",
        "  checks: ",
        "schema_mismatch",
        "  evidence: rows 50, missing referrer, new lost\n",
        f"held: {BAD[0]}, {BAD[1]}\n",
        f"next: {one['next_step']}\n",
        "runbook: http",
        f"to acknowledge: puffy-exporter gate ack {one['id']} --by NAME --reason TEXT\n",
    ):
        assert part in said.stdout
    document = json.loads(call("incidents", "show", one["id"], "--json", "--data.dir", data).stdout)
    assert document["days"][str(BAD[0])]["evidence"]["missing"] == "referrer"
    assert document["acknowledge"] in said.stdout


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("beef", "incident: no id begins with 'beef'"),
        ("abc", "incident: 'abc': at least 4 characters of its id are needed"),
        ("aaaa", "incident: 'aaaa' is ambiguous, it could be aaaa000001, aaaa000002"),
    ],
)
def test_an_id_that_is_not_one_is_one_line(data: Path, text: str, line: str) -> None:
    """Wherever it is given; nothing is recorded, not even for other arguments."""
    told = report(data)
    one = told["incidents"][0]
    more = [{**one, "id": "aaaa000001"}, {**one, "id": "aaaa000002"}]
    path = data / "monitoring" / "monitoring_report.json"
    path.write_text(json.dumps({**told, "incidents": [*told["incidents"], *more]}))
    before = (data / "monitoring" / "gate_audit.jsonl").read_bytes()
    calls = [call("incidents", "show", text, "--data.dir", data)]
    if len(text) > 3:  # otherwise it is a mistyped day
        calls.append(gate(data, "ack", str(BAD[0]), text, *ANN))
    for refused in calls:
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
        assert line in refused.stderr
    assert (data / "monitoring" / "gate_audit.jsonl").read_bytes() == before


def test_an_incident_of_another_feed_is_unknown_here(data: Path, tmp_path: Path) -> None:
    """Each feed's folder knows its own."""
    other = tmp_path / "other"
    for day in DAYS:
        write_day(other, day)
    spoil(other, BAD[1], "client_id")
    assert call("run", "--data.dir", other).returncode == 0
    for verb in (("incidents", "show"), ("gate", "ack")):
        more = ANN if verb[0] == "gate" else ()
        refused = call(*verb, lost(data)["id"], *more, "--data.dir", other)
        assert (refused.returncode, "no id begins with" in refused.stderr) == (1, True)


def test_without_a_report_nothing_is_known(data: Path) -> None:
    """No traceback."""
    (data / "monitoring" / "monitoring_report.json").unlink()
    refused = call("incidents", "--data.dir", data)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "does not exist, so no incident is known" in refused.stderr


def test_an_answer_for_an_incident_says_what_it_covers_and_what_not(data: Path) -> None:
    """Mixed arguments are accepted; the next bad day is held again."""
    one = lost(data)
    said = gate(data, "ack", one["id"][:4], str(BAD[0]), *ANN)
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert lines[0] == f"incident {one['id']} (critical): {one['headline']}"
    assert lines[1].startswith(f"{BAD[0]}..{BAD[1]}: covers column_missing, ")
    assert any("not covered, and reported if they fire: " in line for line in lines)
    assert [line.split()[:2] for line in lines if " acknowledged by Ann: " in line] == [
        [str(BAD[0]), "acknowledged"],
        [str(BAD[1]), "acknowledged"],
        [str(BAD[0]), "acknowledged"],
    ]
    assert "its later days need an acknowledgement of their own; --standing covers them too" in lines
    assert lines[-1] == "open"
    assert f" incident={one['id']}" in gate(data, "history").stdout
    spoil(data, DAYS[-1])
    assert call("run", "--data.dir", data).returncode == 0
    assert gate(data, "status").returncode == CLOSED
    assert lost(data)["days"] == {str(BAD[0]): "answered", str(BAD[1]): "answered", str(DAYS[-1]): "bad"}


def test_a_standing_answer_until_it_is_revoked(data: Path, tmp_path: Path) -> None:
    """A day that is not due yet is open as well, when asked about."""
    settings = tmp_path / "puffy.yml"
    far = "06:00" if 6 <= NOW.hour < 18 else "12:00"  # today must not fall due meanwhile
    settings.write_text(f"calendar: {{due_time: '{far}'}}")
    config = ("--config.file", settings)
    one = lost(data)
    said = gate(data, "ack", one["id"], *ANN, "--standing", *config)
    until_when = (datetime.now(UTC) + timedelta(days=30)).date()
    assert f"later days are acknowledged until {until_when}T" in said.stdout
    assert f"to end that: puffy-exporter gate revoke {one['id']} --by NAME --reason TEXT" in said.stdout
    assert f"{until_when}" in call("incidents", "show", one["id"], "--data.dir", data).stdout
    spoil(data, DAYS[-1])
    put(data, TODAY, Stage.RAW, content(TODAY, 50).replace("referrer", "lost", 1), age_seconds=60)
    assert call("run", "--data.dir", data, *config).returncode == 0
    assert gate(data, "status", *config).stdout == "open\n"
    assert gate(data, "status", "--partition", str(TODAY), *config).stdout == "open\n"
    kinds = [line.split()[1] for line in gate(data, "history").stdout.splitlines()]
    assert kinds == ["hold", "hold", "ack", "ack", "stand", "ack"]
    ended = gate(data, "revoke", one["id"][:4], "--by", "Bob", "--reason", "fixed", *config)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"the acknowledgement by Ann for incident {one['id']} (column_missing of referrer)" in ended.stdout
    assert gate(data, "status", *config).returncode == 0
    refused = gate(data, "status", "--partition", str(TODAY), *config)
    assert (refused.returncode, "schema_mismatch blocks the day" in refused.stdout) == (CLOSED, True)
    again = gate(data, "revoke", one["id"][:4], "--by", "Bob", "--reason", "fixed", *config)
    assert (again.returncode, "no standing acknowledgement is in force" in again.stderr) == (1, True)
    assert json.loads(gate(data, "history", "--json").stdout)[-1]["kind"] == "revocation"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--standing",), "--standing: only for an incident"),
        (("ID", "--check", "schema_mismatch"), "--check: not allowed for an incident"),
        (("ID", "--content", "a"), "--content: not allowed for an incident"),
        (("ID", "--standing", "--until", "2020-01-01"), "has passed"),
        (("ID", "--standing", "--until", "2999-01-01"), "at most 366 days"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_one_line(
    data: Path, arguments: tuple[str, ...], line: str
) -> None:
    """And leaves no trace."""
    named = [lost(data)["id"] if word == "ID" else word for word in arguments]
    before = (data / "monitoring" / "gate_audit.jsonl").read_bytes()
    refused = gate(data, "ack", str(BAD[0]), *named, *ANN)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert line in refused.stderr
    assert (data / "monitoring" / "gate_audit.jsonl").read_bytes() == before


@pytest.mark.parametrize("words", [(), ("show", "ID")])
def test_asking_loads_nothing_heavy(seen: Path, words: tuple[str, ...]) -> None:
    """It is as fast as the gate."""
    program = (
        "import sys; from exporter.cli import main; code = main(sys.argv[1:]);"
        "print(code, sorted({'pandas', 'numpy', 'pyarrow', 'pydantic', 'rich'} & set(sys.modules)))"
    )
    named = [lost(seen)["id"] if word == "ID" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-c", program, "incidents", *named, "--data.dir", seen],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def post(exporter: Exporter, body: object) -> tuple[int, str]:
    """Acknowledge over HTTP."""
    from urllib.request import Request  # noqa: PLC0415

    return fetch(
        Request(
            f"http://127.0.0.1:{exporter.port}/api/v1/gate/ack",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
    )


def test_a_running_exporter_takes_an_answer_for_an_incident(tmp_path: Path, data: Path) -> None:
    """Beginnings of ids are enough; errors are one line."""
    shutil.rmtree(data / "monitoring")
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.2}\n")
    with Exporter(tmp_path) as exporter:
        assert until(lambda: exporter.value("puffy_gate_closed") == 1)
        known = json.loads(exporter.get("/api/v1/report")[1])["incidents"]
        chosen = next(one["id"] for one in known if one["cause"] == "column_missing")
        said = {"incident": chosen[:6], "by": "Ann", "reason": "known", "standing": True}
        assert post(exporter, {**said, "incident": "beefbeef"})[0] == 400
        assert "standing: must be" in post(exporter, {**said, "standing": "yes"})[1]
        assert "partition: unknown" in post(exporter, {**said, "partition": str(BAD[0])})[1]
        status, body = post(exporter, said)
        recorded = json.loads(body)
        assert (status, recorded["incident"]) == (201, chosen)
        assert [entry["kind"] for entry in recorded["recorded"]] == [
            "acknowledgement",
            "acknowledgement",
            "standing",
        ]
        assert until(lambda: exporter.value("puffy_gate_closed") == 0)
        spoil(exporter.data, DAYS[-1], rows=200)  # not fewer than before, or it would be left to grow
        acknowledged = f'puffy_partition_acknowledged{{check="column_missing",partition="{DAYS[-1]}"}}'
        assert until(lambda: exporter.value(acknowledged) == 1)
        assert exporter.value("puffy_gate_closed") == 0
