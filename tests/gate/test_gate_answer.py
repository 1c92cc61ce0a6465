"""The gate's state from the files alone: what closes it, and in which words."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS
from written import content, put, write_day

from exporter.errors import UserError
from exporter.gate.answer import (
    REPORT,
    About,
    Decision,
    Folders,
    alerts_of,
    ask,
    contents_of,
    read_book,
    read_report,
)
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Acknowledged, Entry, Held, Released, StandingAcknowledgement
from exporter.gate.files import Upstream
from exporter.gate.flag import FLAG
from exporter.model import Stage

DAY = date(2025, 3, 7)
EARLIER, LATER = DAY - timedelta(days=1), DAY + timedelta(days=1)
AT = datetime(2025, 3, 8, 6, tzinfo=UTC)
LAPSED = Acknowledged(AT, DAY, ("c7",), "Ann", "looked", until=AT + timedelta(hours=1))
HELD = Held(AT, DAY, "schema_mismatch", "c7", "critical", 1.0, 1.0)
OUT = "out"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a directory with one healthy day, judged as it is."""
    folder = tmp_path / "data"
    write_day(folder, DAY, 4)
    write(tmp_path / OUT, report(folder))
    return folder


def stages(folder: Path) -> dict[str, Any]:
    """Return what a report says of the files of the day."""
    found = {}
    for stage, name in (
        ("raw", f"events_{DAY:%Y%m%d}.csv"),
        ("clean", f"raw_clean/events_{DAY:%Y%m%d}_clean.csv"),
        ("rejects", f"raw_rejects/events_{DAY:%Y%m%d}_bad.csv"),
    ):
        known = (folder / name).stat()
        found[stage] = {
            "present": True,
            "size_bytes": known.st_size,
            "updated_timestamp_seconds": known.st_mtime_ns / 1e9,
        }
    return found


def report(folder: Path, **changes: object) -> dict[str, Any]:
    """Return the report of a pass over a directory."""
    day = {"content": "c7", "alerts": [], "problems": [], "stages": stages(folder), **changes}
    return {"partitions": {DAY.isoformat(): day}, "gate": {"holds": []}, "incidents": []}


def write(output: Path, document: object) -> Path:
    """Write a report."""
    output.mkdir(exist_ok=True)
    (output / REPORT).write_text(json.dumps(document))
    return output


def record(output: Path, *entries: Entry) -> None:
    """Put entries on record."""
    AuditLog(output / AUDIT).append(lambda _: entries)


def asked(data: Path, day: date | None = DAY, after: date | None = None) -> Decision:
    """Ask for a day, with the exporter's folder beside the data."""
    return ask(Folders(data.parent / OUT, lambda: Upstream(data, EVENTS)), About(day, after))


def alert(**changes: object) -> dict[str, object]:
    """Return a blocking breach as the report has it."""
    return {"check": "schema_mismatch", "blocking": True, "state": "firing", **changes}


def hold(**changes: object) -> dict[str, object]:
    """Return a hold as the report has it."""
    return {
        "partition": DAY.isoformat(),
        "reason": "schema_mismatch",
        "content": "c7",
        "repaired": False,
        **changes,
    }


def test_a_judged_day_whose_files_are_still_the_same_is_open(data: Path) -> None:
    """Without a reason, whatever the report's rounding of times."""
    answer = asked(data)
    assert (answer.closed, answer.reasons) == (False, ())
    path = data / f"events_{DAY:%Y%m%d}.csv"
    at = path.stat().st_mtime_ns
    os.utime(path, ns=(at, at + 900_000))
    assert not asked(data).closed


def clean(data: Path) -> Path:
    """Return the path of the clean file."""
    return data / f"raw_clean/events_{DAY:%Y%m%d}_clean.csv"


def replace_folder(data: Path) -> None:
    """Put a file where a stage's folder was."""
    shutil.rmtree(data / "raw_clean")
    (data / "raw_clean").write_text("")


def lead_outside(data: Path) -> None:
    """Move a file, as it is, out of the directory, and leave a link."""
    moved = data.parent / "moved.csv"
    clean(data).rename(moved)
    clean(data).symlink_to(moved)


def touch(data: Path) -> None:
    """Change a file's time by 1.1 ms."""
    path = clean(data)
    at = path.stat().st_mtime_ns
    os.utime(path, ns=(at, at - 1_100_000))


