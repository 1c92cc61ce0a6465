"""The report: its shape, its words, and that it is strict JSON."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from feeds import RULES
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from made import CALENDAR, DAY, facts, profile, stage_facts

from exporter.links import Links
from exporter.model import DqClaim, Stage
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.document import alerts_document, number, overview, partition_document, report_heading
from exporter.report.render import ReportRenderer, encode, join_objects

SCHEMA = json.loads(files("exporter.report").joinpath("schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
RUNBOOKS = "https://runbooks.example/puffy"
LINKS = Links(runbooks=RUNBOOKS)


def snapshot(*last: Any, days: int = 8) -> Snapshot:
    """Return healthy days followed by those given."""
    known = [facts(DAY + timedelta(days=number), dq=DqClaim(1000, 960, 40)) for number in range(days)]
    known += [replace(day, day=CALENDAR.day(DAY + timedelta(days=days + at))) for at, day in enumerate(last)]
    now = CALENDAR.due_ns(known[-1].partition) + 1
    return Assembler(RULES).assemble(known[:1], known[1:], as_of_ns=now, generated_ns=now)


def report_document(shot: Snapshot, vitals: Vitals, links: Links) -> dict[str, Any]:
    """Return the whole report."""
    body = ReportRenderer(links).render(shot)
    return strict(join_objects(encode(report_heading(shot, vitals)), body))  # type: ignore[no-any-return]


def strict(text: bytes) -> Any:
    """Parse JSON that has no NaN and no infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def unreadable() -> Any:
    """Return a partition whose raw file cannot be read."""
    known = facts()
    return replace(known, stages={**known.stages, Stage.RAW: stage_facts(None, error="permission denied")})


EMPTY: dict[str, Any] = {"rows": 0, "events": {}, "checkouts": 0, "revenue": 0.0, "first_event_ns": None}


@pytest.mark.parametrize(
    "last",
    [
        facts(),
        facts(without=tuple(Stage)),
        facts(raw=profile(**EMPTY), clean=profile(Stage.CLEAN, **EMPTY)),
        facts(raw=profile(columns=("timestamp",))),
        facts(raw=profile(revenue=1.7e308)),
        unreadable(),
    ],
    ids=["healthy", "missing", "empty", "mismatched", "huge", "unreadable"],
)
def test_the_report_is_strict_json_of_the_published_shape(last: Any) -> None:
    """Whatever happened to the newest partition."""
    document = report_document(snapshot(last), Vitals(problems=("odd",)), LINKS)
    VALIDATOR.validate(strict(encode(document)))


def test_the_bytes_are_those_of_the_whole_document() -> None:
    """Putting cached partitions together is only faster, never different."""
    renderer = ReportRenderer(LINKS)
    for shot in (snapshot(), snapshot(facts(without=tuple(Stage))), snapshot(days=3), snapshot(unreadable())):
        partitions = {str(view.partition): partition_document(shot.feed, view, LINKS) for view in shot.window}
        whole = encode(overview(shot, LINKS) | {"partitions": partitions})
        assert renderer.render(shot) == whole


def test_the_report_of_an_empty_directory_has_no_partitions() -> None:
    """And is of the published shape all the same."""
    empty = Assembler(RULES).assemble([], [], as_of_ns=0, generated_ns=0)
    VALIDATOR.validate(report_document(empty, Vitals(), LINKS))


def test_the_schema_refuses_what_is_not_the_report() -> None:
    """A schema that lets everything pass proves nothing."""
    good = strict(encode(report_document(snapshot(), Vitals(), LINKS)))
    day = DAY + timedelta(days=3)
    for spoil in (
        lambda report: report.pop("as_of"),
        lambda report: report.update(status="fine"),
        lambda report: report.update(surprise=1),
        lambda report: report["partitions"].update({"yesterday": {}}),
        lambda report: report["partitions"][str(day)]["stages"]["raw"].update(rows="100"),
        lambda report: report["partitions"][str(day)]["stages"]["raw"].update(raws=100),
        lambda report: report["partitions"][str(day)]["trend"].update(sales={}),
    ):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        with pytest.raises(ValidationError):
            VALIDATOR.validate(bad)


