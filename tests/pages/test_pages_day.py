"""A day's page says whether it can be trusted, why not, and everything known about it."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from days import look_at, show
from feeds import EVENTS
from jsonschema import Draft202012Validator
from many import contract, write_rows
from running import Exporter
from written import content, put, write_day

from exporter.contract.load import parse_feed
from exporter.figures.table import METRICS
from exporter.gate.entry import Held
from exporter.gate.gate import Status
from exporter.links import Links
from exporter.model import Stage
from exporter.pages import day, day_explained
from exporter.pages.day_explained import explained, find_day, text_of
from exporter.pages.day_figures import ELSEWHERE, SECTIONS, measure, size
from exporter.pages.site import NotFoundError, Site
from exporter.report.document import partition_document
from exporter.report.schema import report_schema
from exporter.triage.explain import explain

FIRST, BAD, MISSING, FINE = date(2025, 3, 1), date(2025, 3, 6), date(2025, 3, 7), date(2025, 3, 8)
EVIL = "<img src=x onerror=alert(1)>"


def text_within(page: str) -> str:
    """Return a page's text."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Provide ten days: one lacks a column, one is missing."""
    data = tmp_path_factory.mktemp("data")
    for number in range(10):
        known = FIRST + timedelta(days=number)
        if known != MISSING:
            write_day(data, known, without=("referrer",) if known == BAD else ())
    return look_at(data, EVENTS, "2025-03-11T12:00:00Z")


def test_a_bad_day_says_what_is_wrong_with_evidence_and_where_to_go(site: Site) -> None:
    """The verdict, the cause with its evidence, its incident, its runbook, and the gate."""
    page = show(day.PAGE, site, str(BAD))
    told = text_within(page)
    incident = next(
        one for one in site.snapshot.incidents if BAD in one.days and one.name == "column_missing"
    )
    assert f"Thursday {BAD} cannot be trusted: column referrer is missing." in told
    assert '<article class="card critical" id="column_missing">' in page
    assert f'href="../incidents/{incident.id}"' in page
    assert f"incident {incident.id} , since {BAD}, resolved" in told
    assert f"since {BAD}, resolved, people were notified" not in told
    heard = replace(site, snapshot=replace(site.snapshot, incidents=(replace(incident, notified=True),)))
    assert f"since {BAD}, resolved, people were notified" in text_within(show(day.PAGE, heard, str(BAD)))
    assert 'href="../runbooks/causes#column_missing"' in page
    assert re.search(r"<dt>rows<dd>100\b", page)
    assert "The gate is closed for this day" in told
    assert "schema_mismatch (critical), since" in told
    assert f'<a href="{BAD - timedelta(days=1)}" rel="prev">' in page
    assert f'<a href="{MISSING}" rel="next">' in page


def test_a_fine_day_says_so_and_nothing_else(site: Site) -> None:
    """No card, an open gate, every check in the collapsed part."""
    page = show(day.PAGE, site, str(FINE))
    told = text_within(page)
    assert f"Saturday {FINE} can be trusted." in told
    assert "The gate is open for this day." in told
    assert 'class="card' not in page
    before, _, quiet = page.partition("<details>")
    assert 'id="silence"' in quiet
    assert "grid said" not in before


def test_every_check_has_one_place_that_the_grid_leads_to(site: Site) -> None:
    """Ids are unique, whatever checks and causes are called."""
    for known in (BAD, MISSING, FINE):
        found = re.findall(r'id="([^"]+)"', show(day.PAGE, site, str(known)))
        assert len(found) == len(set(found))
        assert {check.name for check in site.snapshot.checks} <= set(found)


def test_checks_in_breach_come_first_with_value_limit_and_history(site: Site) -> None:
    """Days that were as bad are marked and link to their pages."""
    loud = show(day.PAGE, site, str(BAD)).partition("<details>")[0]
    line = next(row for row in loud.split("<tr") if 'id="reject_ratio"' in row)
    assert "100 of 100 rows (100%), limit 50% (critical)" in line
    assert f'href="../partitions/{BAD}#reject_ratio"' in line
    assert line.count("<td") == (BAD - FIRST).days + 1
    assert 'id="silence"' not in loud


def test_a_missing_day_is_missed_and_has_no_figures(site: Site) -> None:
    """The day is there, its files are not."""
    told = text_within(show(day.PAGE, site, str(MISSING)))
    assert f"Friday {MISSING} cannot be trusted" in told
    assert "the raw file is missing" in told
    assert "events_20250307.csv not there" in told
    assert "Rows and files" not in told


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2024-01-01", "2024-01-01 is not one of the judged days. The judged days run from"),
        ("2026-01-01", "to 2025-03-10."),
        ("20250306", "'20250306' is not a date such as 2025-03-09."),
        (EVIL, "is not a date"),
    ],
)
@pytest.mark.parametrize("kind", [day.PAGE, day_explained.TEXT_PAGE, day_explained.JSON_PAGE])
def test_a_day_that_is_not_known_is_refused_with_those_that_are(
    site: Site, kind: object, written: str, why: str
) -> None:
    """In a sentence, whatever was requested."""
    assert isinstance(kind, type(day.PAGE))
    with pytest.raises(NotFoundError, match=re.escape(why)):
        show(kind, site, written)