def shorten(data: Path) -> None:
    """Take a byte off a file, and leave its time."""
    path = data / f"raw_rejects/events_{DAY:%Y%m%d}_bad.csv"
    at = path.stat()
    path.write_bytes(path.read_bytes()[:-1])
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))


def into_parts(data: Path) -> None:
    """Make the raw file a folder of parts that is being written."""
    path = data / f"events_{DAY:%Y%m%d}.csv"
    path.unlink()
    folder = data / f"events_{DAY:%Y%m%d}"
    (folder / "_temporary").mkdir(parents=True)
    (folder / "part-0.csv").write_text(content(DAY, 4))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: (data / f"events_{DAY:%Y%m%d}.csv").unlink(), "2025-03-07: the raw file is missing"),
        (lambda data: clean(data).unlink(), "2025-03-07: the clean file is missing"),
        (
            lambda data: (data / f"raw_rejects/events_{DAY:%Y%m%d}_bad.csv").unlink(),
            "2025-03-07: the rejects file is missing",
        ),
        (lambda data: shutil.rmtree(data / "raw_clean"), "2025-03-07: the clean file is missing"),
        (replace_folder, "2025-03-07: the folder of the clean file cannot be listed"),
        (
            lead_outside,
            "2025-03-07: the clean file cannot be read: a link to outside the data directory",
        ),
        (touch, "2025-03-07: the clean file has changed and has not been judged yet"),
        (shorten, "2025-03-07: the rejects file has changed and has not been judged yet"),
        (into_parts, "2025-03-07: the raw file is not complete: "),
    ],
)
def test_a_file_that_is_not_the_judged_one_closes_the_gate(
    data: Path, change: Callable[[Path], object], words: str
) -> None:
    """And is named; without asking for a day, files are not compared."""
    change(data)
    answer = asked(data)
    assert answer.closed
    assert answer.unjudged is not None
    assert answer.unjudged.startswith(words)
    assert not asked(data, None).closed


def test_a_link_to_outside_is_the_judged_file_where_links_are_followed(data: Path) -> None:
    """And where it was judged as unreadable: then only a change of the file matters."""
    lead_outside(data)
    folders = Folders(data.parent / OUT, lambda: Upstream(data, EVENTS, outside=True))
    assert not ask(folders, About(DAY)).closed
    known = stages(data)
    known["clean"]["error"] = "a link to outside"
    write(data.parent / OUT, report(data, stages=known))
    assert not asked(data).closed


def test_a_judged_day_without_its_marker_is_being_delivered_again(data: Path) -> None:
    """Upstream removes the marker before it writes; markers that are not configured do not matter."""
    folders = Folders(data.parent / OUT, lambda: Upstream(data, EVENTS, "done_%Y%m%d"))
    assert ask(folders, About(DAY)).unjudged == "2025-03-07: its completion marker does not exist"
    (data / f"done_{DAY:%Y%m%d}").touch()
    assert not ask(folders, About(DAY)).closed


def test_a_stage_that_was_absent_when_judged_may_still_be(data: Path) -> None:
    """Once it has arrived, it has not been judged."""
    known = stages(data)
    known["rejects"] = {"present": 0}
    write(data.parent / OUT, report(data, stages=known))
    rejects = data / f"raw_rejects/events_{DAY:%Y%m%d}_bad.csv"
    assert asked(data).unjudged == "2025-03-07: the rejects file is new and has not been judged yet"
    rejects.unlink()
    assert not asked(data).closed


def test_files_of_other_days_do_not_matter(data: Path) -> None:
    """One that is new may wait for its own judgement."""
    put(data, LATER, Stage.RAW, content(LATER, 4))
    assert not asked(data).closed


def test_a_directory_that_cannot_be_listed_is_an_error(data: Path) -> None:
    """Its line names the directory and the reason."""
    with pytest.raises(UserError, match=r"gone: no such file or directory$"):
        ask(Folders(data.parent / OUT, lambda: Upstream(data.parent / "gone", EVENTS)), About(DAY))


def test_a_day_is_not_open_where_nobody_knows_the_data_directory(data: Path) -> None:
    """Its files cannot be compared; questions about holds do not need them."""

    def unknown() -> Upstream:
        raise UserError("no data directory")

    folders = Folders(data.parent / OUT, unknown)
    with pytest.raises(UserError, match="no data directory"):
        ask(folders, About(DAY))
    assert not ask(folders, About()).closed
    assert not ask(folders, About(after=DAY)).closed


