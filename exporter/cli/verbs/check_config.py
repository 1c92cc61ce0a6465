"""Validate the configuration: 0, or 1 with file, line, key and reason."""

import typer

from exporter.cli.feeds import read_config
from exporter.cli.options import ConfigFile, FeedFile, Logs, new_verb
from exporter.config.load import links_warning

DEFAULT_LOGS = Logs()

app = new_verb()


@app.command("check-config")
def check_config(config_file: ConfigFile = None, feed_file: FeedFile = None) -> int:
    """Validate the configuration: 0, or 1 with file, line, key and reason."""
    config = read_config(config_file, feed_file)
    if (warning := links_warning(config)) is not None:
        typer.echo(f"puffy-exporter: warning: {warning}", err=True)
    files = " and ".join(str(file) for file in (config_file, feed_file) if file) or "defaults"
    typer.echo(f"{files}: ok, {len(config.checks)} checks, {len(config.trends)} trends")
    return 0