def test_a_gap_in_the_days_is_refused_with_its_neighbours(site: Site) -> None:
    """As where a feed has no weekends."""
    rest = tuple(view for view in site.snapshot.views if view.partition != FINE)
    with pytest.raises(NotFoundError, match="The feed has no 2025-03-08; its neighbours are 2025-03-07 and"):
        find_day(replace(site.snapshot, views=rest), str(FINE))


def test_text_and_json_are_those_of_explain(site: Site) -> None:
    """The JSON has every figure as well, and the page contains the text."""
    view = find_day(site.snapshot, str(BAD))
    told = explain(site.snapshot, view, None, Links())
    document = json.loads(show(day_explained.JSON_PAGE, site, str(BAD)))
    figures = {(one["metric"], *one["labels"].values()): one["value"] for one in document.pop("figures")}
    assert document == json.loads(json.dumps(told))
    assert figures["puffy_partition_rows", "rejects"] == 100
    assert len(figures) == sum(map(len, view.figures.values()))
    text = show(day_explained.TEXT_PAGE, site, str(BAD))
    assert text == text_of(explained(site, view))
    assert "CRITICAL column_missing of referrer" in text
    assert "CRITICAL column_missing of referrer" in show(day.PAGE, site, str(BAD))


def test_figures_stand_side_by_side_with_what_was_expected(site: Site) -> None:
    """Raw, clean and rejects in columns; a value out of its interval is marked."""
    bad, fine = (show(day.PAGE, site, str(known)) for known in (BAD, FINE))
    rows = next(row for row in fine.split("<tr>") if ">rows<td" in row)
    assert re.findall(r"<td>([\d,]+)", rows) == ["100", "96", "4"]
    assert "expected" in rows
    assert '<td class="w"' not in fine
    assert re.search(r'class="w">0<br><span class="quiet">expected', bad)


def test_every_figure_is_shown_or_said_elsewhere() -> None:
    """A new metric appears on the page automatically."""
    shown = [metric.name for _, metrics in SECTIONS for metric in metrics]
    assert len(shown) == len(set(shown))
    absent = {metric.name for metric in METRICS} - set(shown)
    assert {name for name in absent if not name.startswith("puffy_task_")} == {"puffy_partition_acknowledged"}
    assert {metric.name for metric in METRICS} >= ELSEWHERE


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("puffy_partition_size_bytes", 884_563.0, "885 kB"),
        ("puffy_partition_first_event_timestamp_seconds", 1741219200.0, "2025-03-06 00:00 UTC"),
        ("puffy_partition_truncated", 1.0, "yes"),
        ("puffy_partition_rows", 3366.0, "3,366"),
        ("puffy_partition_reject_ratio", 0.0315, "3.15%"),
        ("puffy_column_mean", 0.00123, "0.00123"),
    ],
)
def test_a_figure_is_written_in_its_unit(metric: str, value: float, text: str) -> None:
    """As a person reads it."""
    known = {known.name: known for known in METRICS}
    assert measure(value, known[metric]) == text


def test_sizes_have_few_digits() -> None:
    """In the largest unit of which there is at least one."""
    assert [size(value) for value in (62, 1500, 15_000, 2.5e9, 3e15)] == [
        "62 bytes",
        "1.5 kB",
        "15 kB",
        "2.5 GB",
        "3,000.0 TB",
    ]


def test_claims_that_differ_from_the_count_are_marked(site: Site) -> None:
    """And those that agree are not."""
    data = site.directory
    (data / "dq_summary").mkdir(exist_ok=True)
    view = find_day(site.snapshot, str(FINE))
    figures = {**view.figures, "puffy_partition_dq_rows": {("raw",): 103.0, ("clean",): 96.0}}
    views = tuple(
        replace(known, figures=figures) if known is view else known for known in site.snapshot.views
    )
    page = show(day.PAGE, replace(site, snapshot=replace(site.snapshot, views=views)), str(FINE))
    row = next(row for row in page.split("<tr>") if "rows, according to upstream" in row)
    assert 'class="w">103<br><span class="quiet">+3 compared with the rows counted' in row
    assert "<td>96<td>" in row


def test_a_hold_is_said_with_its_time(site: Site) -> None:
    """Another day's is not."""
    held = Held(datetime(2025, 3, 9, 8, tzinfo=UTC), FINE, "silence", "abc", "critical", 1.0, 0.0)
    gate = Status((held,))
    held_site = replace(site, snapshot=replace(site.snapshot, gate=gate))
    assert "silence (critical), since 2025-03-09 08:00 UTC" in show(day.PAGE, held_site, str(FINE))
    assert "The gate is open" in show(day.PAGE, held_site, str(FINE + timedelta(days=1)))


