"""Every figure of one day that has something of everything, in one file."""

from dataclasses import replace
from datetime import UTC, datetime

from feeds import SETTINGS
from golden import matches
from made import DAY, facts, profile

from exporter.figures.columns import FIGURES
from exporter.figures.table import METRICS, compute_figures
from exporter.model import ColumnFigures, DqClaim, EventChanges, Stage, TaskRun
from exporter.profiling.packs.web_orders import Defect


def test_the_golden_file_has_every_figure_of_a_day() -> None:
    """With its labels, its unit and its number."""
    hour = datetime(2025, 3, 6, 6, tzinfo=UTC)
    run = TaskRun("dq", hour, hour.replace(minute=5), 1, usual_seconds=200.0, succeeded_at=hour)
    unended = TaskRun("load", hour, None, None, unended=True)
    raw = profile(
        columns=tuple(name for name in profile().columns if name != "referrer"),
        malformed_rows=7,
        malformed_fields={"8 fields": 5, "9 fields": 2},
        malformed_orders=3,
        missing={"client_id": 4, "timestamp": 2, "event_name": 1},
        unparseable_timestamps=11,
        timestamp_shapes={"0000-00-00": 9, "00:00": 2},
        timestamp_shapes_overflow=1,
        out_of_day_rows=13,
        invalid_utf8_lines=3,
        repeated_headers=2,
        truncated=True,
        duplicate_keys=6,
        answers={"mean": 2.5},
        unanswered={"orphans": "no number: NULL"},
        events={"page_viewed": 900, "checkout_completed": 20, "hovered": 80},
        events_overflow=5,
        defects={defect: number for number, defect in enumerate(Defect)},
        figures={
            "amount": ColumnFigures("number", {name: at for at, name in enumerate(sorted(FIGURES), 1)}),
            "city": ColumnFigures("category", {"missing_rows": 4}, {"Rome": 600, "Oslo": 396}),
        },
    )
    known = replace(
        facts(
            raw=raw,
            clean=profile(Stage.CLEAN, 950, revenue=1900.0),
            rejects=profile(
                Stage.REJECTS,
                40,
                checkouts=0,
                revenue=0.0,
                reasons={"missing_client_id": 30, "schema_mismatch_missing_columns": 10},
                reasons_overflow=2,
            ),
            dq=DqClaim(1000, 950, 41),
            tasks={"dq": run, "load": unended},
        ),
        beside=("events (1).csv",),
        acknowledged=frozenset({"silence"}),
        changes=EventChanges(vanished={"scrolled": 12.0}, appeared={"hovered": 80}, lost_orders=3.5),
    )
    assert known.partition == DAY
    lines = []
    figures = compute_figures(known, SETTINGS)
    for metric in METRICS:
        samples = dict(figures.get(metric.name, {}))
        lines += [metric.name if samples else f"{metric.name} -"]
        for labels, value in samples.items():
            named = ", ".join(f"{name}={text}" for name, text in zip(metric.labels, labels, strict=True))
            lines.append(f"  {value:.10g}{f' {named}' if named else ''}")
    assert matches("tests/figures/day.txt", "\n".join([*lines, ""]))
