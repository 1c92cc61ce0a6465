"""`explain`, as a person at night uses it: from a partition to the rows that were refused."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import call
from written import content, event, put, write_day

from exporter.model import Stage

LAST = date(2025, 3, 10)
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide ten days: the last lacks a column, the one three days before too, and one lacks its files."""
    folder = tmp_path_factory.mktemp("explain")
    for back in range(10):
        write_day(folder, LAST - timedelta(days=back), without=("referrer",) if back in {0, 3} else ())
    for stage in Stage:
        put(folder, date(2025, 3, 8), stage, "").unlink()
    return folder


def explain(data: Path, *arguments: str) -> str:
    """Return what is printed, without a terminal."""
    done = call("explain", *arguments, "--data.dir", data, *AS_OF)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def told(data: Path, *arguments: str) -> dict[str, Any]:
    """Return the same as JSON."""
    document: dict[str, Any] = json.loads(explain(data, *arguments, "--json"))
    return document


def test_it_names_what_is_wrong_with_figure_limit_and_next_steps(data: Path) -> None:
    """Worst first, each with its runbook."""
    text = explain(data, "2025-03-10")
    assert "\x1b" not in text
    assert "lacks referrer" in text
    assert "reject_ratio is 100%, above 50% (critical)" in text
    assert "runbook http://localhost:10110/runbooks/checks#schema_mismatch" in text
    assert text.index("CRITICAL") < text.index("WARNING")
    states = {check["check"]: check["state"] for check in told(data, "2025-03-10")["checks"]}
    assert states["schema_mismatch"] == "firing"


def test_a_trend_shows_its_members_and_why_others_are_left_out(data: Path) -> None:
    """With their values, the days without a file simply absent."""
    check = told(data, "2025-03-10", "anomaly_clean_revenue")["checks"][0]
    members = {member["lag"]: member for member in check["trend"]["members"]}
    assert list(members) == [0, 1, 3, 4, 5, 6, 7]
    assert members[3] == {
        "partition": "2025-03-07",
        "lag": 3,
        "value": 0.0,
        "serves": False,
        "excluded": "schema mismatch",
    }
    assert members[1]["serves"] is True
    assert members[1]["value"] == 100
    assert check["trend"]["figures"]["baseline_count"] == 5
    assert "2025-03-07         0.0000  left out: schema mismatch" in explain(
        data, "2025-03-10", check["alert"]
    )


def test_an_armed_trend_shows_what_its_detector_expects(tmp_path: Path) -> None:
    """Compared with the same weekday of four weeks; the other days are in the JSON."""
    for back in range(35):
        write_day(tmp_path, LAST - timedelta(days=back), 60 if back == 0 else 200 + back % 7)
    text = explain(tmp_path, str(LAST), "anomaly_events")
    assert "events is 60, outside " in text
    assert "the past suggests for this weekday 200, -70.0% off and -" in text
    weeks = [LAST - timedelta(days=7 * week) for week in range(1, 5)]
    assert [day for day in weeks if f"{day}       200.0000  baseline" in text] == weeks
    assert str(LAST - timedelta(days=1)) not in text
    trend = told(tmp_path, str(LAST), "anomaly_events")["checks"][0]["trend"]
    assert (trend["judged_by"], trend["detector"]["readiness"]) == ("weekday", "armed")
    low, high = trend["band"]
    assert 60 < low < 200 < high
    assert [member["lag"] for member in trend["members"]] == list(range(35))
    quiet = explain(tmp_path, str(LAST - timedelta(days=1)), "anomaly_events")
    assert "events is 201, within " in quiet


def test_reject_reasons_come_with_counts_and_rows(data: Path) -> None:
    """As many rows as asked for, masked unless asked otherwise."""
    document = told(data, "2025-03-10", "--rows", "2")
    assert document["reject_reasons"] == [{"reason": "missing_client_id", "rows": 100, "share": 1.0}]
    evidence = document["evidence"]
    assert (evidence["check"], evidence["stage"]) == ("reject_ratio", "rejects")
    assert [known["line"] for known in evidence["rows"]] == [2, 3]
    assert evidence["rows"][0]["row"]["client_id"] == "[masked, 8 characters]"
    (bare,) = told(data, "2025-03-10", "--rows", "1", "--unmask")["evidence"]["rows"]
    assert bare["row"]["client_id"] == "client-0"
    assert told(data, "2025-03-10", "--rows", "0")["evidence"] is None


def test_a_fine_partition_says_why_it_is_fine(data: Path) -> None:
    """Each check with its figure and its limit."""
    document = told(data, "2025-03-09")
    assert (document["status"], document["checks"]) == ("ok", [])
    assert document["fine"]["reject_ratio"] == (
        "reject_ratio is 4%: not above 5% (warning) or 50% (critical)"
    )
    assert "within" in document["fine"]["anomaly_events"]
    text = explain(data, "2025-03-09")
    assert "Nothing is wrong with this partition" in text
    assert "silence: longest_silence_seconds (stage raw) is 14 min: not above 2 h (warning)" in text


def test_a_fine_check_of_a_bad_partition_says_why_it_is_fine(data: Path) -> None:
    """The others are not spoken of."""
    document = told(data, "2025-03-10", "silence")
    assert [check["check"] for check in document["checks"]] == ["silence"]
    assert document["checks"][0]["state"] == "silent"
    assert document["fine"] == {}


