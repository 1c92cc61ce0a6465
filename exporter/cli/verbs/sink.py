"""Show what Slack, PagerDuty, mail and webhooks would receive."""

import logging
import threading
from typing import Annotated

import typer

from exporter.cli.logs import configure_logs
from exporter.cli.options import DEFAULT_LOGS, LogFormat, LogLevel, Logs, new_verb, setting
from exporter.sink.run import run_sink

app = new_verb()


@app.command()
def sink(
    *,
    http: Annotated[
        str,
        setting(
            "--http.listen-address",
            "HOST:PORT",
            "PUFFY_SINK_HTTP_LISTEN_ADDRESS",
            "Where to receive and show messages.",
        ),
    ] = "127.0.0.1:8025",
    smtp: Annotated[
        str,
        setting(
            "--smtp.listen-address",
            "HOST:PORT",
            "PUFFY_SINK_SMTP_LISTEN_ADDRESS",
            "Where to receive mail; empty: nowhere.",
        ),
    ] = "127.0.0.1:1025",
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Show what Slack, PagerDuty, mail and webhooks would receive."""
    configure_logs(Logs(log_level, log_format))
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it logs every line of every mail

    def announce(port: int, mail_port: int | None) -> None:
        host = http.rpartition(":")[0] or "localhost"
        mails = "no mails" if mail_port is None else f"mails on port {mail_port}"
        typer.echo(f"http://{host}:{port}/ shows what is received; {mails}")

    run_sink(http, smtp, stop=threading.Event(), ready=announce)
    return 0