def test_an_output_folder_that_disappears_does_not_open_the_gate(data: Path) -> None:
    """While somebody waits, its disk may be unmounted: then nothing is known of any hold."""
    record(data.parent / OUT, HELD)
    assert asked(data, None).closed
    (data.parent / OUT).rename(data.parent / "unmounted")
    for day in (None, DAY):
        with pytest.raises(UserError, match="no report and no audit log; has the exporter run"):
            asked(data, day)


def test_a_day_that_the_report_does_not_know_is_closed(data: Path) -> None:
    """So is one whose raw file was missing when it was judged, and every day with a log but no report."""
    words = "2025-03-08 has not been judged yet"
    assert asked(data, LATER).unjudged == words
    known = stages(data)
    known["raw"]["present"] = False
    write(data.parent / OUT, report(data, stages=known))
    assert asked(data).unjudged == "2025-03-07 has not been judged yet"
    record(data.parent / OUT, Acknowledged(AT, LATER, ("c8",), "Ann", "looked"))
    (data.parent / OUT / REPORT).unlink()
    assert asked(data).unjudged == "2025-03-07 has not been judged yet"
    assert not asked(data, None).closed


BEFORE = "2025-03-06 is older than the judged days, which begin on 2025-03-07 (calendar.window_days); "


def test_a_day_before_the_judged_ones_needs_an_entry_of_its_own(data: Path) -> None:
    """An acknowledgement in force is one, or the end of a hold; nothing else is known of such a day."""
    put(data, EARLIER, Stage.RAW, content(EARLIER, 4))
    assert asked(data, EARLIER).unjudged == f"{BEFORE}run --as-of shows it"
    made = Acknowledged(AT, EARLIER, ("c6",), "Ann", "looked", until=AT + timedelta(hours=1))
    record(data.parent / OUT, made)
    assert asked(data, EARLIER).unjudged == f"{BEFORE}run --as-of shows it"
    record(data.parent / OUT, replace(made, until=None))
    assert not asked(data, EARLIER).closed
    (data.parent / OUT / AUDIT).unlink()
    held = Held(AT, EARLIER, "schema_mismatch", "c6", "critical", 1.0, 1.0)
    record(data.parent / OUT, held)
    assert asked(data, EARLIER).reasons == (held,)
    record(data.parent / OUT, Released(AT, EARLIER, ("c6",), "c5"))
    assert not asked(data, EARLIER).closed


def test_a_day_before_the_judged_ones_is_closed_if_a_file_is_newer_than_its_entries(data: Path) -> None:
    """Nobody has judged or acknowledged that content; without a raw file there is nothing to load."""
    record(data.parent / OUT, Acknowledged(AT, EARLIER, ("c6",), "Ann", "looked"))
    assert asked(data, EARLIER).unjudged == f"{BEFORE}its raw file is missing"
    put(data, EARLIER, Stage.RAW, content(EARLIER, 4))
    path = put(data, EARLIER, Stage.CLEAN, content(EARLIER, 4))
    assert not asked(data, EARLIER).closed
    os.utime(path, (AT.timestamp() + 1,) * 2)
    words = f"{BEFORE}its clean file is newer than the audit log's last entry about it"
    assert asked(data, EARLIER).unjudged == words


def test_a_hold_on_record_closes_its_day_and_all_questions_that_include_it(data: Path) -> None:
    """Asked about one day, about all, or about those from a day on."""
    output = data.parent / OUT
    record(output, HELD)
    assert asked(data).reasons == (HELD,)
    assert asked(data, None).reasons == (HELD,)
    assert asked(data, None, DAY).closed
    assert not asked(data, None, LATER).closed
    assert asked(data, LATER).status.holds == ()


def test_a_hold_says_whether_its_files_were_repaired(data: Path) -> None:
    """As the report knows it, of exactly that day, check and content."""
    output = data.parent / OUT
    record(output, HELD)
    for said, repaired in (
        ([hold(repaired=True)], frozenset({HELD.key})),
        ([hold()], frozenset()),
        ([hold(repaired=True, content="other")], frozenset()),
        ([], frozenset()),
    ):
        write(output, report(data) | {"gate": {"holds": said}})
        assert asked(data).status.repaired == repaired


