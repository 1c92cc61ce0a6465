"""``push``: tell other systems what the report says."""

from typing import Annotated

import typer

from exporter.cli.options import ConfigFile, DataDir, OutputDir

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the exact bodies; send and keep nothing.")]
Status = Annotated[bool, typer.Option("--status", help="Print what became of each message; send nothing.")]

push = typer.Typer(
    help="Tell other systems what the report says; what they do not take waits in the outbox.",
    no_args_is_help=True,
)


@push.command("montecarlo")
def montecarlo(
    *,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    dry_run: DryRun = False,
    status: Status = False,
    monitors: Annotated[
        bool, typer.Option("--monitors", help="Print monitors as code for the warehouse table.")
    ] = False,
) -> int:
    """Push schema, volume, freshness, lineage and runs to Monte Carlo."""
    from exporter.cli import pushing  # noqa: PLC0415  loads the configuration

    where = pushing.Where.find(config_file, data_dir, output_dir, needs_folder=not monitors)
    return pushing.montecarlo(where, dry_run=dry_run, status=status, monitors=monitors)


@push.command("openlineage")
def openlineage(
    *,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    dry_run: DryRun = False,
    status: Status = False,
) -> int:
    """Push an OpenLineage run event for each partition to a collector, a file, or both."""
    from exporter.cli import pushing  # noqa: PLC0415  loads the configuration

    where = pushing.Where.find(config_file, data_dir, output_dir)
    return pushing.openlineage(where, dry_run=dry_run, status=status)
