"""The committed dashboards, as read by tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden import ROOT

FOLDER = ROOT / "grafana" / "dashboards"
FILES = tuple(sorted(FOLDER.glob("*.json")))
COLUMNS = 24


@dataclass(frozen=True)
class Query:
    """One query of a dashboard, and its position."""

    where: str
    expression: str
    instant: bool = True
    shown_as: str = ""


def load(path: Path) -> dict[str, Any]:
    """Return one dashboard."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def panels(path: Path) -> list[dict[str, Any]]:
    """Return a dashboard's panels without its headings."""
    return [panel for panel in load(path)["panels"] if panel["type"] != "row"]


def panel_queries() -> Iterator[Query]:
    """Yield the queries of all panels."""
    for path in FILES:
        for panel in panels(path):
            for target in panel["targets"]:
                where = f"{path.stem}: {panel['title']} ({target['refId']})"
                yield Query(where, target["expr"], target.get("instant", False), shown_as(panel, target))


def shown_as(panel: dict[str, Any], target: dict[str, Any]) -> str:
    """Return the name that a query's figures have on a panel."""
    looks = {look["matcher"]["options"]: look["properties"] for look in panel["fieldConfig"]["overrides"]}
    own = looks.get(f"Value #{target['refId']}", [])
    names = [known["value"] for known in own if known["id"] == "displayName"]
    return str(names[0] if names else target.get("legendFormat", ""))


def annotation_queries() -> Iterator[Query]:
    """Yield the queries of all annotations."""
    for path in FILES:
        for annotation in load(path)["annotations"]["list"]:
            yield Query(f"{path.stem}: annotation {annotation['name']}", annotation["expr"])


def variable_queries() -> dict[str, str]:
    """Return the queries of variables by name."""
    return {
        variable["name"]: variable["query"]["query"]
        for path in FILES
        for variable in load(path)["templating"]["list"]
        if variable["type"] == "query"
    }
