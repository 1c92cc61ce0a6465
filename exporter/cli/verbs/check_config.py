"""Validate the configuration and contracts; exit with 1 and file, line, key and reason if invalid."""

from pathlib import Path

import typer

from exporter.cli.contracts import Sources, claim
from exporter.cli.feeds import read_config
from exporter.cli.options import EXIT_USER_ERROR, ConfigFile, FeedFiles, FeedsDir, Logs, new_verb
from exporter.config.load import links_warning, read_settings, unset_links
from exporter.config.schema import ConfigSpec
from exporter.engine.choose import choose
from exporter.errors import UserError

DEFAULT_LOGS = Logs()

app = new_verb()


@app.command("check-config")
def check_config(
    config_file: ConfigFile = None, feed_files: FeedFiles = None, feeds_dir: FeedsDir = None
) -> int:
    """Validate the configuration and contracts; exit with 1 and file, line, key and reason if invalid."""
    sources = Sources(tuple(feed_files or ()), feeds_dir)
    if sources.are_many:
        return _check_all(config_file, sources)
    config = read_config(config_file, sources.only)
    choose(config.written.engine.settings())
    if (warning := links_warning(config)) is not None:
        typer.echo(f"puffy-exporter: warning: {warning}", err=True)
    files = " and ".join(str(file) for file in (config_file, sources.only) if file) or "defaults"
    typer.echo(f"{files}: ok, {len(config.checks)} checks, {len(config.trends)} trends")
    return 0


def _check_all(config_file: ConfigFile, sources: Sources) -> int:
    """Report on each contract, independently of the others."""
    files, bad = list(sources.list()), 0
    if (warning := unset_links(read_settings(config_file).validate(ConfigSpec))) is not None:
        typer.echo(f"puffy-exporter: warning: {warning}", err=True)
    owners: dict[str, Path] = {}
    for file in files:
        try:
            config = read_config(config_file, file)
            choose(config.written.engine.settings())
            claim(owners, config.feed.id, file)
        except UserError as error:
            bad += 1
            for line in error.lines:
                typer.echo(f"puffy-exporter: error: {line}", err=True)
        else:
            typer.echo(f"{file}: ok, {len(config.checks)} checks, {len(config.trends)} trends")
    typer.echo(f"{len(files)} contracts, {bad} refused")
    return EXIT_USER_ERROR if bad else 0
