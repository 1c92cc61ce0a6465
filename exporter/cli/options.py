"""What verbs share: options with their environment variables, and exit codes."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from exporter.cli.group import Group

EXIT_USER_ERROR = 1
EXIT_ALERTS = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


def setting(name: str, metavar: str, variable: str, words: str) -> Any:
    """Return an option that can also be set by an environment variable.

    Help shows the variable as a separate word, so that line breaks never split it.
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
    setting(
        "--engine.scheduler",
        "ADDRESS",
        "PUFFY_ENGINE_SCHEDULER",
        "Read files on a Dask cluster (tcp://host:8786); default: in threads of this process.",
    ),
]
LogLevel = Annotated[
    str, setting("--log.level", "LEVEL", "PUFFY_LOG_LEVEL", "debug, info, warning or error.")
]
LogFormat = Annotated[str, setting("--log.format", "FORMAT", "PUFFY_LOG_FORMAT", "logfmt or json.")]


def new_verb() -> typer.Typer:
    """Return the Typer ``app`` for a module of ``exporter.cli.verbs`` with one command."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def new_group(words: str | None, *, alone: bool = False) -> typer.Typer:
    """Return the ``app`` for a module with several commands; ``alone``: it also works without one."""
    return typer.Typer(
        add_completion=False, rich_markup_mode=None, cls=Group, help=words, no_args_is_help=not alone
    )


class Logs(NamedTuple):
    """How to log."""

    level: str = "info"
    form: str = "logfmt"


DEFAULT_LOGS = Logs()
QUIET_LOGS = Logs(level="warning")  # for verbs with output to read


class Common(NamedTuple):
    """The options of every verb that makes passes.

    ``keep`` allows a what-if to write its results.
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
        """Whether this only asks about another time."""
        return self.as_of is not None and not self.keep


def names_output(context: typer.Context) -> bool:
    """Return whether ``--output.dir`` was given on the command line: its variable configures production."""
    source = context.get_parameter_source("output_dir")
    return source is not None and source.name == "COMMANDLINE"
