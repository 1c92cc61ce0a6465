"""Every link of every message is whole and leads to something, in a project that nobody has configured."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from golden import ROOT
from running import Exporter
from written import write_day

from exporter.links import Links

TODAY = datetime.now(UTC).date()
FILES = (
    *sorted((ROOT / "prometheus" / "rules").glob("*.yml")),
    ROOT / "grafana/provisioning/alerting/rules.yml",
)
WHOLE = re.compile(r"https?://[^/\s]+/\S*")


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """Run one over a day that lost a column; many checks find fault with it."""
    folder = tmp_path_factory.mktemp("links")
    for back in range(2, 6):
        write_day(folder / "data", TODAY - timedelta(days=back))
    write_day(folder / "data", TODAY - timedelta(days=2), without=("referrer",))
    (folder / "puffy.yml").write_text("watch: {settle_seconds: 0}\n")
    with Exporter(folder) as running:
        yield running


def annotations(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the alert, the name and the text of each annotation of a rule file."""
    for group in yaml.safe_load(path.read_text())["groups"]:
        for rule in group["rules"]:
            for name, text in rule.get("annotations", {}).items():
                yield rule.get("alert") or rule["title"], name, text


UNSAID = re.compile(r"\{\{ with .*?\{\{ else \}\}(.*?)\{\{ end \}\}")
"""What stands in a template for what the exporter does not say."""


def leads(exporter: Exporter, address: str) -> bool:
    """Return whether the exporter has the page of its own address, and the anchor on it."""
    path, _, anchor = address.partition("#")
    status, body = exporter.get(path)
    return status == 200 and (not anchor or body.count(f'id="{anchor}"') == 1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_link_of_every_rule(exporter: Exporter, path: Path) -> None:
    """To the exporter: it answers, with the anchor; to Grafana: there is the dashboard."""
    links = Links()
    pages = {
        links.incidents,
        links.incident("{{ $labels.feed }}", "{{ $labels.incident }}"),
        links.partition("{{ $labels.feed }}", "{{ $labels.partition }}"),
    }
    boards = {found.stem for found in (ROOT / "grafana" / "dashboards").glob("*.json")}
    alerts = {alert: name for alert, name, _ in annotations(path) if name == "runbook_url"}
    assert alerts.keys() == {alert for alert, _, _ in annotations(path)}
    for alert, name, written in annotations(path):
        text = UNSAID.sub(r"\1", written)
        assert name.endswith("_url") or "docs/" not in text, (alert, name)
        if not name.endswith("_url"):
            continue
        assert WHOLE.match(text), (alert, text)
        if name == "page_url":
            assert text in pages, (alert, text)
        elif name == "runbook_url":
            assert text.startswith(f"{links.exporter}/"), (alert, text)
            assert leads(exporter, text.removeprefix(links.exporter)), (alert, text)
        elif name == "dashboard_url":
            board = re.fullmatch(rf"{links.grafana}/d/([\w-]+)(\?.*)?", text)
            assert board is not None, (alert, text)
            assert board[1] in boards, (alert, text)
        else:
            assert text.startswith(f"{links.alertmanager}/#/"), (alert, text)


def test_every_link_of_a_running_exporter(exporter: Exporter) -> None:
    """Of the report, the list of alerts and the file: to the exporter itself, wherever it listens."""
    own = f"http://127.0.0.1:{exporter.port}"
    written = (exporter.output / "monitoring_report.json").read_text()
    for text in (exporter.get("/api/v1/report")[1], exporter.get("/api/v1/alerts")[1], written):
        found = dict(addresses(orjson.loads(text)))
        assert len(found) > 3
        for place, address in found.items():
            pages = r"runbooks/(checks|causes)#|feeds/events/(incidents/\w+$|partitions/\d{4}-\d\d-\d\d$)"
            assert re.match(rf"{own}/({pages})", address), (place, address)
            assert leads(exporter, address.removeprefix(own)), (place, address)
    runbooks = set(re.findall(r'puffy_incident_info\{.*runbook="([^"]*)"', exporter.get("/metrics")[1]))
    assert runbooks
    for name in runbooks:
        assert leads(exporter, f"/runbooks/{name}"), name


def addresses(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield all links of a document, with where they stand."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, str) and str(key).endswith("_url"):
            yield f"{place}.{key}", item
        yield from addresses(item, f"{place}.{key}")
