"""Write the recording and alert rules derived from the catalogue and the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Origin
from exporter.cli.feeds import read_config
from exporter.cli.options import EXIT_ALERTS, ConfigFile, FeedFile, new_verb
from exporter.contract.load import shipped_feed
from exporter.history.followed import trends_of
from exporter.rules.byhand import relinked
from exporter.rules.files import compare_rules, rule_files, write_rules

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
    # What this feed has no use for, another one may have.
    bands = {trend.name: trend.band for trend in (*trends_of(shipped_feed()), *config.trends)}
    checks = {check.name: check for check in (*load_catalogue(bands), *config.checks)}
    own = [check for check in checks.values() if check.origin is Origin.CATALOGUE]
    links = config.written.links.links()
    files = {**rule_files(own, links), **relinked(folder, links)}
    if not check:
        write_rules(files, folder)
        typer.echo(f"{', '.join(files)} written to {folder}")
        return 0
    differences = compare_rules(files, folder)
    for line in differences:
        typer.echo(f"puffy-exporter: {line}; run puffy-exporter rules", err=True)
    return EXIT_DRIFT if differences else 0
