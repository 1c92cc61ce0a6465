"""The kinds of panels that the dashboards are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import (
    barchart,
    common,
    dashboard,
    prometheus,
    stat,
    table,
    timeseries,
    trend,
)
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, YELLOW, RED, GREY = "green", "orange", "red", "rgba(140, 140, 140, 0.5)"
STATES = {"0": ("ok", GREEN), "1": ("warning", YELLOW), "2": ("critical", RED)}
YES_NO = {"0": ("no", RED), "1": ("yes", GREEN)}
PARTITION_PAGE = "/d/puffy-partition?var-partition="

Link = tuple[str, str]  # title, address
Levels = Sequence[tuple[float | None, str]]  # from which value on which colour


def number(
    title: str,
    description: str,
    expression: str,
    unit: str,
    *,
    levels: Levels = ((None, GREEN),),
    states: Mapping[str, tuple[str, str]] | None = None,
    legend: str = "",
    none: str = "unknown",
    decimals: int | None = None,
) -> stat.Panel:
    """Return one figure, large and coloured by its level."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .no_value(none)
        .with_target(_query("A", expression, legend))
        .thresholds(_levels(levels))
        .color_mode(shape.BigValueColorMode.BACKGROUND)
        .graph_mode(shape.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    if decimals is not None:
        panel = panel.decimals(decimals)
    if "{{" in legend:
        panel = panel.text_mode(shape.BigValueTextMode.VALUE_AND_NAME)
    return panel.mappings([_mapping(states)]) if states else panel


def listing(
    title: str,
    description: str,
    expressions: Mapping[str, str],
    *,
    by: str,
    unit: str = "short",
    units: Mapping[str, str] | None = None,
    states: Mapping[str, Mapping[str, tuple[str, str]]] | None = None,
    links: Mapping[str, Link] | None = None,
    hide: Sequence[str] = (),
    none: str = "none",
) -> table.Panel:
    """Return a table with a column for each expression, one row for each value of the label ``by``."""
    refs = dict(zip("ABCDEFGHIJKL", expressions, strict=False))
    panel = table.Panel().title(title).description(description).datasource(SOURCE).unit(unit).no_value(none)
    for ref, name in refs.items():
        panel = panel.with_target(_query(ref, expressions[name]))
    hidden = dict.fromkeys(("Time", *hide), True)
    if len(refs) > 1:
        panel = panel.with_transformation(_change("joinByField", byField=by, mode="outer"))
        hidden |= {f"Time {place}": True for place in range(1, len(refs) + 1)}
    panel = panel.with_transformation(
        _change("organize", excludeByName=hidden, indexByName={}, renameByName={})
    )
    panel = panel.with_transformation(
        _change("sortBy", fields={}, sort=[{"field": by, "desc": by == "partition"}])
    )
    for ref, name in refs.items():
        column = f"Value #{ref}" if len(refs) > 1 else "Value"
        panel = panel.override_by_name(
            column, _column(name, (units or {}).get(name), (states or {}).get(name))
        )
    for column, (label, address) in (links or {}).items():
        panel = panel.override_by_name(column, [_link(label, address)])
    return panel


def grid(
    title: str, description: str, expression: str, *, row: str, column: str, links: Sequence[Link]
) -> table.Panel:
    """Return a coloured grid: a row for each value of one label, a column for each of another."""
    corner = f"{row}\\{column}"
    (row_link, cell_link) = links
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit("short")
        .no_value("no data")
        .with_target(_query("A", expression))
        .thresholds(_levels([(None, GREEN), (1, YELLOW), (2, RED)]))
        .with_transformation(_change("sortBy", fields={}, sort=[{"field": column}]))
        .with_transformation(
            _change(
                "groupingToMatrix", rowField=row, columnField=column, valueField="Value", emptyValue="null"
            )
        )
        .with_transformation(_change("sortBy", fields={}, sort=[{"field": corner}]))
        .mappings([_mapping(STATES)])
        .cell_height(shape.TableCellHeight.SM)
        .cell_options(shape.TableColoredBackgroundCellOptions())
        .align(shape.FieldTextAlignment.CENTER)
        .with_override(model.MatcherConfig(id_val="byType", options="number"), [_link(*cell_link)])
        .override_by_name(
            corner,
            [
                _set("custom.cellOptions", {"type": "auto"}),
                _set("custom.width", 230),
                _set("custom.align", "left"),
                _link(*row_link),
            ],
        )
    )


def bars(
    title: str,
    description: str,
    expressions: Mapping[str, str],
    unit: str,
    *,
    stacked: bool = False,
    colours: Mapping[str, str] | None = None,
) -> barchart.Panel:
    """Return bars over partitions, one series for each expression (each by ``partition`` alone)."""
    panel = _bars(title, description, unit, stacked=stacked).x_field("partition")
    refs = dict(zip("ABCDEFGHIJKL", expressions, strict=False))
    for ref, name in refs.items():
        panel = panel.with_target(_query(ref, expressions[name]))
        column = f"Value #{ref}" if len(refs) > 1 else "Value"
        panel = panel.override_by_name(
            column, [_set("displayName", name), *_colour((colours or {}).get(name))]
        )
    panel = panel.with_transformation(
        _change("filterFieldsByName", include={"pattern": "^(partition|Value.*)$"})
    )
    if len(refs) > 1:
        panel = panel.with_transformation(_change("joinByField", byField="partition", mode="outer"))
    return panel.with_transformation(_change("sortBy", fields={}, sort=[{"field": "partition"}]))


