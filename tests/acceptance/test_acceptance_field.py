"""What breaks in practice is judged as a user would expect, by both the report and Prometheus."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from field_cases import CASES, NEAR_MISSES, near_miss
from field_days import AS_OF, CLEAN, DAY, RAW, Case, Files, day, put, rows, text
from prometheus_client.parser import text_string_to_metric_families
from promtool import RuleTest, check_rules, series

from exporter.cli import main


class Told(NamedTuple):
    """The result of one pass over a directory."""

    report: dict[str, Any]
    printed: str
    page: dict[str, float]

    @property
    def fires(self) -> dict[str, str]:
        """The checks that fire, with their severity."""
        return {
            alert["check"]: alert["severity"] for alert in self.report["alerts"] if alert["state"] == "firing"
        }

    @property
    def raw(self) -> dict[str, Any]:
        """The figures of the raw stage."""
        stage: dict[str, Any] = self.report["partitions"][DAY]["stages"]["raw"]
        return stage


def tell(folder: Path, capsys: pytest.CaptureFixture[str], as_of: str = AS_OF) -> Told:
    """Make a pass over ``folder/data`` and read its output."""
    places = ["--data.dir", str(folder / "data"), "--output.dir", str(folder / "out"), "--as-of", as_of]
    capsys.readouterr()
    assert main(["run", *places]) == 0
    printed = capsys.readouterr().out
    assert main(["metrics", *places]) == 0
    page = {
        series(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(capsys.readouterr().out)
        for sample in family.samples
        if sample.name.startswith("puffy_")
    }
    report = json.loads((folder / "out" / "monitoring_report.json").read_text())
    return Told(report, printed, page)


@pytest.fixture
def told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[Files], Told]:
    """Provide the result of a pass over some files."""

    def tell_of(files: Files) -> Told:
        put(tmp_path / "data", files)
        return tell(tmp_path, capsys)

    return tell_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_says_what_a_user_would_expect(case: Case, told_of: Callable[[Files], Told]) -> None:
    """The firing checks, the gate, the figures and the cause's text are as expected."""
    told = told_of(case.files)
    expected = dict(case.fires)
    if case.among_others:
        assert expected.items() <= told.fires.items()
    else:
        assert told.fires == expected
    assert case.closed in (None, told.report["gate"]["closed"])
    said = told.printed + json.dumps(told.report, ensure_ascii=False)
    assert [words for words in case.words if words not in said] == []
    assert {name: told.raw.get(name) for name in case.figures} == case.figures
    assert [name for name in case.absent if name in told.raw] == []


@pytest.mark.server
def test_prometheus_says_the_same(promtool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every case has the same alerts with the same severity."""
    tests = []
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        put(folder / "data", case.files)
        told = tell(folder, capsys)
        test = RuleTest([(10, told.page)])
        test.expect(
            8,
            'count by (check, severity) (ALERTS{alertstate="firing",check!=""})',
            {f'{{check="{check}", severity="{severity}"}}': 1.0 for check, severity in told.fires.items()},
        )
        tests.append(test)
    assert check_rules(promtool, tmp_path, tests) == ""


@pytest.mark.parametrize("name", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_a_missing_day_names_the_file_that_lies_beside_it(
    name: str, told_of: Callable[[Files], Told]
) -> None:
    """It exists under a name that no pattern matches."""
    told = told_of(near_miss(name))
    assert told.fires["partition_missing"] == "critical"
    assert name in " ".join(told.printed.split())
    assert name in json.dumps(told.report)
    assert [series for series in told.page if "unmatched" in series]


@pytest.mark.parametrize("files", [{}, {"events_20250301.csv.7z": b"7z"}], ids=["empty", "only a .csv.7z"])
def test_nothing_to_see_is_not_all_is_well(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Having no partition at all is critical, closes the gate and is reported; the exit code is 0."""
    (tmp_path / "data").mkdir()
    put(tmp_path / "data", files)
    places = ["--data.dir", str(tmp_path / "data"), "--output.dir", str(tmp_path / "out")]
    assert main(["run", *places]) == 0
    printed = capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "monitoring_report.json").read_text())
    assert report["status"] == "critical"
    assert report["gate"]["closed"]
    assert "OK - No alerts" not in (tmp_path / "out" / "monitoring_alerts.txt").read_text()
    assert "nothing to judge" in printed
    assert all(name in " ".join(printed.split()) for name in files)


