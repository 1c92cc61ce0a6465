"""The sink as a program: HTTP and, optionally, mail."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

from exporter.errors import UserError
from exporter.server.run import serve
from exporter.sink.app import create_sink
from exporter.sink.inbox import Inbox


def run_sink(
    http_address: str,
    mail_address: str,
    *,
    stop: threading.Event,
    inbox: Inbox | None = None,
    ready: Callable[[int, int | None], None] | None = None,
) -> None:
    """Receive until ``stop`` is set or a signal arrives. An empty ``mail_address`` means no mail.

    ``ready`` is called with the ports of HTTP and mail. Raises UserError if an address cannot be
    listened on, or if mail is wanted and its library is not installed.
    """
    inbox = inbox or Inbox()
    with ExitStack() as stack:
        mail_port = _take_mails(stack, inbox, mail_address) if mail_address else None

        def announce(port: int) -> None:
            if ready is not None:
                ready(port, mail_port)

        serve(create_sink(inbox), http_address, stop=stop, ready=announce)


def _take_mails(stack: ExitStack, inbox: Inbox, address: str) -> int:
    try:
        from exporter.sink.mail import mail_server  # noqa: PLC0415  an optional dependency
    except ModuleNotFoundError:
        raise UserError(
            "mail needs an extra: pip install 'puffy-exporter[sink]', or set --smtp.listen-address ''"
        ) from None
    return stack.enter_context(mail_server(inbox, address))
