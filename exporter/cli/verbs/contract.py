"""Write the data contract (Open Data Contract Standard, YAML) that follows from the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.feeds import read_config
from exporter.cli.options import ConfigFile, FeedFile, new_verb
from exporter.cli.output import deliver
from exporter.integrations.contract import contract_text
from exporter.integrations.delivery import Owner

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
    """Write the data contract (Open Data Contract Standard, YAML) that follows from the configuration."""
    config = read_config(config_file, feed_file)
    written = config.written.integrations
    owner = Owner(written.owner, written.contact)
    deliver(contract_text(config.checks, config.calendar, owner), output)
    return 0
