"""What verbs share: options, each with its environment variable, and exit codes."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from exporter.cli.group import Group

EXIT_USER_ERROR = 1
EXIT_ALERTS = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


def setting(name: str, metavar: str, variable: str, words: str) -> Any:
    """Return an option that a variable of the environment sets too.

    Help names the variable in a word of its own, which no line's end cuts in two.
    """
    return typer.Option(
        name, metavar=metavar, envvar=variable, show_envvar=False, help=f"{words} [{variable}]"
    )


ConfigFile = Annotated[
    Path | None,
    setting("--config.file", "FILE", "PUFFY_CONFIG_FILE", "Configuration (YAML); default: none."),
]
FeedFile = Annotated[
    Path | None,
    setting(
        "--feed.file",
        "FILE",
        "PUFFY_FEED_FILE",
        "The feed's contract (YAML, see init); default: the events feed that ships.",
    ),
]
FeedFiles = Annotated[
    list[Path] | None,
    setting(
        "--feed.file",
        "FILE",
        "PUFFY_FEED_FILE",
        "A feed's contract (YAML, see init), repeated for each feed; default: the events feed that ships.",
    ),
]
FeedsDir = Annotated[
    Path | None,
    setting("--feeds.dir", "DIR", "PUFFY_FEEDS_DIR", "A folder of contracts (*.yaml, *.yml), one per feed."),
]
DataDir = Annotated[
    Path | None,
    setting("--data.dir", "DIR", "PUFFY_DATA_DIR", "The directory that the pipeline writes to."),
]
OutputDir = Annotated[
    Path | None,
    setting(
        "--output.dir",
        "DIR",
        "PUFFY_OUTPUT_DIR",
        "Where report, alerts and state go; default: monitoring/ in the data directory.",
    ),
]
AsOf = Annotated[
    str | None,
    setting(
        "--as-of",
        "WHEN",
        "PUFFY_AS_OF",
        "Judge as of an instant, or the end of a date such as 2025-03-09. Alone, it writes nothing.",
    ),
]
Write = Annotated[
    bool,
    typer.Option(
        "--write",
        help="With --as-of: save the results in the output folder, as --output.dir does.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--engine.scheduler",
        metavar="ADDRESS",
        envvar="PUFFY_ENGINE_SCHEDULER",
        help="Read files on a Dask cluster (tcp://host:8786); default: in threads of this process.",
    ),
]
LogLevel = Annotated[
    str, setting("--log.level", "LEVEL", "PUFFY_LOG_LEVEL", "debug, info, warning or error.")
]
LogFormat = Annotated[str, setting("--log.format", "FORMAT", "PUFFY_LOG_FORMAT", "logfmt or json.")]


def new_verb() -> typer.Typer:
    """Return what a module of ``exporter.cli.verbs`` declares its command on, as ``app``."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def new_group(words: str | None, *, alone: bool = False) -> typer.Typer:
    """Return what a module declares several commands on; ``alone``: it is a command without them, too."""
    return typer.Typer(
        add_completion=False, rich_markup_mode=None, cls=Group, help=words, no_args_is_help=not alone
    )


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
    """Return whether ``--output.dir`` was written on the command line: its variable configures production."""
    source = context.get_parameter_source("output_dir")
    return source is not None and source.name == "COMMANDLINE"
