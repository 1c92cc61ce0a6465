"""``contract``: the data contract that the configuration amounts to."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.options import ConfigFile


def contract(
    *,
    config_file: ConfigFile = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write; default: stdout.")
    ] = None,
) -> int:
    """Write the data contract (Open Data Contract Standard, YAML) that follows from the configuration."""
    from exporter.cli import pushing  # noqa: PLC0415  loads the configuration

    return pushing.contract(config_file, output)
