"""Connection limits: a client that is slow to send or to read never blocks others.

Until its request is complete a connection has no priority: it is closed after ``REQUEST_SECONDS``, or sooner
if its place is needed. So however many connections are opened and left incomplete, a scraper, which sends its
whole request at once, is answered. A client that does not read its response loses its place as well.
"""

import asyncio
import math
import socket
import struct
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from exporter.server.headers import NO_SNIFFING
from exporter.server.refusing import Refusals

REQUEST_SECONDS = 5.0  # from the connection, or on a kept one from the first byte, to the last byte
ANSWER_SECONDS = 60.0  # to read a response: six times Prometheus' default scrape timeout
MOST_CONNECTIONS = 256  # more than any number of scrapers, less than the limit of open files
MOST_PER_ADDRESS = 240  # as many scrapers may share one proxy, and others still find a place at once
STALLED_SECONDS = 2.0  # without reading a byte, while others want the place


class Connection(Protocol):
    """What the limits need to know of a connection."""

    address: str

    @property
    def waiting(self) -> bool:
        """Whether no complete request is pending, so that nothing is lost by closing it."""

    @property
    def stalled(self) -> bool:
        """Whether the client has not been taking its answer for some time."""

    def drop(self) -> None:
        """Close it at once."""


class Connections:
    """The open connections by client address, longest waiting first."""

    def __init__(self, most: int = MOST_CONNECTIONS, most_per_address: int = MOST_PER_ADDRESS) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._open: dict[str, dict[Connection, None]] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """The number of open connections."""
        return self._count

    def admit(self, connection: Connection) -> bool:
        """Make room for a new connection by dropping a waiting or stalled one; refuse it if there is none.

        An address at its limit loses one of its own, so that it cannot crowd out others. If all are being
        answered, an address with more of them than the newcomer's loses its oldest.
        """
        own = self._open.get(connection.address, {})
        if len(own) >= self._most_per_address:
            if not self._drop_one(own):
                return False
        elif self._count >= self._most:
            crowded = sorted(self._open.values(), key=len, reverse=True)
            if not any(map(self._drop_one, crowded)) and not self._drop_oldest(crowded[0], len(own)):
                return False
        self._open.setdefault(connection.address, {})[connection] = None
        self._count += 1
        return True

    def renew(self, connection: Connection) -> None:
        """Note that a connection has just been answered: it is the last waiting one to be dropped."""
        own = self._open.get(connection.address, {})
        if connection in own:
            own[connection] = own.pop(connection)

    def forget(self, connection: Connection) -> None:
        """Note that a connection is closed; unknown ones are ignored."""
        own = self._open.get(connection.address, {})
        if connection not in own:
            return
        del own[connection]
        self._count -= 1
        if not own:
            del self._open[connection.address]

    def _drop_one(self, open_ones: Mapping[Connection, None]) -> bool:
        idle = next((connection for connection in open_ones if connection.waiting), None)
        idle = idle or next((connection for connection in open_ones if connection.stalled), None)
        return idle is not None and self._drop(idle)

    def _drop_oldest(self, open_ones: Mapping[Connection, None], fewer: int) -> bool:
        return len(open_ones) > max(fewer, 1) and self._drop(next(iter(open_ones)))

    def _drop(self, connection: Connection) -> bool:
        self.forget(connection)
        connection.drop()
        return True


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for each request and each response, and a limit on connections."""

    def __init__(
        self,
        connections: Connections,
        refusals: Refusals,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.address = ""
        self._all = connections
        self._refusals = refusals
        self._deadline: asyncio.TimerHandle | None = None
        self._paused_at = math.inf

    @property
    def waiting(self) -> bool:
        """Whether no complete request is pending, and no response is left to be read."""
        return not self.flow.write_paused and (
            self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        )

    @property
    def stalled(self) -> bool:
        """Whether the client has not been taking its answer for ``STALLED_SECONDS``."""
        return self.loop.time() - self._paused_at >= STALLED_SECONDS

    def drop(self) -> None:
        """Close immediately: over TLS, a graceful close would wait for the client."""
        if self.flow.write_paused:  # what is not read would stay in the kernel's memory for minutes
            line = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register the connection, or close it."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if self._all.admit(self):
            self._expect_within(REQUEST_SECONDS)
        else:
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Unregister the connection."""
        self._expect_nothing()
        self._all.forget(self)
        self._unset_keepalive_if_required()  # after a reset uvicorn would keep it, and all of this, for 75 s
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process data; the first byte of a request starts its timer, the last one the response's."""
        was_waiting = self.waiting
        if was_waiting and self._deadline is None:
            self._expect_within(REQUEST_SECONDS)
        super().data_received(data)
        if was_waiting and not self.waiting:
            self._expect_within(ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        """Stop the timer, unless the rest of this request, or the next one, is arriving."""
        self._all.renew(self)
        super().on_response_complete()
        self._expect_rest()

    def pause_writing(self) -> None:
        """Note since when the client takes less than it is sent."""
        super().pause_writing()
        self._paused_at = self.loop.time()

    def resume_writing(self) -> None:
        """Stop the timer of a response that the client has read."""
        super().resume_writing()
        self._paused_at = math.inf
        if self.waiting:
            self._expect_rest()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's words are the same for all
        """Refuse what cannot be read, with the status that says why; called while the error is handled."""
        status = self._status_of(sys.exception())
        self._refusals.note(self.address, status)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # its answer would be a second one
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._answer_at_last(HTTPStatus(status))
        self.transport.close()
        self._expect_within(ANSWER_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        """Close what rests; where the last answer was never taken, a polite close would wait for that."""
        if self.transport.get_write_buffer_size():
            self.drop()
        else:
            super().timeout_keep_alive_handler()

    def _status_of(self, error: BaseException | None) -> int:
        hint = getattr(error, "error_status_hint", 400)
        if hint != HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            return int(hint)
        if self.conn.our_state is not h11.IDLE:  # a chunk's length, or what follows the last chunk
            return 400
        return int(hint) if b"\n" in self.conn.trailing_data[0] else 414

    def _answer_at_last(self, status: HTTPStatus) -> None:
        body = f"{status.phrase}.\n".encode()
        headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body))}
        headers |= NO_SNIFFING | {"connection": "close"}
        answer = h11.Response(status_code=status, headers=list(headers.items()), reason=status.phrase)
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event))

    def _expect_rest(self) -> None:
        self._expect_nothing()
        if not self.waiting or self.transport.is_closing():
            self._expect_within(ANSWER_SECONDS)
        elif self.cycle.more_body or self.conn.trailing_data[0]:
            self._expect_within(REQUEST_SECONDS)

    def _expect_within(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self.drop)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
