"""What verbs share: options, each with its environment variable, and exit codes."""

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

EXIT_USER_ERROR = 1
EXIT_ALERTS = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config.file",
        metavar="FILE",
        envvar="PUFFY_CONFIG_FILE",
        help="Configuration (YAML); default: none.",
    ),
]
FeedFile = Annotated[
    Path | None,
    typer.Option(
        "--feed.file",
        metavar="FILE",
        envvar="PUFFY_FEED_FILE",
        help="The feed's contract (YAML, see init); default: the events feed that ships.",
    ),
]
FeedFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--feed.file",
        metavar="FILE",
        envvar="PUFFY_FEED_FILE",
        help="A feed's contract (YAML, see init), once for each feed; default: the events feed that ships.",
    ),
]
FeedsDir = Annotated[
    Path | None,
    typer.Option(
        "--feeds.dir",
        metavar="DIR",
        envvar="PUFFY_FEEDS_DIR",
        help="A folder of contracts (*.yaml, *.yml), one a feed.",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data.dir",
        metavar="DIR",
        envvar="PUFFY_DATA_DIR",
        help="The data directory that the pipeline writes.",
    ),
]
OutputDir = Annotated[
    Path | None,
    typer.Option(
        "--output.dir",
        metavar="DIR",
        envvar="PUFFY_OUTPUT_DIR",
        help="Where report, alerts and state go; default: monitoring/ in the data directory.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="WHEN",
        envvar="PUFFY_AS_OF",
        help="Judge as of an instant, or the end of a date (YYYY-MM-DD). Writes nothing by itself.",
    ),
]
Write = Annotated[
    bool,
    typer.Option(
        "--write",
        help="With --as-of: keep what is found in the output folder, as giving --output.dir does.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--engine.scheduler",
        metavar="ADDRESS",
        envvar="PUFFY_ENGINE_SCHEDULER",
        help="Read files on a Dask cluster (tcp://host:8786); default: by threads of this process.",
    ),
]
LogLevel = Annotated[
    str, typer.Option("--log.level", metavar="debug|info|warning|error", envvar="PUFFY_LOG_LEVEL")
]
LogFormat = Annotated[str, typer.Option("--log.format", metavar="logfmt|json", envvar="PUFFY_LOG_FORMAT")]


def new_verb() -> typer.Typer:
    """Return what a module of ``exporter.cli.verbs`` declares its command on, as ``app``."""
    return typer.Typer(add_completion=False)


class Logs(NamedTuple):
    """How to log."""

    level: str = "info"
    form: str = "logfmt"


DEFAULT_LOGS = Logs()
QUIET_LOGS = Logs(level="warning")  # of verbs whose output is read


class Common(NamedTuple):
    """What every verb that makes passes is given.

    ``keep`` says that what is found at another time may be written: by default it may not.
    """

    config_file: Path | None
    feed_file: Path | None
    data_dir: Path | None
    output_dir: Path | None
    as_of: str | None
    logs: Logs
    keep: bool = False
    scheduler: str | None = None

    @property
    def is_what_if(self) -> bool:
        """Whether this only asks how things were at another time."""
        return self.as_of is not None and not self.keep


def names_output(context: typer.Context) -> bool:
    """Tell whether ``--output.dir`` was written on the command line: its variable configures production."""
    source = context.get_parameter_source("output_dir")
    return source is not None and source.name == "COMMANDLINE"
