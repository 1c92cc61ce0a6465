"""Write the recording and alert rules derived from the catalogue and the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.feeds import read_config
from exporter.cli.options import EXIT_ALERTS, ConfigFile, FeedFile, new_verb
from exporter.cli.rulebook import rules_of
from exporter.rules.byhand import relinked
from exporter.rules.files import compare_rules, write_rules

EXIT_DRIFT = EXIT_ALERTS


app = new_verb()


@app.command()
def rules(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    folder: Annotated[
        Path, typer.Option("--rules.dir", metavar="DIR", help="Where Prometheus reads its rule files.")
    ] = Path("prometheus/rules"),
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 2 if a file differs."),
    ] = False,
) -> int:
    """Write the recording and alert rules derived from the catalogue and the configuration.

    They are the same for any feed and any number of feeds; a feed's own checks share two alerts.
    In meta.yml, if it exists, only the links are updated.
    """
    config = read_config(config_file, feed_file)
    files = {**rules_of(config), **relinked(folder, config.written.links.links())}
    if not check:
        write_rules(files, folder)
        typer.echo(f"{', '.join(files)} written to {folder}")
        return 0
    differences = compare_rules(files, folder)
    for line in differences:
        typer.echo(f"puffy-exporter: {line}; run puffy-exporter rules", err=True)
    return EXIT_DRIFT if differences else 0
