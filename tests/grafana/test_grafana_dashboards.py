"""The dashboards as files: equal to their source, valid in Grafana's schema, and legible."""

import json
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from boards import COLUMNS, FILES, FOLDER, annotation_queries, load, panel_queries, panels
from golden import ROOT
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from exporter.metrics.families import partition_families, verdict_families
from exporter.metrics.vitals import vitals_families
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

UIDS = {f"puffy-{name}" for name in ("overview", "partition", "revenue", "trends", "freshness", "health")}
SERVERS = re.compile(
    r"ALERTS|up|(?:prometheus|alertmanager|process|scrape)_[a-z_]+"
)  # executed in the query tests
GATE = {"puffy_partition_acknowledged", "puffy_gate_closed", "puffy_gate_hold"}
TOP_LINKS = ["Dashboards", "Status page", "Incidents", "Alerts", "Runbooks"]
VALUE = r"\$\{(?:partition|__value\.text|__field\.name|__field\.labels\.partition|__data\.fields\[0\])\}"
# The addresses of the exporter's pages, and what stands in a dashboard for their variable parts.
EXPORTER_PAGES = re.compile(
    rf"/feeds/\$\{{feed\}}/(?:(?:partitions|incidents)/{VALUE})?|/incidents|/runbooks/(?:meta|{VALUE})"
)
DECISION = re.compile(r"\. Decides (?:whether|which|what|who|how|where|(?:at|up to) which) [^.]+\.$")
MOST_PANELS = 50
FIRST_SCREEN = 24  # units of height that a desktop shows of a dashboard
ANNOTATION_EXTRAS = ("titleFormat", "textFormat", "step")  # Grafana knows them, the published schema does not

each_board = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def source(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program that writes dashboards."""
    command = [sys.executable, ROOT / "grafana" / "source", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def exported() -> set[str]:
    """Return the names of all metrics that the exporter has, and those that rules record."""
    suffix = {"counter": "_total", "info": "_info"}
    snapshot = Snapshot(0, 0, (), (), ())
    families = (
        *partition_families(snapshot),
        *verdict_families(snapshot),
        *vitals_families(snapshot, Vitals()),
    )
    names = {family.name + suffix.get(family.type, "") for family in families}
    rules = yaml.safe_load((ROOT / "prometheus" / "rules" / "trends.yml").read_text())
    return names | {rule["record"] for group in rules["groups"] for rule in group["rules"]}


def test_there_are_six_dashboards_under_the_names_that_alerts_link_to() -> None:
    """A file is named after its uid."""
    assert {path.stem for path in FILES} == UIDS
    assert all(load(path)["uid"] == path.stem for path in FILES)


def test_the_files_are_what_the_source_says(tmp_path: Path) -> None:
    """The check reports files that were edited, are missing or were left behind."""
    assert source("--check").returncode == 0
    assert source("--folder", tmp_path).returncode == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        path.name: path.read_text() for path in FILES
    }
    (tmp_path / "puffy-health.json").unlink()
    (tmp_path / "stray.json").write_text("{}")
    told = source("--check", "--folder", tmp_path)
    assert told.returncode == 2
    assert "puffy-health.json differs" in told.stderr
    assert "stray.json differs" in told.stderr


def test_links_lead_where_they_are_told_to(tmp_path: Path) -> None:
    """If the runbooks are hosted elsewhere, the dashboards are written with that address."""
    assert source("--folder", tmp_path, "--runbooks", "https://wiki.example/runbooks").returncode == 0
    variables = load(tmp_path / "puffy-overview.json")["templating"]["list"]
    assert {variable["name"]: variable["query"] for variable in variables}[
        "runbooks"
    ] == "https://wiki.example/runbooks"


@each_board
def test_a_dashboard_is_of_grafanas_schema(path: Path) -> None:
    """Read by the models of Grafana's SDK and written again, nothing is lost, renamed or of another type."""
    written = load(path)
    for annotation in written["annotations"]["list"]:
        for name in ANNOTATION_EXTRAS:
            del annotation[name]
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(json.dumps(written)))))
    assert again == written


