"""Make one pass: write the report and the alerts file, print a summary."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from exporter.checks.check import Severity
from exporter.cli.bygone import bygone_words, newest_day
from exporter.cli.contracts import Sources, claim
from exporter.cli.feeds import read_config
from exporter.cli.look import MOST_DAYS, FindPlaces, Look, find_own_places, look
from exporter.cli.options import (
    DEFAULT_LOGS,
    EXIT_ALERTS,
    EXIT_USER_ERROR,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFiles,
    FeedsDir,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    Scheduler,
    Write,
    names_output,
    new_verb,
)
from exporter.cli.places import Places
from exporter.cli.plan import places_of_many
from exporter.cli.summary import Aside, print_summary
from exporter.cli.wiring import build_outputs
from exporter.errors import UserError
from exporter.nearest import did_you_mean
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.report.document import report_heading
from exporter.report.render import ReportRenderer

app = new_verb()


@app.command()
def run(
    *,
    context: typer.Context,
    config_file: ConfigFile = None,
    feed_files: FeedFiles = None,
    feeds_dir: FeedsDir = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    write: Write = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="warning|critical",
            help="Exit with 2 if the status is at least this bad.",
        ),
    ] = None,
    scheduler: Scheduler = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Make one pass: write the report and the alerts file, print a summary.

    With --as-of it only prints, unless --output.dir or --write is given.
    """
    if fail_on is not None and fail_on not in set(Severity):
        raise UserError(
            f"--fail-on: {fail_on!r} is neither warning nor critical{did_you_mean(fail_on, Severity)}"
        )
    keep = write or names_output(context)
    sources = Sources(tuple(feed_files or ()), feeds_dir)
    logs = Logs(log_level, log_format)
    common = Common(config_file, sources.only, data_dir, output_dir, as_of, logs, keep, scheduler)
    least = None if fail_on is None else Severity(fail_on)
    return _run_each(common, sources, least) if sources.are_many else _run(common, least)


def _run_each(common: Common, sources: Sources, fail_on: Severity | None) -> int:
    """Make a pass over each feed; a failure of one does not affect the others."""
    codes = [0]
    owners: dict[str, Path] = {}
    files = list(sources.list())
    if not files:
        raise UserError(f"--feeds.dir: {sources.folder}: contains no contract (*.yaml, *.yml)")
    for file in files:
        try:
            typer.echo(f"\n{file}:\n")
            claim(owners, read_config(common.config_file, file).feed.id, file)
            codes.append(_run(common._replace(feed_file=file), fail_on, places_of_many))
        except UserError as error:
            codes.append(EXIT_USER_ERROR)
            for line in error.lines:
                typer.echo(f"puffy-exporter: error: {line}", err=True)
    return EXIT_USER_ERROR if EXIT_USER_ERROR in codes else max(codes)


def _run(common: Common, fail_on: Severity | None, find: FindPlaces = find_own_places) -> int:
    seen = look(common, records=True, find=find)
    config, places, snapshot, vitals = seen
    unwritten: tuple[str, ...] = ()
    if not common.is_what_if:
        body = ReportRenderer(config.written.links.links()).render(snapshot)
        unwritten = build_outputs(config, places).write(snapshot, report_heading(snapshot, vitals), body)
        if vitals.gate_errors:
            unwritten += (f"gate not written or read in {places.output}, see the log",)
    views, hint = _days_there(common, seen, find)
    print_summary(snapshot, vitals, Aside(views, hint, _files_words(common, places)))
    if unwritten:
        raise UserError("; ".join(unwritten))
    return EXIT_ALERTS if fail_on and _reaches(snapshot, fail_on) else 0


def _files_words(common: Common, places: Places) -> str:
    if not common.is_what_if:
        return f"Report in {places.output}"
    return f"Nothing was written. To save the results: --output.dir DIR, or --write for {places.output}"


def _days_there(common: Common, seen: Look, find: FindPlaces) -> tuple[Sequence[PartitionView], str | None]:
    """Return the days to show and a hint; if all days are older than the window, look back to them."""
    window, calendar = seen.snapshot.window, seen.config.calendar
    newest = newest_day(seen.places.data, seen.config.feed)
    hint = None if newest is None else bygone_words(newest, calendar, seen.snapshot.as_of_ns)
    if newest is None or hint is None or any(view.facts.stages for view in window):
        return window, hint
    gap = (calendar.newest_due(seen.snapshot.as_of_ns) - newest).days
    if gap + calendar.window_days > MOST_DAYS:
        return window, hint
    return look(common, window_days=gap + calendar.window_days, find=find).snapshot.window, hint


def _reaches(snapshot: Snapshot, severity: Severity) -> bool:
    return snapshot.status is not None and snapshot.status.rank <= severity.rank