def test_figures_stand_under_their_stage_and_short_name() -> None:
    """Scalars as numbers, labelled ones as mappings."""
    document = report_document(snapshot(), Vitals(), LINKS)
    partition = document["partitions"][str(DAY + timedelta(days=7))]
    assert partition["stages"]["raw"]["rows"] == 1000
    assert partition["stages"]["raw"]["missing_rows"] == {"client_id": 0, "timestamp": 0, "event_name": 0}
    assert partition["reconciliation"]["dq_rows"] == {"raw": 1000, "clean": 960, "rejects": 40}
    assert partition["reconciliation"]["reject_ratio"] == 0.04
    assert partition["calendar"]["alertable"] == 1
    assert partition["trend"]["events"]["baseline_count"] == 7
    assert partition["status"] == document["status"] == "ok"


def test_lead_in_partitions_are_not_reported() -> None:
    """They only lend their values."""
    document = report_document(snapshot(), Vitals(), LINKS)
    assert str(DAY) not in document["partitions"]
    assert document["summary"]["first_partition"] == str(DAY + timedelta(days=1))


def test_an_alert_says_everything_that_a_person_needs() -> None:
    """And the list of firing ones is the same as in the partitions."""
    shot = snapshot(facts(raw=profile(longest_silence_seconds=9000)))
    document = report_document(shot, Vitals(), LINKS)
    (alert,) = document["alerts"]
    assert alert == document["partitions"][alert["partition"]]["alerts"][0]
    assert alerts_document(shot, LINKS)["alerts"] == [alert]
    assert {key: alert[key] for key in ("alert", "check", "severity", "kind", "state", "value", "limit")} == {
        "alert": "PuffySilence",
        "check": "silence",
        "severity": "warning",
        "kind": "threshold",
        "state": "firing",
        "value": 9000,
        "limit": 7200,
    }
    assert alert["runbook_url"] == "https://runbooks.example/puffy#silence"
    assert alert["page_url"] == f"{LINKS.exporter}/feeds/events/partitions/{alert['partition']}"
    assert alert["resolution"]
    assert (document["status"], document["summary"]["firing"]) == ("warning", {"warning": 1, "critical": 0})


def test_an_excluded_day_is_named_with_its_reason() -> None:
    """In the baseline of the days after it."""
    shot = snapshot(facts(raw=profile(columns=("timestamp",))), facts())
    document = report_document(shot, Vitals(), LINKS)
    last = document["partitions"][document["summary"]["last_partition"]]
    assert last["baseline"]["excluded"] == {str(DAY + timedelta(days=8)): "schema mismatch"}
    assert len(last["baseline"]["members"]) == 6


def test_why_a_file_cannot_be_read_stands_at_its_stage() -> None:
    """The step that the alert's resolution names."""
    document = report_document(snapshot(unreadable()), Vitals(), LINKS)
    last = document["partitions"][document["summary"]["last_partition"]]
    assert last["stages"]["raw"]["error"] == "permission denied"


@pytest.mark.parametrize(
    ("value", "written"),
    [(3.0, "3"), (0.5, "0.5"), (-0.0, "0"), (1e300, "1e+300"), (2.0**53, "9007199254740992.0")],
)
def test_counts_are_written_as_integers(value: float, written: str) -> None:
    """A reader expects 4070 rows, not 4070.0."""
    assert encode({"n": number(value)}).decode() == f'{{\n  "n": {written}\n}}\n'


def test_a_count_may_be_of_any_kind() -> None:
    """Whole numbers are written as such, whether they were counted or computed."""
    assert [number(3), number(3.0), number(0.5)] == [3, 3, 0.5]
    assert isinstance(number(3.0), int)
