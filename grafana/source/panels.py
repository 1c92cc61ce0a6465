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
    legend_below,
    links_to,
    of_feed,
    setting,
    step,
    thresholds,
    value_map,
)

from exporter.links import Links

LINKS = Links(
    grafana="", exporter="${exporter}", alertmanager="${alertmanager}"
)  # Grafana's own are relative
PARTITION_PAGE = LINKS.dashboard("${feed}", "")
TREND_PAGE = "/d/puffy-trends?var-feed=${feed}&var-metric="
EXPORTER_FEED = LINKS.feed("${feed}") + "/"
EXPORTER_PARTITION = LINKS.partition("${feed}", "")

Link = tuple[str, str]  # title, address


def day_links(day: str) -> tuple[Link, Link]:
    """Return both links to a day: its dashboard and its page. ``day`` is Grafana's name of the value in links."""
    return ("This partition", PARTITION_PAGE + day), ("Its page at the exporter", EXPORTER_PARTITION + day)


DAY = day_links("${__value.text}")
RUNBOOK: tuple[Link] = (("Runbook", "${runbooks}#${__value.text}"),)
TREND: tuple[Link] = (("Trend", TREND_PAGE + "${__value.text}"),)


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
    links: Sequence[Link] = (),
    name_only: bool = False,
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
        mode = shape.BigValueTextMode.NAME if name_only else shape.BigValueTextMode.VALUE_AND_NAME
        panel = panel.text_mode(mode)
    if links:
        panel = panel.with_override(
            model.MatcherConfig(id_val="byType", options="number"), [links_to(*links)]
        )
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
    links: Mapping[str, Sequence[Link]] | None = None,
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
    for column, ways in (links or {}).items():
        panel = panel.override_by_name(column, [links_to(*ways)])
    return panel


def grid(title: str, description: str, expression: str) -> table.Panel:
    """Return a coloured grid: a row for each check, a column for each partition."""
    corner = "check\\partition"
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit("short")
        .no_value("no data")
        .with_target(ask("A", expression))
        .thresholds(thresholds([(None, GREEN), (1, YELLOW), (2, RED)]))
        .with_transformation(step("sortBy", fields={}, sort=[{"field": "partition"}]))
        .with_transformation(
            step(
                "groupingToMatrix",
                rowField="check",
                columnField="partition",
                valueField="Value",
                emptyValue="null",
            )
        )
        .with_transformation(step("sortBy", fields={}, sort=[{"field": corner}]))
        .mappings([value_map(STATES)])
        .cell_height(shape.TableCellHeight.SM)
        .cell_options(shape.TableColoredBackgroundCellOptions())
        .align(shape.FieldTextAlignment.CENTER)
        .with_override(
            model.MatcherConfig(id_val="byType", options="number"), [links_to(*day_links("${__field.name}"))]
        )
        .override_by_name(
            corner,
            [
                setting("custom.cellOptions", {"type": "auto"}),
                setting("custom.width", 230),
                setting("custom.align", "left"),
                links_to(*RUNBOOK),
            ],
        )
    )


def bars_by(title: str, description: str, expression: str, unit: str, *, label: str) -> barchart.Panel:
    """Return stacked bars over partitions, one series for each value of a label."""
    return (
        barchart.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .no_value("no data")
        .stacking(shape.StackingMode.NORMAL)
        .show_value(shape.VisibilityMode.NEVER)
        .x_tick_label_rotation(-45)
        .legend(legend_below())
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI))
        .fill_opacity(80)
        .with_override(
            model.MatcherConfig(id_val="byType", options="number"),
            [links_to(*day_links("${__data.fields[0]}"))],
        )
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
    """Return lines over wall-clock time; the keys are legends and may contain labels."""
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
