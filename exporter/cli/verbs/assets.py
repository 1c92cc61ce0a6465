"""Write Prometheus' rules, Alertmanager's configuration and Grafana's dashboards."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.assets.found import find_assets
from exporter.assets.led import read_assets
from exporter.assets.written import Written, write_assets
from exporter.cli.feeds import read_config
from exporter.cli.options import ConfigFile, FeedFile, new_verb
from exporter.cli.rulebook import rules_of

app = new_verb()


@app.command()
def assets(
    *,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; created if missing.")],
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also overwrite files that were changed there.")
    ] = False,
) -> int:
    """Write Prometheus' rules, Alertmanager's configuration and Grafana's dashboards.

    Use it without a checkout, and again after an upgrade. Links use the addresses in the configuration.
    What was changed there is kept; if the upgrade changes the same file, nothing at all is written, unless
    with --force.
    """
    config = read_config(config_file, feed_file)
    files = read_assets(find_assets(), rules_of(config), config.written.links.links())
    _say(write_assets(files, folder, force=force), folder)
    return 0


def _say(done: Written, folder: Path) -> None:
    named = {"written": done.written, "removed": done.removed, "kept, because it was changed": done.kept}
    for what, names in named.items():
        for name in names:
            typer.echo(f"{folder / name}: {what}")
    typer.echo(f"{len(done.written)} files written, {done.unchanged} unchanged")
