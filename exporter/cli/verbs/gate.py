"""Check whether downstream may load; exit code 0: open, 3: closed."""

from typing import Annotated

import typer

from exporter.cli.gating import answering, asking
from exporter.cli.gating.where import Where
from exporter.cli.options import ConfigFile, DataDir, FeedFile, OutputDir, new_group
from exporter.gate.answer import About

app = new_group(__doc__)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ForPartition = Annotated[
    str | None,
    typer.Option(
        "--partition",
        metavar="DATE",
        help="Only this day; also closed until the exporter has judged its files.",
    ),
]
After = Annotated[str | None, typer.Option("--after", metavar="DATE", help="This day and later ones.")]


@app.command()
def status(
    *,
    partition: ForPartition = None,
    after: After = None,
    as_json: Json = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Say whether the gate is open (0) or closed (3), and why, as of the exporter's last pass."""
    where, about = Where(config_file, feed_file, data_dir, output_dir), About.read(partition, after)
    return asking.show_status(where, about, as_json=as_json)


@app.command()
def wait(
    *,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="Give up after this time.")
    ] = "2h",
    partition: ForPartition = None,
    after: After = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Wait until the gate is open (0), or until the timeout expires (3)."""
    where, about = Where(config_file, feed_file, data_dir, output_dir), About.read(partition, after)
    return asking.wait_until_open(where, about, timeout)


@app.command()
def ack(
    *,
    partition: Annotated[
        list[str],
        typer.Argument(
            metavar="PARTITION|INCIDENT...",
            help="Days (2025-03-07, 2025-03-04..2025-03-08), or incident ids or their beginnings.",
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Your name, for the record.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The reason, for the record.")],
    check: Annotated[
        list[str] | None, typer.Option("--check", metavar="NAME", help="Only this check; repeatable.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="WHEN", help="Expires after this date or instant.")
    ] = None,
    standing: Annotated[
        bool,
        typer.Option(
            "--standing",
            help="Acknowledge the incident's later days too, until --until, by default for 30 days.",
        ),
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline", metavar="include|exclude", help="Whether the day is part of the baseline."
        ),
    ] = None,
    new_level: Annotated[
        bool,
        typer.Option("--new-level", help="The level is permanent: later days are compared with it."),
    ] = False,
    content: Annotated[
        str | None,
        typer.Option("--content", metavar="ID", help="Refuse if the day's content has changed since."),
    ] = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Acknowledge partitions, or an incident's bad days: this ends their holds and alerts."""
    said = {
        "partition": " ".join(partition),
        "by": by,
        "reason": reason,
        "checks": check or None,
        "until": until,
        "standing": standing or None,
        "baseline": baseline,
        "content": content,
        "new_level": new_level or None,
    }
    return answering.acknowledge_named(Where(config_file, feed_file, data_dir, output_dir), said)


@app.command()
def revoke(
    *,
    incident: Annotated[
        str, typer.Argument(metavar="INCIDENT", help="The incident whose later days are acknowledged.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Your name, for the record.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The reason, for the record.")],
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """End a standing acknowledgement: later days are held again, released ones stay released."""
    return answering.revoke(Where(config_file, feed_file, data_dir, output_dir), incident, by, reason)


@app.command()
def history(
    *,
    as_json: Json = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Print every hold, its end, and every acknowledgement on record."""
    return asking.show_history(Where(config_file, feed_file, data_dir, output_dir), as_json=as_json)
