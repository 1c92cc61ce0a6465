"""Write a report for people as one file, to mail, open anywhere or print."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.look import look
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
    new_group,
)
from exporter.durable import replace_file
from exporter.errors import UserError, reason_of
from exporter.gate.audit import AUDIT
from exporter.pages.bundle import bundle
from exporter.pages.site import Site

app = new_group(__doc__)


@app.callback()
def _report() -> None:
    """Write a report for people as one file, to mail, open anywhere or print."""


@app.command()
def html(
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write it.")],
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Write the pages as one HTML file: the first page, open incidents, days with problems."""
    common = Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    seen = look(common)
    links = seen.config.written.links
    site = Site(
        snapshot=seen.snapshot,
        vitals=seen.vitals,
        directory=seen.places.data,
        audit=seen.places.output / AUDIT,
        links=links.links(),
        name=seen.config.feed.name,
        is_what_if=common.is_what_if,
        follow_outside=seen.config.written.data.follow_links_outside,
        contract=feed_file,
    )
    content = bundle(site, links.links().exporter if links.names_exporter else None)
    try:
        replace_file(output, content)
    except OSError as error:
        raise UserError(f"{output}: {reason_of(error)}") from None
    typer.echo(f"{output}: {len(content):,} bytes")
    return 0
