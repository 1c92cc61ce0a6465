"""The verbs, and the one place where an error becomes an exit code.

Heavy libraries load inside the verb that needs them: ``--help`` must not wait for pandas.
"""

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import exporter
from exporter.cli.options import (
    EXIT_BUG,
    EXIT_INTERRUPTED,
    EXIT_USER_ERROR,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    Write,
    names_output,
)
from exporter.cli.verbs import (
    backtest,
    contract,
    detectors,
    gate,
    push,
    rules,
    simulate,
    sink,
    task,
    triage,
)
from exporter.errors import UserError

DEFAULT_LOGS = Logs()


app = typer.Typer(
    name="puffy-exporter",
    help="Watch a daily data pipeline's files; expose their health to Prometheus and in a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. What a user can cause is one line on stderr."""
    try:
        code = app(args=None if arguments is None else list(arguments), standalone_mode=False)
    except UserError as error:
        return _complain(error.lines)
    except (typer.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, for instance `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_USER_ERROR
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _usage(error)
    return code if isinstance(code, int) else 0


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


@app.command()
def run(
    *,
    context: typer.Context,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    write: Write = False,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="warning|critical", help="Exit with 2 if such an alert fires."),
    ] = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Make one pass: write the report and the alerts file, print a summary.

    With --as-of it prints only, unless --output.dir or --write says where what it finds may go.
    """
    from exporter.cli import once  # noqa: PLC0415  loads pandas

    keep = write or names_output(context)
    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format), keep)
    return once.run(common, fail_on)


@app.command()
def metrics(
    *,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Make one pass and print the metrics as Prometheus' text format."""
    from exporter.cli import once  # noqa: PLC0415  loads pandas

    return once.metrics(Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format)))


@app.command("check-config")
def check_config(config_file: ConfigFile = None) -> int:
    """Validate the configuration: 0, or 1 with file, key and reason."""
    from exporter.config.load import links_warning, load_config  # noqa: PLC0415  loads pydantic

    config = load_config(config_file)
    if (warning := links_warning(config)) is not None:
        typer.echo(f"puffy-exporter: warning: {warning}", err=True)
    typer.echo(f"{config_file or 'defaults'}: ok, {len(config.checks)} checks, {len(config.trends)} trends")
    return 0


@app.command()
def serve(
    *,
    context: typer.Context,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    write: Write = False,
    listen: Annotated[
        str, typer.Option("--web.listen-address", metavar="HOST:PORT", envvar="PUFFY_WEB_LISTEN_ADDRESS")
    ] = "127.0.0.1:10110",
    web_config: Annotated[
        Path | None,
        typer.Option(
            "--web.config.file",
            metavar="FILE",
            envvar="PUFFY_WEB_CONFIG_FILE",
            help="TLS and basic auth, in exporter-toolkit's format.",
        ),
    ] = None,
    telemetry_path: Annotated[
        str, typer.Option("--web.telemetry-path", metavar="PATH", envvar="PUFFY_WEB_TELEMETRY_PATH")
    ] = "/metrics",
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Watch the data directory and serve its metrics until told to stop."""
    from exporter.cli import live  # noqa: PLC0415  loads the server

    keep = write or names_output(context)
    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format), keep)
    return live.serve(common, live.Web(listen, web_config, telemetry_path))


@app.command()
def demo(
    *,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Where to generate, and keep; default: a passing folder."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=10, max=400, help="Days before today's.")] = 35,
    drop_after: Annotated[
        float, typer.Option("--drop-after", metavar="SECONDS", min=0, help="When today's file arrives.")
    ] = 20,
    listen: Annotated[str, typer.Option("--web.listen-address", metavar="HOST:PORT")] = "127.0.0.1:10110",
    log_level: LogLevel = "warning",
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Generate a pipeline with believable days and incidents, and serve it live."""
    from exporter.cli import showing  # noqa: PLC0415  loads the server

    return showing.demo(Logs(log_level, log_format), directory, days, drop_after, listen)


app.command("rules")(rules.rules)
app.add_typer(gate.gate, name="gate")
app.command("detectors")(detectors.detectors)
app.command("backtest")(backtest.backtest)
app.command()(sink.sink)
app.command()(simulate.simulate)
app.add_typer(task.app, name="task")
app.command("explain")(triage.explain)
app.command("backfill")(triage.backfill)
app.command("postmortem")(triage.postmortem)
app.add_typer(push.push, name="push")
app.command("contract")(contract.contract)
