"""The command line as a whole, and the only place that turns errors into exit codes."""

import errno
import gc
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

import exporter
from exporter.cli import verbs
from exporter.cli.group import Group
from exporter.cli.options import EXIT_BUG, EXIT_INTERRUPTED, EXIT_USER_ERROR
from exporter.errors import UserError, reason_of

NO_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Verbs(Group):
    """Every module of ``exporter.cli.verbs`` is a verb, with a Typer named ``app``.

    It is imported when it runs: most load heavy libraries, and ``--help`` must not wait for them. Help shows
    the first sentence of its module.
    """

    _listing = False

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        listed = {name: TyperCommand(name, help=_sentence(path)) for name, path in _modules().items()}
        self.commands.update(listed)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a verb, or ``None`` if there is none; for a list of verbs only its help sentence."""
        listed = super().get_command(ctx, cmd_name)
        if listed is None or self._listing:
            return listed
        command = typer.main.get_command(_load(f"{verbs.__name__}.{_modules()[cmd_name].stem}"))
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help without loading the verbs."""
        with self._names_alone():
            super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete a verb's name without loading any."""
        with self._names_alone():
            return super().shell_complete(ctx, incomplete)

    @contextmanager
    def _names_alone(self) -> Iterator[None]:
        self._listing = True
        try:
            yield
        finally:
            self._listing = False


def _load(name: str) -> typer.Typer:
    """Import a verb's module; what is loaded stays, so the collector need not look it through each time."""
    if name not in sys.modules:
        gc.disable()
        try:
            import_module(name)
        finally:
            gc.freeze()
            gc.enable()
    verb: typer.Typer = sys.modules[name].app
    return verb


def _modules() -> dict[str, Path]:
    paths = sorted(Path(verbs.__file__ or "").parent.glob("[a-z]*.py"))
    return {path.stem.replace("_", "-"): path for path in paths}


def _sentence(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().strip('"')


app = typer.Typer(
    name="puffy-exporter",
    cls=Verbs,
    help="Watch a daily data pipeline's files; expose their health to Prometheus and in a report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. A user's mistake is one line on stderr."""
    _open_closed_streams()
    try:
        code = app(args=None if arguments is None else list(arguments), standalone_mode=False)
        sys.stdout.flush()
    except UserError as error:
        return _complain(error.lines)
    except (typer.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output is gone, as with `| head`
        _discard_output()
        return EXIT_USER_ERROR
    except Exception as error:  # noqa: BLE001  the last line of defence
        if isinstance(error, OSError) and error.errno in NO_DISK:
            _discard_output()
            what = error.filename or "standard output"  # other files are named where they are written
            return _complain([f"{what}: {reason_of(error)}"])
        return _usage(error)
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """Send nowhere what is written to a stream that the caller closed (``>&-``).

    Otherwise the first file to be opened would get its number, and with it what is printed.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  it stays open


def _discard_output() -> None:
    """Send what is left in the buffer nowhere: at its end Python would try once more to write it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(error: Exception) -> int:
    show = getattr(error, "show", None)  # a usage error knows how to print itself with the verb's usage
    if callable(show):
        show()
        return EXIT_USER_ERROR
    sys.stderr.write("".join(traceback.format_exception(error)))
    sys.stderr.write(f"puffy-exporter {exporter.__version__}: this is a bug, please report the lines above\n")
    return EXIT_BUG


def _complain(lines: Sequence[str]) -> int:
    for line in lines:
        sys.stderr.write(f"puffy-exporter: error: {' '.join(line.split())}\n")
    return EXIT_USER_ERROR


def _show_version(wanted: bool) -> None:  # noqa: FBT001  a callback's signature
    if wanted:
        typer.echo(f"puffy-exporter {exporter.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[  # noqa: ARG001  its callback does the work
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    logging.captureWarnings(capture=True)