def test_a_day_that_is_still_growing_raises_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is appended to until it is due."""
    lines = text(rows()).splitlines(keepends=True)
    for hour in (2, 4, 6, 20):
        part = "".join(lines[: 1 + len(lines) * hour // 24]).encode()
        moment = 1740787200 + hour * 3600 - 60
        put(tmp_path / "data", {RAW: part}, moment)
        told = tell(tmp_path, capsys, f"2025-03-01T{hour:02}:00:00Z")
        assert told.fires == {}
        assert not told.report["gate"]["closed"]


def test_an_export_that_is_rerun_by_redirect_pages_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is truncated while the query runs; then the same bytes are back."""
    whole = day(rows())
    put(tmp_path / "data", whole)
    assert tell(tmp_path, capsys).fires == {}
    put(tmp_path / "data", {RAW: b""}, 1740904200)
    meanwhile = tell(tmp_path, capsys, "2025-03-02T08:32:00Z")
    assert (meanwhile.fires, meanwhile.report["gate"]["closed"]) == ({}, False)
    put(tmp_path / "data", whole, 1740904500)
    again = tell(tmp_path, capsys, "2025-03-02T08:40:00Z")
    assert (again.fires, again.report["gate"]["closed"]) == ({}, False)


def test_a_hold_ends_when_the_very_content_is_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day that stays bad after the grace period is held; restoring content judged good ends that."""
    whole = day(rows())
    put(tmp_path / "data", whole)
    assert tell(tmp_path, capsys).fires == {}
    put(tmp_path / "data", {RAW: RAW_WITHOUT_REFERRER}, 1740904200)
    assert not tell(tmp_path, capsys, "2025-03-02T12:00:00Z").report["gate"]["closed"]
    assert tell(tmp_path, capsys, "2025-03-02T12:15:00Z").report["gate"]["closed"]
    put(tmp_path / "data", {RAW: whole[RAW], CLEAN: whole[CLEAN]}, 1740920000)
    assert not tell(tmp_path, capsys, "2025-03-02T14:00:00Z").report["gate"]["closed"]


RAW_WITHOUT_REFERRER = text(rows(), columns=tuple(name for name in rows()[0] if name != "referrer")).encode()


# Folder next to the project -> checks that must be among the firing ones, and required texts.
SHARED: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "00-control": (set(), ()),
    "01-revenue-thousands-separator": ({"invalid_revenue"}, ("2 of 4 orders (50%)",)),
    "03-timestamps-bigquery-half": (set(), ()),  # readable by now: nothing to report
    "05-three-orders-malformed": ({"malformed_orders"}, ("75%",)),
    "06-trailing-comma-every-row": ({"malformed_rows"}, ("28 of 28 rows (100%)",)),
    "08-event-renamed-purchase": ({"event_appeared"}, ("purchase",)),
    "10-header-in-the-middle": (set(), ("line 16",)),
    "15-only-csv-gz": (set(), ()),
    "16a-semicolon": ({"partition_unreadable"}, ("semicolons",)),
    "16c-gzip-named-csv": ({"partition_unreadable"}, ("gzip-compressed",)),
    "17-nan-in-json": ({"checkout_unparseable"}, ()),
    "18-dq-summary-floats": (set(), ()),
    "19-clean-rows-malformed": ({"malformed_rows"}, ()),
    "23-name-near-miss": ({"partition_missing"}, ("events_2025-03-01.csv",)),
}
QUIET = {"00-control", "03-timestamps-bigquery-half", "10-header-in-the-middle", "18-dq-summary-floats"}


@pytest.mark.parametrize("name", SHARED)
def test_the_shared_cases_are_judged_as_their_readme_expects(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If they are next to the project; all kinds are covered above."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "field-cases" / name
    if not folder.is_dir():
        pytest.skip("the shared cases are not on this machine")
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README"
    }
    put(tmp_path / "data", files)
    told = tell(tmp_path, capsys)
    checks, words = SHARED[name]
    assert checks <= told.fires.keys()
    assert name not in QUIET or told.fires == {}
    said = " ".join((told.printed + json.dumps(told.report)).split())
    assert [word for word in words if word not in said] == []
    assert told.report["blind"] is None