@each_board
def test_a_dashboard_obeys_grafanas_linter(path: Path) -> None:
    """Not editable, a data-source variable, described panels with units and targets that use the variable."""
    board = load(path)
    assert board["editable"] is False
    assert board["description"]
    assert "id" not in board or board["id"] is None
    assert board["templating"]["list"][0]["type"] == "datasource"
    for panel in panels(path):
        assert panel["title"], panel["id"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        for holder in (panel, *panel["targets"]):
            assert holder["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    titles = [panel["title"] for panel in panels(path)]
    assert len(set(titles)) == len(titles)
    identities = [panel["id"] for panel in board["panels"]]
    assert len(set(identities)) == len(identities)


@each_board
def test_every_panel_says_what_it_decides(path: Path) -> None:
    """A panel that supports no decision does not belong on a dashboard."""
    for panel in panels(path):
        assert re.search(
            r"\. Decides (?:whether|which|what|who|how|where|(?:at|up to) which) [^.]+\.$",
            panel["description"],
        ), panel["title"]


def test_there_are_no_more_panels_than_a_person_can_know() -> None:
    """A new one replaces another; the documentation has the number of panels and the dashboards."""
    count = sum(len(panels(path)) for path in FILES)
    told = (ROOT / "docs" / "dashboards.md").read_text()
    assert count <= MOST_PANELS
    assert f"Their {count} panels" in told
    assert set(re.findall(r"^\| [^|]+ \| `(puffy-[a-z]+)` \|", told, re.MULTILINE)) == UIDS


def test_the_first_screen_answers_three_questions_in_their_order() -> None:
    """Can I trust yesterday, what is open and since when, what is late; all of it without scrolling."""
    first = [
        panel
        for panel in load(FOLDER / "puffy-overview.json")["panels"]
        if panel["gridPos"]["y"] + panel["gridPos"]["h"] <= FIRST_SCREEN
    ]
    assert [panel["title"] for panel in first][:11] == [
        "Can I trust yesterday?",
        "Newest day that is due",
        "Gate",
        "Newest day fit for use",
        "Figures are from",
        "What is open?",
        "Open incidents",
        "What is late?",
        "Next day due in",
        "Overdue days",
        "Age of the newest data",
    ]


def test_days_and_incidents_lead_to_their_pages() -> None:
    """From the overview to the exporter's page of the day and of the incident, and to the day's dashboard."""
    boards = {path.stem: load(path) for path in FILES}
    leads = {
        (uid, panel["title"]): {link["url"] for link in _data_links(panel)}
        for uid, board in boards.items()
        for panel in board["panels"]
    }
    page, board = (
        "${exporter}/feeds/${feed}/partitions/",
        "/d/puffy-partition?var-feed=${feed}&var-partition=",
    )
    assert {page + "${__field.name}", board + "${__field.name}"} < leads[
        "puffy-overview", "Checks of the newest days"
    ]
    newest = "${__field.labels.partition}"
    assert leads["puffy-overview", "Newest day that is due"] == {page + newest, board + newest}
    for where in (("puffy-overview", "Open incidents"), ("puffy-partition", "Incidents of this day")):
        assert "${exporter}/feeds/${feed}/incidents/${__value.text}" in leads[where]
    assert leads["puffy-partition", "State"] == {page + "${partition}"}


@each_board
def test_counters_are_looked_at_as_rates(path: Path) -> None:
    """A counter by itself shows when the process started, not what it does."""
    for panel in panels(path):
        for target in panel["targets"]:
            for counter in re.findall(r"\w+\([^()]*\b\w+_total\b", target["expr"]):
                assert counter.startswith(("rate(", "increase(")), target["expr"]


@each_board
def test_panels_stand_side_by_side_and_do_not_overlap(path: Path) -> None:
    """Within Grafana's 24 columns, each row of panels filled to its end."""
    places = [panel["gridPos"] for panel in load(path)["panels"]]
    for place in places:
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= COLUMNS
    for one, other in combinations(places, 2):
        assert not _overlap(one, other), (one, other)
    covered = sum(place["w"] * place["h"] for place in places)
    assert covered == COLUMNS * max(place["y"] + place["h"] for place in places)


def _overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    apart = (
        one["x"] + one["w"] <= other["x"]
        or other["x"] + other["w"] <= one["x"]
        or one["y"] + one["h"] <= other["y"]
        or other["y"] + other["h"] <= one["y"]
    )
    return not apart


@each_board
def test_every_link_leads_somewhere(path: Path) -> None:
    """To a dashboard that exists, with variables that it has, or to what an address variable names."""
    board = load(path)
    addresses = [link.get("url") for link in board["links"] if link.get("url")]
    addresses += [link["url"] for link in _data_links(board)]
    own = {variable["name"] for variable in board["templating"]["list"]}
    assert [link["title"] for link in board["links"]] == TOP_LINKS
    for address in addresses:
        if address.startswith("${exporter}"):
            assert EXPORTER_PAGES.fullmatch(address.removeprefix("${exporter}")), address
        inner = re.match(r"/d/([a-z-]+)\?var-feed=\$\{feed\}&var-([a-z]+)=", address)
        if inner is None:
            assert re.match(r"\$\{(\w+)\}", address)[1] in own, address  # type: ignore[index]
            continue
        target = load(FOLDER / f"{inner[1]}.json")
        assert {"feed", inner[2]} <= {variable["name"] for variable in target["templating"]["list"]}


def _data_links(found: Any) -> list[dict[str, str]]:
    if isinstance(found, list):
        return [link for part in found for link in _data_links(part)]
    if not isinstance(found, dict):
        return []
    own = found["value"] if found.get("id") == "links" else []
    return [*own, *(link for part in found.values() for link in _data_links(part))]


def test_no_query_uses_a_metric_that_does_not_exist() -> None:
    """Metrics are those of the exporter's tables, of the recording rules and of the servers themselves."""
    known = exported() | GATE
    for query in (*panel_queries(), *annotation_queries()):
        bare = re.sub(r'"[^"]*"|\{[^{}]*\}|\[[^\]]*\]', " ", query.expression)
        bare = re.sub(r"\b(?:by|on|group_left|group_right)\s*\([^()]*\)", " ", bare)
        names = set(re.findall(r"[a-zA-Z_][a-zA-Z0-9_:]*(?!\s*\()\b", bare)) - {
            "and",
            "or",
            "unless",
            "bool",
            "by",
            "on",
        }
        names = {
            name
            for name in names
            if not re.search(rf"\b{name}\s*\(", bare) and not re.fullmatch(r"e\d+", name)
        }
        unknown = {name for name in names if name not in known and not SERVERS.fullmatch(name)}
        assert not unknown, (query.where, unknown)


def test_every_query_looks_at_the_chosen_feed_alone() -> None:
    """Each series of a feed is asked for by its label, those of servers and of the monitoring are not."""
    for query in (*panel_queries(), *annotation_queries()):
        for name, labels in re.findall(
            r"\b((?:partition:)?puffy_[a-z_:0-9]+|ALERTS)(?:{([^{}]*)})?", query.expression
        ):
            alone = 'feed="$feed"' in labels.split(",")
            assert alone is ('kind="meta"' not in labels), (query.where, name)


def test_no_dashboard_looks_at_wall_clock_windows_of_a_partitions_figures() -> None:
    """They would weight days by scrapes: averages come from the rules that join partitions."""
    for query in panel_queries():
        assert not re.search(r"(avg|stddev|quantile)_over_time|offset", query.expression), query.where
