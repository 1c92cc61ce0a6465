"""A mail server that delivers to the inbox."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from exporter.server.listen import listen
from exporter.sink.inbox import Inbox
from exporter.sink.message import Channel

MOST_BYTES = 1 << 20
LIBRARY_LOG = "mail.log"  # the library's; it logs each line of every session, even while the loop shuts down
HOSTNAME = "puffy-exporter"  # otherwise the library queries DNS, which may take seconds


@contextmanager
def mail_server(inbox: Inbox, listen_address: str) -> Iterator[int]:
    """Receive mail on a thread within the context; provide the port. Raises UserError as ``listen`` does."""
    logging.getLogger(LIBRARY_LOG).setLevel(logging.WARNING)
    with listen(listen_address) as listener:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="mail", daemon=True)
        thread.start()
        try:
            server = asyncio.run_coroutine_threadsafe(
                loop.create_server(lambda: _session(inbox, loop), sock=listener), loop
            ).result()
            yield int(listener.getsockname()[1])
            loop.call_soon_threadsafe(server.close)
        finally:
            asyncio.run_coroutine_threadsafe(_wind_up(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def _session(inbox: Inbox, loop: asyncio.AbstractEventLoop) -> SMTP:
    return SMTP(
        _Delivery(inbox), loop=loop, hostname=HOSTNAME, data_size_limit=MOST_BYTES, enable_SMTPUTF8=True
    )


async def _wind_up() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Delivery:
    """The library's handler for each mail, with its names."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        body = _read(message_from_bytes(raw, policy=policy.default))
        recipients = list(envelope.rcpt_tos)
        self._inbox.add(Channel.EMAIL, ", ".join(recipients), body | {"to": recipients})
        return "250 OK"


def _read(mail: EmailMessage) -> dict[str, Any]:
    part = mail.get_body(("plain", "html"))
    return {
        "from": str(mail.get("From", "")),
        "subject": str(mail.get("Subject", "")),
        "text": part.get_content() if part is not None else "",
    }