def test_a_missing_partition_is_explained_too(data: Path) -> None:
    """It is the one that most often wakes somebody."""
    text = explain(data, "2025-03-08")
    assert "raw      missing (due 2025-03-09T06:00:00Z)" in text
    assert "partition_missing" in text


def test_each_combination_of_reasons_is_seen_before_any_twice(data: Path) -> None:
    """A rare reason is not buried under a common one."""
    day = date(2025, 3, 9)
    header, *rows = content(day, 30, Stage.REJECTS).split("\n")
    rows[-2] = rows[-2].replace("missing_client_id", "rare:detail")
    put(data, day, Stage.REJECTS, "\n".join([header, *rows]))
    rows = told(data, "2025-03-09", "--rows", "3")["evidence"]["rows"]
    reasons = [known["row"]["dq_reason"] for known in rows]
    assert reasons == ["missing_client_id", "rare:detail", "missing_client_id"]
    assert event(day, 0, 1)["client_id"] not in json.dumps(told(data, "2025-03-09"))
    write_day(data, day)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2025-01-01",), ("2025-01-01", "2025-03-01 to 2025-03-10")),
        (("yesterday",), ("'yesterday'",)),
        (("2025-03-10", "reject_ration"), ("reject_ration", "did you mean reject_ratio?")),
        (("2025-03-10", "zzz"), ("there is no check 'zzz'",)),
    ],
)
def test_what_is_not_there_is_one_clear_line(
    data: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """With what there is instead."""
    done = call("explain", *arguments, "--data.dir", data, *AS_OF)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert all(word in line for word in words)


def test_a_cause_comes_before_the_checks_that_it_explains(data: Path) -> None:
    """With its sentence, evidence and next step; an unexplained check is listed separately, at the end."""
    text = explain(data, "2025-03-10", "--rows", "0")
    document = told(data, "2025-03-10", "--rows", "0")
    cause, *others = document["problems"]
    assert (cause["cause"], cause["subject"], cause["evidence"]["missing"]) == (
        "column_missing",
        "referrer",
        "referrer",
    )
    assert text.count("CRITICAL column_missing of referrer: ") == 1
    for part in (cause["seen"], "evidence: rows ", f"next: {cause['next_step']}"):
        assert part in text
    names = [check["check"] for check in document["checks"]]
    places = {name: text.index(f" {name} (Puffy") for name in names}
    assert text.index("column_missing") < min(places.values())
    lone = set(names) - set(cause["explains"])
    assert {name for problem in others for name in problem["explains"]} == lone
    assert max(places[name] for name in cause["explains"]) < min(
        (places[name] for name in lone), default=len(text)
    )
    assert sorted(places) == sorted(names)


def test_asked_about_one_check_only_its_problem_is_told(data: Path) -> None:
    """None for a check that is fine, nor for a day that is."""
    assert [one["cause"] for one in told(data, "2025-03-10", "referrer_null")["problems"]] == [
        "column_missing"
    ]
    assert told(data, "2025-03-10", "no_orders")["problems"] == []
    assert "column_missing" not in explain(data, "2025-03-10", "no_orders")


@pytest.mark.parametrize("allowed", [False, True])
def test_lines_behind_a_link_to_outside_are_printed_only_if_it_is_followed(
    tmp_path: Path, *, allowed: bool
) -> None:
    """Otherwise `explain --unmask` would print any file that the exporter may read and a writer may name."""
    data = tmp_path / "data"
    write_day(data, LAST)
    (tmp_path / "secret").write_text(content(LAST, 100) + "\nthe secret")
    put(data, LAST, Stage.RAW, "").unlink()
    (data / "events_20250310.csv").symlink_to(tmp_path / "secret")
    config = tmp_path / "puffy.yaml"
    config.write_text(f"data:\n  follow_links_outside: {str(allowed).lower()}\n")
    text = explain(data, str(LAST), "malformed_rows", "--unmask", "--config.file", str(config))
    assert ("the secret" in text) is allowed


def test_lines_of_a_file_that_could_not_be_profiled_are_not_printed(tmp_path: Path) -> None:
    """It is refused as a whole, here for lacking every column."""
    write_day(tmp_path, LAST)
    put(tmp_path, LAST, Stage.RAW, "\0\1 no, table\nthe secret, and, more")
    assert "the secret" not in explain(tmp_path, str(LAST), "malformed_rows", "--unmask")


def test_a_bad_day_that_is_acknowledged_has_the_status_of_the_report(data: Path, tmp_path: Path) -> None:
    """Its checks are still listed, as acknowledged."""
    data = Path(shutil.copytree(data, tmp_path / "data"))

    def statuses() -> tuple[str, str]:
        assert call("run", "--data.dir", data, *AS_OF, "--write").returncode == 0
        report = json.loads((data / "monitoring" / "monitoring_report.json").read_text())
        return report["partitions"]["2025-03-10"]["status"], told(data, "2025-03-10")["status"]

    assert statuses() == ("critical", "critical")
    ack = ("2025-03-10", "--by", "Ann", "--reason", "known", "--data.dir", data)
    assert call("gate", "ack", *ack).returncode == 0
    assert statuses() == ("ok", "ok")
    assert {check["state"] for check in told(data, "2025-03-10")["checks"]} == {"acknowledged"}
