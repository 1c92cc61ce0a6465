"""Send the report to other systems; messages they do not accept wait in the outbox."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from exporter.cli.feeds import read_config
from exporter.cli.options import ConfigFile, DataDir, FeedFile, OutputDir, new_group
from exporter.cli.places import find_output
from exporter.config.load import Config
from exporter.errors import UserError
from exporter.feed import Owner
from exporter.integrations.delivery import Pushed
from exporter.integrations.montecarlo import push as montecarlo_push
from exporter.integrations.montecarlo.monitors import monitors_text
from exporter.integrations.openlineage import push as openlineage_push
from exporter.integrations.outbox import Outbox, Sent, read_outbox

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the exact bodies; send and store nothing.")]
Status = Annotated[bool, typer.Option("--status", help="Print each message's delivery state; send nothing.")]

EXIT_NOT_TAKEN = 4

app = new_group(__doc__)


@app.command("montecarlo")
def montecarlo(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    dry_run: DryRun = False,
    status: Status = False,
    monitors: Annotated[
        bool, typer.Option("--monitors", help="Print monitors as code for the warehouse table.")
    ] = False,
) -> int:
    """Push schema, volume, freshness, lineage and runs to Monte Carlo."""
    where = Where.find(config_file, feed_file, data_dir, output_dir, needs_folder=not monitors)
    return _to_montecarlo(where, dry_run=dry_run, status=status, monitors=monitors)


@app.command("openlineage")
def openlineage(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    dry_run: DryRun = False,
    status: Status = False,
) -> int:
    """Push an OpenLineage run event for each partition to a collector, a file, or both."""
    where = Where.find(config_file, feed_file, data_dir, output_dir)
    return _to_openlineage(where, dry_run=dry_run, status=status)


class Where(NamedTuple):
    """The configuration and the report's folder."""

    config: Config
    folder: Path

    @classmethod
    def find(
        cls,
        config_file: Path | None,
        feed_file: Path | None,
        data_dir: Path | None,
        output_dir: Path | None,
        *,
        needs_folder: bool = True,
    ) -> "Where":
        """Resolve as ``run`` does, but without requiring the data directory. Raises UserError."""
        config = read_config(config_file, feed_file)
        folder = find_output(config, data_dir, output_dir) if needs_folder else None
        if folder is None and needs_folder:
            raise UserError("no folder to find the report in: set --output.dir or --data.dir")
        return cls(config, folder or Path())

    @property
    def owner(self) -> Owner:
        """The owner of the data."""
        written = self.config.written.integrations
        return Owner(written.owner, written.contact)


def _to_montecarlo(where: Where, *, dry_run: bool, status: bool, monitors: bool) -> int:
    """Push, or show what would be or was pushed."""
    settings = where.config.written.integrations.montecarlo.settings()
    if monitors:
        sys.stdout.write(monitors_text(where.config.feed, settings, where.config.checks))
        return 0
    if status:
        return _show(where.folder, montecarlo_push.PEER)
    if dry_run:
        for batch in montecarlo_push.preview(where.folder, where.config.feed, settings, where.owner):
            _print_body(f"POST {settings.endpoint}{batch.path}", batch.body)
        return 0
    return _tell(montecarlo_push.push(where.folder, where.config.feed, settings, where.owner))


def _to_openlineage(where: Where, *, dry_run: bool, status: bool) -> int:
    """Push, or show what would be or was pushed."""
    settings = where.config.written.integrations.openlineage.settings()
    if status:
        return _show(where.folder, openlineage_push.PEER)
    if dry_run:
        for item in openlineage_push.compose(
            where.folder, where.config.feed, settings, where.config.checks, where.owner
        ):
            _print_body(item.subject, item.event)
        return 0
    return _tell(
        openlineage_push.push(where.folder, where.config.feed, settings, where.config.checks, where.owner)
    )


def _print_body(heading: str, body: object) -> None:
    sys.stdout.write(f"# {heading}\n{json.dumps(body, indent=2)}\n")


def _show(folder: Path, peer: str) -> int:
    known: Iterable[Sent] = read_outbox(folder, lambda outbox: Outbox.status(outbox, peer), [])
    for sent in known:
        when = "waiting" if sent.accepted_at is None else f"taken {_clock(sent.accepted_at)}"
        more = sent.problem or sent.invocation or "-"
        sys.stdout.write(f"{sent.subject:<20} {when:<26} {more}\n")
    return 0


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(pushed: Pushed) -> int:
    sys.stdout.write(
        f"{pushed.events} messages accepted in {pushed.requests} requests ({pushed.size_bytes} bytes), "
        f"{pushed.waiting} waiting\n"
    )
    for problem in pushed.problems:
        sys.stderr.write(f"puffy-exporter: error: {' '.join(problem.split())}\n")
    return EXIT_NOT_TAKEN if pushed.problems else 0
