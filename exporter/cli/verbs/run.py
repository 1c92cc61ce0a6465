"""Make one pass: write the report and the alerts file, print a summary."""

from collections.abc import Sequence
from typing import Annotated

import typer

from exporter.checks.check import Severity
from exporter.cli.bygone import bygone_words, newest_day
from exporter.cli.look import MOST_DAYS, Look, look
from exporter.cli.options import (
    DEFAULT_LOGS,
    EXIT_ALERTS,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFile,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    Write,
    names_output,
    new_verb,
)
from exporter.cli.summary import Aside, print_summary
from exporter.cli.wiring import Places, build_outputs
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
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    write: Write = False,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="warning|critical", help="Exit with 2 if such an alert fires."),
    ] = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Make one pass: write the report and the alerts file, print a summary.

    With --as-of it prints only, unless --output.dir or --write says where what it finds may go.
    """
    if fail_on is not None and fail_on not in set(Severity):
        raise UserError(
            f"--fail-on: {fail_on!r} is neither warning nor critical{did_you_mean(fail_on, Severity)}"
        )
    keep = write or names_output(context)
    common = Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format), keep)
    seen = look(common, records=True)
    config, places, snapshot, vitals = seen
    unwritten: tuple[str, ...] = ()
    if not common.is_what_if:
        body = ReportRenderer(config.written.links.runbooks).render(snapshot)
        unwritten = build_outputs(config, places).write(snapshot, report_heading(snapshot, vitals), body)
    views, hint = _days_there(common, seen)
    print_summary(snapshot, vitals, Aside(views, hint, _files_words(common, places)))
    if unwritten:
        raise UserError("; ".join(unwritten))
    return EXIT_ALERTS if fail_on and _reaches(snapshot, Severity(fail_on)) else 0


def _files_words(common: Common, places: Places) -> str:
    if not common.is_what_if:
        return f"Report in {places.output}"
    return f"Nothing was written: --output.dir DIR keeps it there, --write in {places.output}"


def _days_there(common: Common, seen: Look) -> tuple[Sequence[PartitionView], str | None]:
    """Return the days to show and a hint; where the window misses all that there are, look back to them."""
    window, calendar = seen.snapshot.window, seen.config.calendar
    newest = newest_day(seen.places.data, seen.config.feed)
    hint = None if newest is None else bygone_words(newest, calendar, seen.snapshot.as_of_ns)
    if newest is None or hint is None or any(view.facts.stages for view in window):
        return window, hint
    gap = (calendar.newest_due(seen.snapshot.as_of_ns) - newest).days
    if gap + calendar.window_days > MOST_DAYS:
        return window, hint
    return look(common, window_days=gap + calendar.window_days).snapshot.window, hint


def _reaches(snapshot: Snapshot, severity: Severity) -> bool:
    return snapshot.blind is not None or any(
        alert.severity.rank <= severity.rank for alert in snapshot.firing
    )
