"""The kinds of panels that the dashboards are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import (
    barchart,
    common,
    prometheus,
    stat,
    table,
    timeseries,
    trend,
)
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model
from parts import (
    GREEN,
    RED,
    SOURCE,
    STATES,
    YELLOW,
    Levels,
    ask,
    column_look,
    fixed,
    legend_below,
    link_to,
    of_feed,
    setting,
    step,
    thresholds,
    value_map,
)

PARTITION_PAGE = "/d/puffy-partition?var-feed=${feed}&var-partition="
TREND_PAGE = "/d/puffy-trends?var-feed=${feed}&var-metric="

Link = tuple[str, str]  # title, address


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
        .with_target(ask("A", expression, legend))
        .thresholds(thresholds(levels))
        .color_mode(shape.BigValueColorMode.BACKGROUND)
        .graph_mode(shape.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    if decimals is not None:
        panel = panel.decimals(decimals)
    if "{{" in legend:
        panel = panel.text_mode(shape.BigValueTextMode.VALUE_AND_NAME)
    return panel.mappings([value_map(states)]) if states else panel


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
        panel = panel.with_target(ask(ref, expressions[name]))
    hidden = dict.fromkeys(("Time", *hide), True)
    if len(refs) > 1:
        panel = panel.with_transformation(step("joinByField", byField=by, mode="outer"))
        hidden |= {f"Time {place}": True for place in range(1, len(refs) + 1)}
    panel = panel.with_transformation(step("organize", excludeByName=hidden, indexByName={}, renameByName={}))
    panel = panel.with_transformation(
        step("sortBy", fields={}, sort=[{"field": by, "desc": by == "partition"}])
    )
    for ref, name in refs.items():
        column = f"Value #{ref}" if len(refs) > 1 else "Value"
        panel = panel.override_by_name(
            column, column_look(name, (units or {}).get(name), (states or {}).get(name))
        )
    for column, (label, address) in (links or {}).items():
        panel = panel.override_by_name(column, [link_to(label, address)])
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
        .with_target(ask("A", expression))
        .thresholds(thresholds([(None, GREEN), (1, YELLOW), (2, RED)]))
        .with_transformation(step("sortBy", fields={}, sort=[{"field": column}]))
        .with_transformation(
            step("groupingToMatrix", rowField=row, columnField=column, valueField="Value", emptyValue="null")
        )
        .with_transformation(step("sortBy", fields={}, sort=[{"field": corner}]))
        .mappings([value_map(STATES)])
        .cell_height(shape.TableCellHeight.SM)
        .cell_options(shape.TableColoredBackgroundCellOptions())
        .align(shape.FieldTextAlignment.CENTER)
        .with_override(model.MatcherConfig(id_val="byType", options="number"), [link_to(*cell_link)])
        .override_by_name(
            corner,
            [
                setting("custom.cellOptions", {"type": "auto"}),
                setting("custom.width", 230),
                setting("custom.align", "left"),
                link_to(*row_link),
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
        panel = panel.with_target(ask(ref, expressions[name]))
        column = f"Value #{ref}" if len(refs) > 1 else "Value"
        panel = panel.override_by_name(
            column, [setting("displayName", name), *fixed((colours or {}).get(name))]
        )
    panel = panel.with_transformation(
        step("filterFieldsByName", include={"pattern": "^(partition|Value.*)$"})
    )
    if len(refs) > 1:
        panel = panel.with_transformation(step("joinByField", byField="partition", mode="outer"))
    return panel.with_transformation(step("sortBy", fields={}, sort=[{"field": "partition"}]))


def bars_by(title: str, description: str, expression: str, unit: str, *, label: str) -> barchart.Panel:
    """Return stacked bars over partitions, one series for each value of a label."""
    return (
        _bars(title, description, unit, stacked=True)
        .with_target(ask("A", expression))
        .with_transformation(step("sortBy", fields={}, sort=[{"field": "partition"}]))
        .with_transformation(
            step(
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
        .with_target(ask("X", f"1000 * {day}"))
        .line_width(2)
        .show_points(shape.VisibilityMode.ALWAYS)
        .point_size(5)
        .legend(legend_below())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
        .with_transformation(step("filterFieldsByName", include={"pattern": "^(partition|Value.*)$"}))
        .with_transformation(step("joinByField", byField="partition", mode="outer"))
        .with_transformation(step("sortBy", fields={}, sort=[{"field": "partition"}]))
        .with_transformation(
            step("organize", excludeByName={"partition": True}, indexByName={}, renameByName={})
        )
        .override_by_name("Value #X", [setting("displayName", "partition"), setting("unit", "time:MM-DD")])
    )
    for ref, name in zip("ABCDEFGHIJKL", expressions, strict=False):
        look = [setting(key, value) for key, value in (looks or {}).get(name, {}).items()]
        panel = panel.with_target(ask(ref, expressions[name]))
        panel = panel.override_by_name(f"Value #{ref}", [setting("displayName", name), *look])
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
        .legend(legend_below())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
    )
    for ref, (legend, expression) in zip("ABCDEFGHIJKL", expressions.items(), strict=False):
        target = (
            prometheus.Dataquery()
            .ref_id(ref)
            .expr(of_feed(expression))
            .range()
            .legend_format(legend)
            .datasource(SOURCE)
        )
        panel = panel.with_target(target)
    return panel


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
        .legend(legend_below())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
        .fill_opacity(80)
        .with_override(
            model.MatcherConfig(id_val="byType", options="number"),
            [link_to("This partition", PARTITION_PAGE + "${__data.fields[0]}")],
        )
    )