def test_a_log_that_has_lost_a_hold_keeps_every_day_closed(data: Path) -> None:
    """The report still lists it; an acknowledged hold is on record, and so is not lost."""
    output = data.parent / OUT
    other = hold(partition="2025-03-06", reason="zero_revenue")
    write(output, report(data) | {"gate": {"holds": [hold(), other]}})
    words = (
        "gate_audit.jsonl has lost schema_mismatch of 2025-03-07, zero_revenue of 2025-03-06, "
        "which the report lists"
    )
    assert asked(data).reasons == (words,)
    assert asked(data, None).unjudged == words
    write(output, report(data) | {"gate": {"holds": [hold()]}})
    record(output, HELD, Acknowledged(AT, DAY, ("c7",), "Ann", "looked"))
    assert not asked(data).closed
    write(output, report(data) | {"gate": {"holds": [hold(content="later")]}})
    assert (
        asked(data).unjudged
        == "gate_audit.jsonl has lost schema_mismatch of 2025-03-07, which the report lists"
    )


def test_a_log_or_a_flag_that_says_that_nothing_is_known_keeps_it_closed(data: Path) -> None:
    """The damage to the log comes first."""
    output = data.parent / OUT
    (output / FLAG).write_text('{"closed": true, "blind": "state.db: malformed"}')
    assert asked(data).unjudged == asked(data, None).unjudged == "state.db: malformed"
    (output / FLAG).write_text("")
    words = "GATE_CLOSED cannot be read; the next pass writes it again"
    assert asked(data).unjudged == asked(data, None).unjudged == words
    (output / AUDIT).write_text("{}\n")
    assert asked(data).unjudged == (
        "gate_audit.jsonl: line 1 cannot be read, so the holds are unknown; restore or remove them"
    )


def test_a_report_that_says_that_nothing_is_known_keeps_it_closed(data: Path) -> None:
    """Somebody may have removed the flag."""
    blind = {"holds": [], "blind": "state.db: malformed"}
    write(data.parent / OUT, report(data) | {"gate": blind})
    assert asked(data).unjudged == asked(data, None).unjudged == "state.db: malformed"
    write(data.parent / OUT, report(data) | {"gate": blind | {"blind": None}})
    assert not asked(data).closed


BLOCKED: list[tuple[dict[str, object], list[Entry], tuple[str, ...]]] = [
    (alert(), [], ("schema_mismatch",)),
    (alert(state="past"), [], ("schema_mismatch",)),
    (alert(blocking=False), [], ()),
    (alert(state="acknowledged"), [], ("schema_mismatch",)),  # the log does not know of it
    (alert(state="acknowledged"), [LAPSED], ("schema_mismatch",)),
    (alert(state="acknowledged"), [Acknowledged(AT, DAY, ("c7",), "Ann", "looked")], ()),
    (alert(), [HELD], ()),  # it is among the holds
    (alert(), [Held(AT, EARLIER, "schema_mismatch", "c6", "critical", 1.0, 1.0)], ("schema_mismatch",)),
    (alert(), [Acknowledged(AT, DAY, ("c7",), "Ann", "looked", ("schema_mismatch",))], ()),
    (alert(), [Acknowledged(AT, DAY, ("old",), "Ann", "looked")], ("schema_mismatch",)),
    (alert(), [Acknowledged(AT, DAY, ("c7",), "Ann", "looked", ("reject_ratio",))], ("schema_mismatch",)),
]


@pytest.mark.parametrize(("breach", "entries", "blocked"), BLOCKED)
def test_a_blocking_check_closes_the_day_before_it_is_on_record(
    data: Path, breach: dict[str, object], entries: list[Entry], blocked: tuple[str, ...]
) -> None:
    """Unless it does not block, or somebody has acknowledged it for this content."""
    output = data.parent / OUT
    write(output, report(data, alerts=[breach]))
    record(output, *entries)
    answer = asked(data)
    assert answer.blocked == blocked
    assert answer.closed is (bool(blocked) or HELD in entries)


def test_what_follows_from_an_acknowledged_check_is_covered_as_long_as_that_is(data: Path) -> None:
    """As the report says; not what only has the same cause by name, and not after it has expired."""
    output = data.parent / OUT
    cause = alert(check="column_missing", blocking=False, state="acknowledged", explains=["schema_mismatch"])
    for state, until, blocked in (
        ("acknowledged", None, ()),
        ("firing", None, ("schema_mismatch",)),
        ("acknowledged", AT + timedelta(hours=1), ("schema_mismatch",)),
    ):
        (output / AUDIT).unlink(missing_ok=True)
        write(output, report(data, alerts=[cause, alert(state=state)]))
        record(output, Acknowledged(AT, DAY, ("c7",), "Ann", "looked", ("column_missing",), until))
        assert asked(data).blocked == blocked


