"""Every query of every dashboard, on a real Prometheus that scraped a real exporter."""

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from boards import FILES as DASHBOARDS
from boards import Query, annotation_queries, panel_queries, panels, variable_queries
from live_system import System

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("grafana")]

# What may be empty on demo data, and why that is right: a part of the query, and the reason.
EMPTY = {
    "puffy_partition_acknowledged": "nobody has acknowledged anything",
    "puffy_incident_ended": "no incident that people heard of has ended",
    'ALERTS{kind="meta"}': "nothing is wrong with the monitoring itself",
    "changes(puffy_partition_updated": "no file was rewritten",
    "alertmanager_notifications_": "the Alertmanager of this test tells nobody",
}
MOST_PARTITIONS = 40
INTERVALS = {"$__rate_interval": "15s", "$__interval": "1s", "$__range": "60s"}


def of_events(expression: str) -> str:
    """Return an expression with the feed chosen: there is one."""
    return expression.replace("$feed", "events")


def values(system: System, query: str) -> list[str]:
    """Return a variable's values, as Grafana asks for them."""
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", of_events(query))
    assert found is not None, query
    answer: list[str] = system.prometheus.get(f"label/{found[2]}/values", **{"match[]": found[1]})
    return answer


def chosen(expression: str, variables: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield an expression for each choice of the variables in it."""
    for name, text in INTERVALS.items():
        expression = expression.replace(name, text)
    used = [name for name in variables if f"${name}" in expression]
    for choice in product(*(variables[name] for name in used)):
        made = expression
        for name, value in zip(used, choice, strict=True):
            made = made.replace(f"${name}", value)
        yield made


def test_every_variable_offers_something(system: System) -> None:
    """All partitions of the window, all trends."""
    variables = {name: values(system, query) for name, query in variable_queries().items()}
    assert set(variables) == {"feed", "partition", "metric"}
    assert variables["feed"] == ["events"]
    assert 30 <= len(variables["partition"]) <= MOST_PARTITIONS
    assert len(variables["metric"]) == 8


def test_every_query_returns_data_or_is_empty_for_a_known_reason(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """With every choice of every variable; prints their number."""
    variables = {name: values(system, query) for name, query in variable_queries().items()}
    queries = [*panel_queries(), *annotation_queries()]
    asked, empty = 0, []
    for query in queries:
        answers = [system.prometheus.query(made) for made in chosen(query.expression, variables)]
        asked += len(answers)
        if not any(answers):
            empty.append(query)
    reasons = {query.where: reason(query) for query in empty}
    count = sum(len(panels(path)) for path in DASHBOARDS)
    with capsys.disabled():
        told = [f"{count} panels, {len(queries)} queries, {asked} executed, {len(empty)} empty:"]
        told += [f"  {where}: {why}" for where, why in reasons.items()]
        sys.stdout.write("\n".join(["", *told, ""]))
    assert [query for query in empty if reasons[query.where] is None] == []


def reason(query: Query) -> str | None:
    """Return why a query may be empty, or ``None`` if it may not."""
    return next((why for part, why in EMPTY.items() if part in query.expression), None)


def test_no_answer_holds_a_value_that_is_not_a_number(system: System) -> None:
    """A panel shows a gap or a figure, never NaN or an infinity."""
    variables = {name: values(system, query) for name, query in variable_queries().items()}
    for query in panel_queries():
        for made in chosen(query.expression, variables):
            for labels, value in system.prometheus.query(made):
                assert value - value == 0, (query.where, labels, value)


def test_the_band_that_is_drawn_is_the_one_that_alerts(system: System) -> None:
    """Outside on a side that counts, and not muted: exactly there the anomaly check is in breach."""
    low, high = (drawn(f"band, {side}") for side in ("low", "high"))
    for metric in values(system, variable_queries()["metric"]):
        value = f'max by (partition) (puffy_trend_value{{metric="{metric}"}})'
        off = (
            f"(({value} < {low}) and on () {counts(metric, 'drop')}"
            f" or ({value} > {high}) and on () {counts(metric, 'rise')})"
            f' unless on (partition) puffy_trend_state{{metric="{metric}",state="empty"}}'
        ).replace("$metric", metric)
        status = f'puffy_partition_check_status{{check="anomaly_{metric}"}} > 0'
        told, said = (
            {labels["partition"] for labels, _ in system.prometheus.query(asked)} for asked in (off, status)
        )
        assert told == said, metric
    assert system.prometheus.query('puffy_trend_state{state="armed",method!="average"}') != []


def drawn(name: str) -> str:
    """Return the query of what is drawn under that name on the trends' dashboard."""
    return next(
        of_events(q.expression)
        for q in panel_queries()
        if q.where.startswith("puffy-trends") and q.shown_as == name
    )


def counts(metric: str, side: str) -> str:
    """Return whether changes to a side can be an anomaly."""
    return f'(max(puffy_trend_direction{{metric="{metric}",direction="{side}"}}) == 1)'


def test_the_grid_shows_every_check_of_the_newest_fortnight(system: System) -> None:
    """The silent ones too, and the newest partition's warning among them."""
    (query,) = (q for q in panel_queries() if "Checks of the newest" in q.where)
    cells = {
        (labels["partition"], labels["check"]): value
        for labels, value in system.prometheus.query(of_events(query.expression))
    }
    assert len({day for day, _ in cells}) == 14
    assert len(cells) == 14 * len({check for _, check in cells})
    assert cells["2025-06-30", "checkout_zero_value"] == 1
    assert cells["2025-06-29", "schema_mismatch"] == 2


def test_open_incidents_are_told_in_words_the_worst_first(system: System) -> None:
    """With their first day, their owner and the next step."""
    found = sorted(rows(system, "puffy-overview: Open incidents (A)"), key=lambda row: row[1])
    assert [labels["severity"] for labels, _ in found] == ["critical", "warning", "warning"]
    worst = found[0][0]
    assert worst["headline"] == "events 2025-06-29: column referrer is missing"
    assert worst["since"] == "2025-06-29"
    assert worst["owner"] == "data-engineering"
    assert worst["next"].startswith("Find the release")
    assert worst["runbook"] == "causes#column_missing"
    days = {labels["incident"]: days for labels, days in rows(system, "puffy-overview: Open incidents (B)")}
    assert days == {labels["incident"]: 1 for labels, _ in found}
    (over,) = (q for q in panel_queries() if "ended in the last two weeks (A)" in q.where)
    past = {labels["incident"] for labels, _ in system.prometheus.query(of_events(over.expression))}
    assert past
    assert not past & set(days)


def test_a_day_shows_its_own_incidents(system: System) -> None:
    """The one that covers its findings, and none of another day."""
    query = "puffy-partition: Incidents of this day (A)"
    (lost,) = rows(system, query, "2025-06-29")
    assert lost[0]["headline"] == "events 2025-06-29: column referrer is missing"
    assert {labels["headline"][:17] for labels, _ in rows(system, query, "2025-06-30")} == {
        "events 2025-06-30"
    }
    assert rows(system, query, "2025-06-28") == []


def test_a_held_day_says_so_and_a_free_one_too(system: System) -> None:
    """The load of the day with the lost column is held, that of the next one is not."""
    query = "puffy-partition: Load (A)"
    assert [[value for _, value in rows(system, query, f"2025-06-{day}")] for day in (29, 30)] == [[1], [0]]


def rows(system: System, where: str, partition: str = "") -> list[tuple[dict[str, str], float]]:
    """Return the result of the query at that position."""
    (query,) = (query for query in panel_queries() if query.where == where)
    return system.prometheus.query(of_events(query.expression).replace("$partition", partition))


def test_dashboards_load_without_a_storm_of_work(system: System) -> None:
    """No single panel's query takes Prometheus longer than a second."""
    variables = {name: values(system, query)[-1:] for name, query in variable_queries().items()}
    for query in panel_queries():
        for made in chosen(query.expression, variables):
            stats = system.prometheus.get("query", query=made, stats="all")["stats"]["timings"]
            assert stats["evalTotalTime"] < 1, query.where
