"""Write the data contract (Open Data Contract Standard, YAML) derived from the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.feeds import read_config
from exporter.cli.options import ConfigFile, FeedFile, new_verb
from exporter.cli.output import deliver
from exporter.contract.export import exported_text
from exporter.feed import Owner

app = new_verb()


@app.command()
def contract(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write; default: stdout.")
    ] = None,
) -> int:
    """Write the data contract (Open Data Contract Standard, YAML) derived from the configuration."""
    config = read_config(config_file, feed_file)
    written = config.written.integrations
    owner = Owner(written.owner, written.contact)
    text = exported_text(config.feed, config.checks, config.trends, config.calendar, owner)
    deliver(text, output)
    return 0
