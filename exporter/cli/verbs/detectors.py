"""Show how each trend is judged: state, limits, expected false alarms and the drop it detects."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.cli.bygone import bygone_words, newest_day
from exporter.cli.look import Look, look
from exporter.cli.options import (
    DEFAULT_LOGS,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFile,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    new_verb,
)
from exporter.cli.output import WIDE, open_console
from exporter.errors import UserError
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.followed import trends_of
from exporter.history.promise import Promise, promise
from exporter.history.trend import Trend
from exporter.pipeline.snapshot import PartitionView

STYLES = {Readiness.ARMED: "green", Readiness.HELD: "bold red", Readiness.EMPTY: "dim"}
COLUMNS = (
    "trend",
    "detector",
    "state",
    "judged by",
    "members",
    "expected",
    "normal",
    "catches drop",
    "rise",
    "false alarms/year",
    "confirmed",
)
WORDS = (
    "Drops and rises of this size are detected on 19 of 20 days at today's spread; false alarms are "
    "those of the simulation in docs/detectors.md."
)
Row = tuple[Trend, Detection, Promise, bool]  # whether it is a share

app = new_verb()


@app.command()
def detectors(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Show how each trend is judged: state, limits, expected false alarms and the drop it detects."""
    seen = look(Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format)))
    snapshot = seen.snapshot
    newest = _newest(seen)
    shipped = {trend.name: trend.band.method for trend in trends_of(seen.config.feed)}
    followed = [trend for trend in snapshot.trends if trend.name in (newest.window.trends or {})]
    rows = [_row(trend, newest, shipped[trend.name]) for trend in followed]
    if as_json:
        document = {
            "partition": newest.partition.isoformat(),
            "trends": {r[0].name: _document(r) for r in rows},
        }
        sys.stdout.write(json.dumps(document, indent=2, allow_nan=False, default=sorted) + "\n")
        return 0
    console = open_console(WIDE)
    console.print(_table(rows))
    _explain(console, newest, rows)
    return 0


def _newest(seen: Look) -> PartitionView:
    snapshot = seen.snapshot
    over = [view for view in snapshot.window if view.facts.day.end_ns <= snapshot.as_of_ns]
    judged = [view for view in over if view.window.trends]
    if not judged:
        newest = newest_day(seen.places.data, seen.config.feed)
        hint = newest and bygone_words(newest, seen.config.calendar, snapshot.as_of_ns)
        raise UserError(f"no partition can be judged: {hint or 'no raw file was read'}")
    return judged[-1]


def _row(trend: Trend, view: PartitionView, shipped: Method) -> Row:
    figures = (view.window.trends or {})[trend.name]
    detection = (view.window.detections or {})[trend.name]
    return trend, detection, promise(shipped, figures, detection, trend.band), shipped is Method.RATE


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        left = column in {"trend", "detector", "state", "judged by"}
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    for trend, detection, known, share in rows:
        normal, usual = known.normal, known.false_alarms
        band = "-" if normal.low is None else f"{_unit(normal.low, share)} to {_unit(normal.high, share)}"
        table.add_row(
            trend.name,
            trend.band.method,
            Text(detection.readiness, style=STYLES.get(detection.readiness, "yellow")),
            "7-day rule" if normal.method is Method.AVERAGE else normal.method,
            str(normal.members),
            _unit(normal.expected, share),
            band,
            *(_change(change, normal.expected, share) for change in (known.drop, known.rise)),
            f"{usual.alerts:g}",
            f"{usual.confirmed:g}",
        )
    return table


def _unit(value: float | None, share: bool) -> str:  # noqa: FBT001  a property of the trend
    if value is None:
        return "-"
    return f"{max(0.0, value):.2%}" if share else f"{value:,.0f}"


def _change(ratio: float | None, expected: float | None, share: bool) -> str:  # noqa: FBT001  a property of the trend
    if ratio is None or expected is None:
        return "none"
    return f"{ratio * expected * 100:.2f} pt" if share else f"{ratio:.0%}"


def _explain(console: Console, newest: PartitionView, rows: list[Row]) -> None:
    said = [f"As of {newest.partition}. {WORDS}"]
    events = {known.event for _, _, known, _ in rows if known.event is not None}
    said += [f"Today is {event.name}: {_expectation(event.expect)}." for event in events]
    excluded = [
        f"{member.partition} ({member.excluded})"
        for member in newest.window.members
        if member.lag > 0 and member.excluded
    ]
    if excluded:
        said.append(f"Left out of the baselines: {', '.join(excluded)}.")
    console.print(Text("\n".join(said)))


def _expectation(expect: str) -> str:
    return "rises are not anomalies" if expect == "rise" else "nothing is an anomaly"


def _document(row: Row) -> dict[str, object]:
    trend, detection, known, _ = row
    normal = known.normal
    return {
        "detector": trend.band.method.value,
        "state": detection.readiness.value,
        "judged_by": normal.method.value,
        "members": normal.members,
        "expected": normal.expected,
        "low": normal.low,
        "high": normal.high,
        "drop": known.drop,
        "rise": known.rise,
        "false_alarms": asdict(known.false_alarms),
        "event": None if known.event is None else known.event.name,
    }
