"""The parts that panels share: queries, colours, transformations, styles."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, prometheus
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, YELLOW, RED, GREY = "green", "orange", "red", "rgba(140, 140, 140, 0.5)"
STATES = {"0": ("ok", GREEN), "1": ("warning", YELLOW), "2": ("critical", RED)}
YES_NO = {"0": ("no", RED), "1": ("yes", GREEN)}

Levels = Sequence[tuple[float | None, str]]  # the colours from each value on


# Series of a feed: the exporter's and the recorded ones, and alerts on partitions.
_OF_A_FEED = re.compile(
    r'((?:partition:)?\bpuffy_(?!exporter_build)[a-z0-9_]+(?::\w+)?|\bALERTS(?={[^{}]*partition!=""))'
    r"(?:{([^{}]*)})?"
)


def of_feed(expression: str) -> str:
    """Return an expression restricted to the chosen feed, for any series."""

    def chosen(found: re.Match[str]) -> str:
        labels = ",".join(filter(None, ('feed="$feed"', found[2])))
        return f"{found[1]}{{{labels}}}"

    return _OF_A_FEED.sub(chosen, expression)


def ask(ref: str, expression: str, legend: str = "") -> prometheus.Dataquery:
    """Return an instant query of the chosen feed; for a table unless it has a legend."""
    query = prometheus.Dataquery().ref_id(ref).expr(of_feed(expression)).instant().datasource(SOURCE)
    return query.legend_format(legend) if legend else query.format(PromQueryFormat.TABLE)


def legend_below() -> common.VizLegendOptions:
    """Return a legend below the panel."""
    return (
        common.VizLegendOptions()
        .show_legend(show_legend=True)
        .display_mode(shape.LegendDisplayMode.LIST)
        .placement(shape.LegendPlacement.BOTTOM)
        .calcs([])
    )


def thresholds(levels: Levels) -> dashboard.ThresholdsConfig:
    """Return the colours from each value on."""
    steps = [model.Threshold(value=value, color=colour) for value, colour in levels]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def value_map(states: Mapping[str, tuple[str, str]]) -> model.ValueMap:
    """Return words and colours for values."""
    return model.ValueMap(
        {
            value: model.ValueMappingResult(text=word, color=colour, index=place)
            for place, (value, (word, colour)) in enumerate(states.items())
        }
    )


def step(kind: str, **options: Any) -> model.DataTransformerConfig:
    """Return one step of a panel's transformations."""
    return model.DataTransformerConfig(id_val=kind, options=options)


def setting(name: str, value: Any) -> model.DynamicConfigValue:
    """Return one property of an override."""
    return model.DynamicConfigValue(id_val=name, value=value)


def links_to(*links: tuple[str, str]) -> model.DynamicConfigValue:
    """Return a field's links, each a title and an address; other dashboards open in place."""
    return setting(
        "links",
        [
            {"title": title, "url": address, "targetBlank": not address.startswith("/d/")}
            for title, address in links
        ],
    )


def column_look(
    name: str, unit: str | None, states: Mapping[str, tuple[str, str]] | None
) -> list[model.DynamicConfigValue]:
    """Return the style of a table's column."""
    found = [setting("displayName", name)]
    if unit:
        found.append(setting("unit", unit))
    if states:
        found += [
            setting("mappings", [value_map(states)]),
            setting("custom.cellOptions", {"type": "color-background"}),
        ]
    return found


def band(low: str, high: str) -> dict[str, dict[str, Any]]:
    """Return the style of a band: only the area between its two edges."""
    edge = {
        "custom.lineWidth": 0,
        "custom.showPoints": "never",
        "color": {"mode": "fixed", "fixedColor": GREY},
    }
    return {low: edge, high: edge | {"custom.fillBelowTo": low, "custom.fillOpacity": 25}}


def dashed(colour: str) -> dict[str, Any]:
    """Return the style of a limit."""
    return {
        "color": {"mode": "fixed", "fixedColor": colour},
        "custom.showPoints": "never",
        "custom.lineWidth": 1,
        "custom.lineStyle": {"fill": "dash", "dash": [8, 6]},
    }