def bars_by(title: str, description: str, expression: str, unit: str, *, label: str) -> barchart.Panel:
    """Return stacked bars over partitions, one series for each value of a label."""
    return (
        _bars(title, description, unit, stacked=True)
        .with_target(_query("A", expression))
        .with_transformation(_change("sortBy", fields={}, sort=[{"field": "partition"}]))
        .with_transformation(
            _change(
                "groupingToMatrix",
                rowField="partition",
                columnField=label,
                valueField="Value",
                emptyValue="null",
            )
        )
    )


def lines(
    title: str,
    description: str,
    day: str,
    expressions: Mapping[str, str],
    unit: str,
    *,
    looks: Mapping[str, Mapping[str, Any]] | None = None,
) -> trend.Panel:
    """Return lines in event time: ``day`` gives each partition's start in seconds, the x axis."""
    panel = (
        trend.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .no_value("no data")
        .with_target(_query("X", f"1000 * {day}"))
        .line_width(2)
        .show_points(shape.VisibilityMode.ALWAYS)
        .point_size(5)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
        .with_transformation(_change("filterFieldsByName", include={"pattern": "^(partition|Value.*)$"}))
        .with_transformation(_change("joinByField", byField="partition", mode="outer"))
        .with_transformation(_change("sortBy", fields={}, sort=[{"field": "partition"}]))
        .with_transformation(
            _change("organize", excludeByName={"partition": True}, indexByName={}, renameByName={})
        )
        .override_by_name("Value #X", [_set("displayName", "partition"), _set("unit", "time:MM-DD")])
    )
    for ref, name in zip("ABCDEFGHIJKL", expressions, strict=False):
        look = [_set(key, value) for key, value in (looks or {}).get(name, {}).items()]
        panel = panel.with_target(_query(ref, expressions[name]))
        panel = panel.override_by_name(f"Value #{ref}", [_set("displayName", name), *look])
    return panel


def clock(title: str, description: str, expressions: Mapping[str, str], unit: str) -> timeseries.Panel:
    """Return lines over wall-clock time; the keys are legends and may hold labels."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .no_value("no data")
        .line_width(2)
        .fill_opacity(5)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
    )
    for ref, (legend, expression) in zip("ABCDEFGHIJKL", expressions.items(), strict=False):
        target = (
            prometheus.Dataquery()
            .ref_id(ref)
            .expr(expression)
            .range()
            .legend_format(legend)
            .datasource(SOURCE)
        )
        panel = panel.with_target(target)
    return panel


def band(low: str, high: str) -> dict[str, dict[str, Any]]:
    """Return how a band looks: nothing but the area between its two edges."""
    edge = {
        "custom.lineWidth": 0,
        "custom.showPoints": "never",
        "color": {"mode": "fixed", "fixedColor": GREY},
    }
    return {low: edge, high: edge | {"custom.fillBelowTo": low, "custom.fillOpacity": 25}}


def dashed(colour: str) -> dict[str, Any]:
    """Return how a limit looks."""
    return {
        "color": {"mode": "fixed", "fixedColor": colour},
        "custom.showPoints": "never",
        "custom.lineWidth": 1,
        "custom.lineStyle": {"fill": "dash", "dash": [8, 6]},
    }


def _bars(title: str, description: str, unit: str, *, stacked: bool) -> barchart.Panel:
    stacking = shape.StackingMode.NORMAL if stacked else shape.StackingMode.NONE
    return (
        barchart.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .no_value("no data")
        .stacking(stacking)
        .show_value(shape.VisibilityMode.NEVER)
        .x_tick_label_rotation(-45)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
        .fill_opacity(80)
        .with_override(
            model.MatcherConfig(id_val="byType", options="number"),
            [_link("This partition", PARTITION_PAGE + "${__data.fields[0]}")],
        )
    )


def _query(ref: str, expression: str, legend: str = "") -> prometheus.Dataquery:
    query = prometheus.Dataquery().ref_id(ref).expr(expression).instant().datasource(SOURCE)
    return query.legend_format(legend) if legend else query.format(PromQueryFormat.TABLE)


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(show_legend=True)
        .display_mode(shape.LegendDisplayMode.LIST)
        .placement(shape.LegendPlacement.BOTTOM)
        .calcs([])
    )


def _levels(levels: Levels) -> dashboard.ThresholdsConfig:
    steps = [model.Threshold(value=value, color=colour) for value, colour in levels]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _mapping(states: Mapping[str, tuple[str, str]]) -> model.ValueMap:
    return model.ValueMap(
        {
            value: model.ValueMappingResult(text=word, color=colour, index=place)
            for place, (value, (word, colour)) in enumerate(states.items())
        }
    )


def _change(kind: str, **options: Any) -> model.DataTransformerConfig:
    return model.DataTransformerConfig(id_val=kind, options=options)


def _set(name: str, value: Any) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(id_val=name, value=value)


def _link(title: str, address: str) -> model.DynamicConfigValue:
    return _set("links", [{"title": title, "url": address, "targetBlank": not address.startswith("/d/")}])


def _colour(colour: str | None) -> list[model.DynamicConfigValue]:
    return [] if colour is None else [_set("color", {"mode": "fixed", "fixedColor": colour})]


def _column(
    name: str, unit: str | None, states: Mapping[str, tuple[str, str]] | None
) -> list[model.DynamicConfigValue]:
    found = [_set("displayName", name)]
    if unit:
        found.append(_set("unit", unit))
    if states:
        found += [
            _set("mappings", [_mapping(states)]),
            _set("custom.cellOptions", {"type": "color-background"}),
        ]
    return found
