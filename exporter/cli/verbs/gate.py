"""``gate``: may downstream go on, and if not, who says that it may."""

from typing import Annotated

import typer

from exporter.cli.options import ConfigFile, DataDir, OutputDir

gate = typer.Typer(
    help="May downstream go on? Exit code 0: open, 3: closed.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ForPartition = Annotated[
    str | None,
    typer.Option(
        "--partition",
        metavar="DATE",
        help="Ask about this day alone; closed as well until the exporter has judged its files.",
    ),
]
After = Annotated[
    str | None, typer.Option("--after", metavar="DATE", help="Ask about this day and those behind it.")
]


@gate.command()
def status(
    *,
    partition: ForPartition = None,
    after: After = None,
    as_json: Json = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Say whether the gate is open (0) or closed (3), and why, as of the exporter's last pass."""
    from exporter.cli import gating  # noqa: PLC0415  verbs load when they run

    where, about = gating.Where(config_file, data_dir, output_dir), gating.About.read(partition, after)
    return gating.status(where, about, as_json=as_json)


@gate.command()
def wait(
    *,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="Give up after so long.")
    ] = "2h",
    partition: ForPartition = None,
    after: After = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Wait until the gate is open (0), or until the time is over (3)."""
    from exporter.cli import gating  # noqa: PLC0415  verbs load when they run

    where, about = gating.Where(config_file, data_dir, output_dir), gating.About.read(partition, after)
    return gating.wait(where, about, timeout)


@gate.command()
def ack(
    *,
    partition: Annotated[
        list[str],
        typer.Argument(
            metavar="PARTITION...", help="The days: 2025-03-07, or 2025-03-04..2025-03-08 for several."
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it may go on.")],
    check: Annotated[
        list[str] | None, typer.Option("--check", metavar="NAME", help="Only this check; may be repeated.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="WHEN", help="Does not count after this date or instant.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="include|exclude", help="Whether the day serves as baseline."),
    ] = None,
    content: Annotated[
        str | None,
        typer.Option("--content", metavar="ID", help="Refuse if the day holds anything else by now."),
    ] = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Acknowledge partitions: their holds end, and their alerts."""
    from exporter.cli import gating  # noqa: PLC0415  verbs load when they run

    said = {
        "partition": " ".join(partition),
        "by": by,
        "reason": reason,
        "checks": check or None,
        "until": until,
        "baseline": baseline,
        "content": content,
    }
    return gating.ack(gating.Where(config_file, data_dir, output_dir), said)


@gate.command()
def history(
    *,
    as_json: Json = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Print every hold and acknowledgement on record."""
    from exporter.cli import gating  # noqa: PLC0415  verbs load when they run

    return gating.history(gating.Where(config_file, data_dir, output_dir), as_json=as_json)