def test_while_blind_nothing_is_trusted(site: Site) -> None:
    """Last known data is shown as such, and the gate is closed."""
    blind = replace(site, snapshot=replace(site.snapshot, blind="the directory is gone"))
    told = text_within(show(day.PAGE, blind, str(FINE)))
    assert "nothing can be judged now; this is the last known state" in told
    assert "The gate is closed for this day the directory is gone" in told.replace("  ", " ")


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Names of events, reasons, files and columns."""
    for number in range(5):
        write_day(tmp_path, FIRST + timedelta(days=number))
    last = FIRST + timedelta(days=4)
    raw = content(last, 100).replace("page_viewed", EVIL)
    put(tmp_path, last, Stage.RAW, raw)
    rejects = content(last, 4, Stage.REJECTS).replace("missing_client_id", EVIL)
    put(tmp_path, last, Stage.REJECTS, rejects)
    (tmp_path / f"events_{last:%Y%m%d} <img src=x onerror=alert(1)>.csv").write_text("")
    page = show(day.PAGE, look_at(tmp_path, EVENTS, "2025-03-06T12:00:00Z"), str(last))
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 2


def test_a_feed_of_one_stage_without_orders_has_one_column(tmp_path: Path) -> None:
    """No clean, no rejects, no revenue; figures of its columns."""
    feed = parse_feed(contract("small", tmp_path), "small.yaml").feed
    for number in range(4):
        write_rows(tmp_path, FIRST + timedelta(days=number), 20)
    site = look_at(tmp_path, feed, "2025-03-05T12:00:00Z")
    page = show(day.PAGE, site, "2025-03-04")
    told = text_within(page)
    assert "Tuesday 2025-03-04 can be trusted." in told
    assert set(re.findall(r'<th scope="col">Figure(.*?)\s*<tbody>', page, re.DOTALL)) == {
        '<th scope="col">raw'
    }
    assert "amount: maximum 19.50" in told
    for absent in ("clean", "Rejected rows", "revenue", "Rows that show it"):
        assert absent not in told


def test_among_many_feeds_it_leads_back_to_all_of_them(site: Site) -> None:
    """Runbooks are the exporter's, incidents the feed's."""
    page = show(day.PAGE, replace(site, root="../../"), str(BAD))
    assert '<a href="../../../">All feeds</a>' in page
    assert 'href="../../../runbooks/causes#column_missing"' in page
    assert re.search(r'href="../incidents/[0-9a-f]{10}"', page)
    assert "All feeds" not in show(day.PAGE, site, str(BAD))


def test_it_is_served_at_its_addresses(tmp_path: Path) -> None:
    """By a running exporter, as HTML and JSON; unknown days are a 404 with a sentence."""
    today = datetime.now(UTC).date()
    for number in range(3, 1, -1):
        write_day(tmp_path / "data", today - timedelta(days=number))
    known = today - timedelta(days=2)
    with Exporter(tmp_path, "--config.file", str(_empty(tmp_path / "puffy.yml"))) as exporter:
        for folder in ("", "/feeds/events"):
            assert f"{known} can be trusted" in exporter.get(f"{folder}/partitions/{known}")[1]
            assert json.loads(exporter.get(f"{folder}/partitions/{known}.json")[1])["status"] == "ok"
            assert exporter.get(f"{folder}/partitions/{known}/explain.txt")[1].startswith(f"{known}  ok")
            assert "[masked, 8 characters]" in exporter.get(f"{folder}/partitions/{known}/rows")[1]
        status, page = exporter.get("/partitions/2020-01-01")
        assert status == 404
        assert "2020-01-01 is not one of the judged days" in page


def _empty(path: Path) -> Path:
    path.write_text("")
    return path


def test_a_volume_that_is_off_shows_the_values_that_carry_it(tmp_path: Path) -> None:
    """From the files to the page and the report: usual, that day, and each value's share of the change."""
    days = [FIRST + timedelta(days=number) for number in range(20)]
    for known in days:
        write_day(tmp_path, known, 400)
    for stage, rows in ((Stage.RAW, 400), (Stage.CLEAN, 384)):
        lines = content(days[-1], rows, stage).split("\n")
        found = [line for place, line in enumerate(lines) if "search.example" not in line or place % 25 == 0]
        put(tmp_path, days[-1], stage, "\n".join(found))
    site = look_at(tmp_path, EVENTS, "2025-03-21T12:00:00Z")
    page = show(day.PAGE, site, str(days[-1]))
    told = text_within(page)
    assert "Most of it comes from referrer host search.example: 8 rows, usually about 200, " in told
    assert "events by referrer host Usually This day Change Share of the change" in told
    assert "search.example 200 8 \N{MINUS SIGN}96% 100%" in told
    assert "all but search.example 200 200 0% 0%" in told
    (problem,) = [
        one
        for one in partition_document("events", site.snapshot.views[-1], Links())["problems"]
        if "breakdown" in one
    ]
    assert problem["breakdown"]["values"][0]["value"] == "search.example"
    assert problem["breakdown"]["others"]["contribution"] == pytest.approx(0, abs=1e-6)
    schema = report_schema()["$defs"]["partition"]["properties"]["problems"]["items"]
    Draft202012Validator(schema).validate(problem)
