"""Write the data contract (Open Data Contract Standard, YAML) that follows from the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.options import ConfigFile, new_verb
from exporter.cli.output import deliver
from exporter.config.load import load_config
from exporter.contract.export import exported_text
from exporter.contract.load import shipped_feed
from exporter.feed import Owner

app = new_verb()


@app.command()
def contract(
    *,
    config_file: ConfigFile = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write; default: stdout.")
    ] = None,
) -> int:
    """Write the data contract (Open Data Contract Standard, YAML) that follows from the configuration."""
    config = load_config(config_file)
    written = config.written.integrations
    owner = Owner(written.owner, written.contact)
    text = exported_text(shipped_feed(), config.checks, config.trends, config.calendar, owner)
    deliver(text, output)
    return 0
