"""``task``: run a step of the pipeline and record how it went."""

from typing import Annotated

import typer

from exporter.cli.options import ConfigFile, DataDir

app = typer.Typer(help="Run the pipeline's tasks under watch.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Run the pipeline's tasks under watch."""


@app.command("run", context_settings={"allow_interspersed_args": False})
def run(
    *,
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND [ARGUMENTS]...")],
    task: Annotated[str, typer.Option("--task", metavar="NAME", help="What the task is called.")],
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition", metavar="YYYY-MM-DD", help="The day that it works on; default: yesterday."
        ),
    ] = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
) -> int:
    """Run a command, pass its exit code on, and record start, end and exit code in task_runs/.

    Streams and signals are the command's own. Where the record cannot be written the command runs all the
    same, with a warning.
    """
    from exporter.cli import tasks  # noqa: PLC0415  only when it runs

    return tasks.run(command, task, partition, data_dir, config_file)
