"""What all dashboards share: variables, links, annotations, and panel positions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model
from parts import SOURCE, of_feed

from exporter.links import Links

COLUMNS = 24
ROW_HEIGHT = 1
ACKNOWLEDGED = "max by (partition, check) (puffy_partition_acknowledged) == 1"
REPLACED = 'max by (partition) (changes(puffy_partition_updated_timestamp_seconds{stage="raw"}[5m])) > 0'


@dataclass(frozen=True, slots=True)
class Shelf:
    """Panels side by side with their widths in columns; ``title`` puts a heading above."""

    height: int
    panels: Sequence[tuple[Any, int]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard."""

    uid: str
    title: str
    description: str
    shelves: Sequence[Shelf]
    variables: Sequence[Any] = ()
    since: str = "now-24h"


def written(board: Board, links: Links) -> str:
    """Return a dashboard as its JSON file."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["puffy"])
        .readonly()
        .timezone("utc")
        .time(board.since, "now")
        .refresh("30s")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .variables([*_variables(links), FEED, *board.variables])
        .links(_links())
        .annotations(
            [
                _annotation("Acknowledged", ACKNOWLEDGED, "blue"),
                _annotation("Backfilled", REPLACED, "purple"),
            ]
        )
    )
    _place(made, board.shelves)
    found = json.loads(JSONEncoder().encode(made.build()))
    for annotation in found["annotations"]["list"]:  # fields missing in the SDK's model of an annotation
        annotation |= {
            "titleFormat": annotation["name"],
            "textFormat": "{{partition}} {{check}}",
            "step": "60s",
        }
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def choice(
    name: str, label: str, values: str, description: str, *, newest_first: bool = False
) -> dashboard.QueryVariable:
    """Return a variable whose values are those of a label, such as ``label_values(metric, label)``."""
    order = model.VariableSort.ALPHABETICAL_DESC if newest_first else model.VariableSort.ALPHABETICAL_ASC
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .description(description)
        .datasource(SOURCE)
        .query({"query": values, "refId": name})
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(order)
    )


FEED = choice("feed", "Feed", "label_values(puffy_partition_present, feed)", "Whose partitions are shown.")


def _variables(links: Links) -> list[Any]:
    source = dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    texts = [
        dashboard.TextBoxVariable(name)
        .default_value(address)
        .hide(model.VariableHide.HIDE_VARIABLE)
        .current(model.VariableOption(text=address, value=address, selected=True))
        .description(f"Where links to {what} lead.")
        for name, address, what in (
            ("alertmanager", links.alertmanager, "Alertmanager"),
            ("exporter", links.exporter, "the exporter"),
            ("runbooks", links.checks, "runbooks"),
        )
    ]
    return [source, *texts]


def _links() -> list[dashboard.DashboardLink]:
    others = (
        dashboard.DashboardLink("Dashboards")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags(["puffy"])
        .as_dropdown(as_dropdown=True)
        .keep_time(keep_time=True)
        .include_vars(include_vars=True)
    )
    addresses = {
        "Status page": ("${exporter}/feeds/${feed}/", "The exporter's own page of this feed"),
        "Incidents": ("${exporter}/incidents", "Incidents of all feeds"),
        "Alerts": ("${alertmanager}/#/alerts", "Alertmanager: what is open, silences"),
        "Runbooks": ("${runbooks}", "What to do about each check"),
    }
    return [
        others,
        *(
            dashboard.DashboardLink(title)
            .type(model.DashboardLinkType.LINK)
            .url(address)
            .tooltip(tip)
            .icon("external link")
            .target_blank(target_blank=True)
            for title, (address, tip) in addresses.items()
        ),
    ]


def _annotation(name: str, expression: str, colour: str) -> dashboard.AnnotationQuery:
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .expr(of_feed(expression))
        .icon_color(colour)
        .enable(enable=True)
    )


def _place(made: dashboard.Dashboard, shelves: Sequence[Shelf]) -> None:
    top, number = 0, 1
    for shelf in shelves:
        if shelf.title:
            place = model.GridPos(x=0, y=top, w=COLUMNS, h=ROW_HEIGHT)
            made.with_row(dashboard.Row(shelf.title).grid_pos(place).id(number))
            top, number = top + ROW_HEIGHT, number + 1
        left = 0
        for panel, width in shelf.panels:
            place = model.GridPos(x=left, y=top, w=width, h=shelf.height)
            made.with_panel(panel.grid_pos(place).id(number))
            left, number = left + width, number + 1
        top += shelf.height