@pytest.mark.parametrize(
    ("changes", "blocked"),
    [
        ({}, ()),
        ({"subject": "client_id"}, ("schema_mismatch",)),
        ({"severity": "warning"}, ("schema_mismatch",)),
        ({"until": AT}, ("schema_mismatch",)),
        ({"after": DAY}, ("schema_mismatch",)),
        ({"sides": (("schema_mismatch", "above"),)}, ()),
        ({"sides": (("schema_mismatch", "below"),)}, ("schema_mismatch",)),
    ],
)
def test_a_standing_answer_lets_its_problem_through(
    data: Path, changes: dict[str, Any], blocked: tuple[str, ...]
) -> None:
    """With every check that the problem explains; not another problem, and none that is worse."""
    output = data.parent / OUT
    problem = {
        "cause": "column_missing",
        "subject": "referrer",
        "severity": "critical",
        "explains": ["schema_mismatch"],
        "sides": {"schema_mismatch": "above"},
    }
    write(output, report(data, alerts=[alert()], problems=[problem]))
    fields = {
        "at": AT,
        "incident": "aaaa000001",
        "cause": "column_missing",
        "subject": "referrer",
        "severity": "critical",
        "after": EARLIER,
        "until": datetime.now(UTC) + timedelta(days=1),
        "by": "Ann",
        "reason": "known",
    }
    record(output, StandingAcknowledgement(**{**fields, **changes}))
    assert asked(data).blocked == blocked


def test_one_day_or_the_days_from_one_on() -> None:
    """Both at once are refused; with neither, all days count."""
    with pytest.raises(UserError, match="--partition and --after are mutually exclusive"):
        About.read("2025-03-07", "2025-03-06")
    with pytest.raises(UserError, match="is not a date"):
        About.read("yesterday", None)
    days = (EARLIER, DAY, LATER)
    for about, covered in (
        (About.read("2025-03-07", None), [False, True, False]),
        (About.read(None, "2025-03-07"), [False, True, True]),
        (About.read(None, None), [True, True, True]),
    ):
        assert [about.covers(day) for day in days] == covered


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "not a report"),
        ("{", "unexpected end"),
        ('{"partitions": []}', "not a report"),
        ('{"partitions": {"2025-03-07": []}}', "not a report"),
        ('{"partitions": {"2025-03-07": {}}}', "not a report"),
        ('{"incidents": {}}', "not a report"),
        ('{"gate": []}', "not a report"),
        ('{"gate": {"holds": {}}}', "not a report"),
    ],
)
def test_what_is_no_report_is_an_error_that_names_the_file(tmp_path: Path, text: str, words: str) -> None:
    """Half a report says nothing of the gate."""
    (tmp_path / REPORT).write_text(text)
    with pytest.raises(UserError, match=f"{REPORT}: .*{words}"):
        read_report(tmp_path)


@pytest.mark.parametrize("text", ["{}", '{"partitions": {"2025-03-07": {"alerts": []}}}', '{"gate": {}}'])
def test_a_report_of_an_earlier_version_may_know_less(tmp_path: Path, text: str) -> None:
    """What it lacks is empty, as it is where there is no report."""
    (tmp_path / REPORT).write_text(text)
    assert read_report(tmp_path) == json.loads(text)
    assert read_report(tmp_path / "none") == {}
    assert alerts_of({}, DAY) == alerts_of({"partitions": {}}, DAY) == []


def test_what_cannot_be_opened_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    """The report and the log alike."""
    (tmp_path / REPORT).mkdir()
    (tmp_path / AUDIT).mkdir()
    with pytest.raises(UserError, match=f"{REPORT}: is a directory$"):
        read_report(tmp_path)
    with pytest.raises(UserError, match=f"{AUDIT}: is a directory$"):
        read_book(tmp_path)


def test_contents_and_alerts_are_those_of_the_report(data: Path) -> None:
    """By day."""
    known = report(data, alerts=[alert()])
    assert contents_of(known) == {DAY: "c7"}
    assert contents_of({}) == {}
    for older in ({"alerts": []}, {"alerts": [], "content": None}):
        assert contents_of({"partitions": {str(DAY): older}}) == {}
    assert alerts_of(known, DAY) == [alert()]
    assert alerts_of(known, LATER) == []
