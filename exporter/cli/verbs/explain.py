"""Explain the verdict on a partition or one of its checks: figures, limits, baseline, rows."""

import json
import sys
from functools import cache, partial
from typing import Annotated, Any

import typer
from rich.console import Console

from exporter.checks.check import Check
from exporter.cli.days import read_day
from exporter.cli.look import Look, look
from exporter.cli.options import (
    QUIET_LOGS,
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
from exporter.model import SourceFile, Stage
from exporter.pipeline.snapshot import PartitionView
from exporter.triage.evidence import evidence_of, rejected
from exporter.triage.explain import explain as explain_partition
from exporter.triage.explain import find_check, find_view
from exporter.triage.judged import find_judged
from exporter.triage.records import Allowance
from exporter.triage.sample import sample_records
from exporter.triage.text import explanation_lines, shown_record

app = new_verb()


@app.command()
def explain(
    *,
    partition: Annotated[str, typer.Argument(metavar="PARTITION", help="A day such as 2025-03-09.")],
    check: Annotated[
        str | None, typer.Argument(metavar="[CHECK]", help="One check or alert; default: all in breach.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", metavar="NUMBER", min=0, max=100, help="Rows to show.")] = 5,
    unmask: Annotated[
        bool,
        typer.Option("--unmask", help="Show ids, queries, amounts and malformed fields unmasked."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = QUIET_LOGS.level,
    log_format: LogFormat = QUIET_LOGS.form,
) -> int:
    """Explain the verdict on a partition or one of its checks: figures, limits, baseline, rows."""
    day = read_day(partition)
    seen = look(Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format)))
    view = find_view(seen.snapshot, day)
    chosen = None if check is None else find_check(seen.snapshot.checks, check)
    explanation = explain_partition(seen.snapshot, view, chosen, seen.config.written.links.links())
    explanation["masked"] = not unmask
    explanation["evidence"] = _evidence(seen, view, chosen, rows, unmask=unmask)
    if as_json:
        sys.stdout.write(f"{json.dumps(explanation, indent=2, allow_nan=False)}\n")
        return 0
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in explanation_lines(explanation):
        console.print(line)
    return 0


def _evidence(
    seen: Look, view: PartitionView, chosen: Check | None, most: int, *, unmask: bool
) -> dict[str, Any] | None:
    """Return rows of the chosen check, otherwise of the worst one that has any."""
    feed = seen.config.feed
    tables = feed.tables
    trends = {trend.name: trend for trend in seen.snapshot.trends}
    labels = {alert.check.name: alert.labels for alert in view.alerts}
    checks = [alert.check for alert in view.alerts] if chosen is None else [chosen]
    wanted = {check.name: evidence_of(check, trends, labels.get(check.name, {}), tables) for check in checks}
    if not view.alerts and chosen is None and Stage.REJECTS in tables:
        wanted = {"": rejected(feed.table(Stage.REJECTS))}
    allow = partial(Allowance, expansion=seen.config.written.profiling.expansion())
    find = cache(partial(_find, seen, view))  # each time the folder is listed
    for name, evidence in wanted.items() if most else ():
        source = None if evidence is None else find(evidence.stage)
        if evidence is None or source is None:
            continue
        table = feed.table(evidence.stage)
        found = sample_records(source, evidence, view.facts.day, most, table=table, allow=allow)
        if found or chosen is not None:
            shown = [shown_record(record, table, unmask=unmask) for record in found]
            return {"check": name, "stage": evidence.stage.value, "what": evidence.what, "rows": shown}
    return None


def _find(seen: Look, view: PartitionView, stage: Stage) -> SourceFile | None:
    """Return the judged file of a stage, if rows of it may be shown."""
    known = view.facts.stages.get(stage)
    if known is None:
        return None
    tables = seen.config.feed.tables
    follows = seen.config.written.data.follow_links_outside
    return find_judged(
        seen.places.data,
        view.partition,
        known,
        tables[stage],
        tuple(tables.values()),
        follow_outside=follows,
    )
