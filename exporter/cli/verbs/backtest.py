"""Replay history day by day as if each were today, with what was known then."""

import json
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.checks.check import Severity
from exporter.cli.bygone import newest_day
from exporter.cli.days import read_day
from exporter.cli.look import MOST_DAYS, Look, look
from exporter.cli.options import (
    DEFAULT_LOGS,
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
from exporter.cli.summary import STYLES
from exporter.cli.wiring import build_rules
from exporter.errors import UserError
from exporter.model import PartitionFacts, Stage
from exporter.pipeline.backtest import Replayed, Score, replay, score
from exporter.pipeline.inject import Fault, parse_fault
from exporter.pipeline.snapshot import worst
from exporter.report.document import number
from exporter.report.instant import timestamp

BARS = "▁▂▃▄▅▆▇█"
PER_LINE = 56  # eight weeks

app = new_verb()


@app.command()
def backtest(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; default: the oldest.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day; default: the newest.")
    ] = None,
    inject: Annotated[
        str | None,
        typer.Option(
            "--inject",
            metavar="FAULT=SHARE",
            help="Judge each day again with a fault (drop, rise, revenue, rejects or ids), such as drop=0.3.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Replay history day by day as if each were today, with what was known then."""
    common = Common(config_file, feed_file, data_dir, output_dir, None, Logs(log_level, log_format))
    return _replay(common, Wanted(first, last, inject), as_json=as_json)


class Wanted(NamedTuple):
    """What to replay, as written on the command line."""

    first: str | None
    last: str | None
    inject: str | None


def _replay(common: Common, wanted: Wanted, *, as_json: bool) -> int:
    """Replay and print; always return 0."""
    fault = parse_fault(wanted.inject) if wanted.inject else None
    begin = None if wanted.first is None else read_day(wanted.first, "--from")
    end = None if wanted.last is None else read_day(wanted.last, "--to")
    seen = _look_back(common)
    rules = build_rules(seen.config)
    days = _span([view.facts for view in seen.snapshot.views], end)
    replayed = [day for day in replay(days, rules, fault) if begin is None or day.view.partition >= begin]
    if not replayed:
        raise UserError(f"no partition to replay: {_span_words(begin, end)}")
    scores = score(replayed, rules, fault)
    if as_json:
        document = {"days": [_document(day) for day in replayed], "trends": [_score(one) for one in scores]}
        sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")
        return 0
    _print(open_console(WIDE), replayed, scores, fault)
    return 0


def _span_words(begin: date | None, end: date | None) -> str:
    """Say what no file is dated."""
    if begin is None and end is None:
        return "the data directory contains no file of any day"
    if begin is None or end is None:
        return f"no file is dated {f'{end} or before' if begin is None else f'{begin} or later'}"
    return f"no file is dated {begin} to {end}"


def _look_back(common: Common) -> Look:
    """Judge all days; an archive whose newest day is long past is judged as of that day."""
    seen = look(common, window_days=MOST_DAYS)
    newest = newest_day(seen.places.data, seen.config.feed)
    if newest is None or any(view.facts.stages for view in seen.snapshot.views):
        return seen
    return look(common._replace(as_of=(newest + timedelta(days=1)).isoformat()), window_days=MOST_DAYS)


def _span(days: Sequence[PartitionFacts], end: date | None) -> list[PartitionFacts]:
    """Leave out the days after the last that has a file, or after ``end``."""
    there = [facts.partition for facts in days if Stage.RAW in facts.stages]
    last = min(max(there, default=date.min), end or date.max)
    return [facts for facts in days if facts.partition <= last]


def _print(console: Console, days: Sequence[Replayed], scores: Sequence[Score], fault: Fault | None) -> None:
    console.print(_chart(days))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("partition", "judged at", "alerts", "in breach"):
        table.add_column(
            column, justify="right" if column == "alerts" else "left", no_wrap=column != "in breach"
        )
    for day in days:
        if day.view.alerts:
            names = ", ".join(alert.check.name for alert in day.view.alerts)
            count = Text(str(len(day.view.alerts)), style=STYLES[worst(day.view.alerts)])
            table.add_row(day.view.partition.isoformat(), timestamp(day.as_of_ns), count, names)
    console.print(table)
    console.print(_trends(scores, fault))
    console.print(Text(_words(days, fault)))


def _chart(days: Sequence[Replayed]) -> Text:
    counts = [len(day.view.alerts) for day in days]
    most = max([*counts, 1])
    chart = Text()
    for place, day in enumerate(days):
        if place % PER_LINE == 0:
            chart.append(f"{chr(10) if place else ''}{day.view.partition}  ")
        elif place % 7 == 0:
            chart.append(" ")
        count = counts[place]
        mark = BARS[(count * len(BARS) - 1) // most] if count else "·"
        chart.append(mark, style=STYLES[worst(day.view.alerts)])
    chart.append(f"\n            alerts per day, in blocks of a week; · is none, {BARS[-1]} is {most}\n")
    return chart


def _trends(scores: Sequence[Score], fault: Fault | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = ["trend", "judged", "armed", "anomalous"]
    columns += ["injected", "caught", "recall", "precision"] if fault else []
    for column in columns:
        table.add_column(column, justify="left" if column == "trend" else "right")
    for one in scores:
        cells = [str(one.judged), str(one.armed), str(one.anomalous)]
        if fault:
            cells += [str(one.injected), str(one.caught), _share(one.recall), _share(one.precision)]
        table.add_row(one.trend, *cells)
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _words(days: Sequence[Replayed], fault: Fault | None) -> str:
    alerts = [alert for day in days for alert in day.view.alerts]
    critical = sum(alert.severity is Severity.CRITICAL for alert in alerts)
    said = (
        f"{len(days)} days, {len(alerts)} alerts ({critical} critical), {len(alerts) / len(days):.2f} a day; "
        f"{sum(bool(day.anomalies) for day in days)} days with an anomaly"
    )
    if fault is None:
        return f"{said}."
    tried = [day for day in days if day.injected is not None]
    caught = sum(bool(day.caught) for day in tried)
    return (
        f"{said}. With {fault.kind}={fault.share:g} on each of {len(tried)} days in turn, some trend tells "
        f"it on {caught} of them. Precision takes days that are anomalous as they are for false alarms."
    )


def _document(day: Replayed) -> dict[str, Any]:
    return {
        "partition": day.view.partition.isoformat(),
        "as_of": timestamp(day.as_of_ns),
        "alerts": [
            {
                "check": alert.check.name,
                "severity": alert.severity.value,
                "value": number(alert.value),
                "limit": number(float(alert.limit)),
            }
            for alert in day.view.alerts
        ],
        "trends": {
            name: {"readiness": known.readiness.value, "score": known.score}
            for name, known in (day.view.window.detections or {}).items()
        },
        "caught": None if day.injected is None else sorted(day.caught),
    }


def _score(one: Score) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in Score.__slots__}
    return {**counts, "recall": one.recall, "precision": one.precision}
