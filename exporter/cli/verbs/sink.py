"""The verb that receives notifications in place of the real services."""

from typing import Annotated

import typer

from exporter.cli.options import LogFormat, LogLevel, Logs

DEFAULT_LOGS = Logs()


def sink(
    *,
    http: Annotated[
        str,
        typer.Option("--http.listen-address", metavar="HOST:PORT", envvar="PUFFY_SINK_HTTP_LISTEN_ADDRESS"),
    ] = "127.0.0.1:8025",
    smtp: Annotated[
        str,
        typer.Option(
            "--smtp.listen-address",
            metavar="HOST:PORT",
            envvar="PUFFY_SINK_SMTP_LISTEN_ADDRESS",
            help="Where to take mails; empty: nowhere.",
        ),
    ] = "127.0.0.1:1025",
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Show what Slack, PagerDuty, mail and webhooks would receive."""
    from exporter.cli import receiving  # noqa: PLC0415  loads the server

    return receiving.sink(Logs(log_level, log_format), http, smtp)
