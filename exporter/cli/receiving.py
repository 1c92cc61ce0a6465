"""Receive notifications in place of Slack, PagerDuty, a mail server and a webhook."""

import logging
import threading

import typer

from exporter.cli.logs import configure_logs
from exporter.cli.options import Logs
from exporter.sink.run import run_sink


def sink(logs: Logs, http_address: str, mail_address: str) -> int:
    """Receive until told to stop, and say where."""
    configure_logs(logs)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every line of every mail

    def announce(port: int, mail_port: int | None) -> None:
        host = http_address.rpartition(":")[0] or "localhost"
        mails = "no mails" if mail_port is None else f"mails on port {mail_port}"
        typer.echo(f"http://{host}:{port}/ shows what is received; {mails}")

    run_sink(http_address, mail_address, stop=threading.Event(), ready=announce)
    return 0
