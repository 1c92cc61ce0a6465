"""Incidents with the texts of messages, and links to the incident, its day, its runbook and a silence."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import table
from panels import EXPORTER_PARTITION, LINKS, PARTITION_PAGE
from parts import GREEN, GREY, RED, SOURCE, YELLOW, ask, column_look, links_to, setting, step
from promql import INCIDENT_ENDED, INCIDENT_OPEN, INCIDENT_WORDS

FIGURES = {
    "A": INCIDENT_WORDS,
    "B": "max by (incident) (puffy_incident_partitions)",
    "C": f"1000 * {INCIDENT_ENDED}",
    "D": INCIDENT_OPEN,
}
OPEN = {"0": ("over", GREEN), "1": ("open", RED)}
SEVERITIES = {"critical": ("critical", RED), "warning": ("warning", YELLOW), "info": ("info", GREY)}
WHY = {
    "repaired": ("repaired", GREEN),
    "acknowledged": ("acknowledged", GREEN),
    "next_day_good": ("next day good", YELLOW),
    "accepted": ("new level", GREEN),
    "covered": ("part of another", GREY),
}
VALUE = "${__value.text}"
LINKS_OF = {
    "incident": (
        ("This incident", LINKS.incident("${feed}", VALUE)),
        ("Silence in Alertmanager", LINKS.silence({"feed": "${feed}", "incident": VALUE})),
    ),
    "since": (
        ("Its first day", PARTITION_PAGE + VALUE),
        ("Its first day on the exporter's page", EXPORTER_PARTITION + VALUE),
    ),
    "runbook": (("Runbook", f"{LINKS.exporter}/runbooks/{VALUE}"),),
}
WIDTHS = {"severity": 90, "since": 105, "days": 60, "owner": 150, "incident": 110, "runbook": 220, "why": 130}
# The source of each column: a label, or the value of a query.
SHOWN = {
    "headline": "what",
    "next": "next step",
    "Value #B": "days",
    "Value #C": "ended",
    "Value #D": "state",
}
ORDER = (
    "severity",
    "Value #D",
    "headline",
    "since",
    "Value #B",
    "why",
    "Value #C",
    "next",
    "owner",
    "incident",
    "runbook",
)


def incident_list(
    title: str, description: str, *, chosen: str, columns: str = "B", hide: Sequence[str] = (), none: str
) -> table.Panel:
    """Return a table of incidents, worst first, then oldest first.

    ``chosen`` is an expression whose label ``incident`` selects them. ``columns`` selects the figures next to
    the texts: B for the number of days, C for when and why it ended, D for whether it is open.
    """
    panel = (
        table.Panel().title(title).description(description).datasource(SOURCE).unit("short").no_value(none)
    )
    for ref in ("A", *columns):
        panel = panel.with_target(ask(ref, f"{FIGURES[ref]} and on (incident) {chosen}"))
    times = (f"Time {place}" for place in range(1, len(columns) + 2))
    panel = (
        panel.with_transformation(step("joinByField", byField="incident", mode="outer"))
        .with_transformation(step("sortBy", fields={}, sort=[{"field": "Value #A", "desc": False}]))
        .with_transformation(
            step(
                "organize",
                excludeByName=dict.fromkeys(("Time", "Value #A", *times, *hide), True),
                indexByName={name: place for place, name in enumerate(ORDER)},
                renameByName={},
            )
        )
    )
    return _looking(panel)


def _looking(panel: table.Panel) -> table.Panel:
    states: Mapping[str, Mapping[str, tuple[str, str]]] = {
        "severity": SEVERITIES,
        "why": WHY,
        "Value #D": OPEN,
    }
    units = {"Value #C": "dateTimeAsIso"}
    for column in ORDER:
        name = SHOWN.get(column, column)
        look = column_look(name, units.get(column), states.get(column))
        if name in WIDTHS:
            look.append(setting("custom.width", WIDTHS[name]))
        if column in ("headline", "next"):
            look.append(setting("custom.cellOptions", {"type": "auto", "wrapText": True}))
        if column in LINKS_OF:
            look.append(links_to(*LINKS_OF[column]))
        panel = panel.override_by_name(column, look)
    return panel
