"""Who may stay connected: a client that is slow to ask, or to listen, never keeps others from an answer.

Until a request is complete its connection has no claim: it is closed after ``REQUEST_SECONDS``, and sooner
if its place is needed. So however many connections are opened and left half-way, a scraper, which sends its
whole request at once, is answered. A client that asks and takes no answer gives its place up as well.
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

REQUEST_SECONDS = 5.0  # from the connection, or from the first byte on one that was kept, to the last byte
ANSWER_SECONDS = 60.0  # to take an answer: six times as long as Prometheus' default scrape timeout
MOST_CONNECTIONS = 256  # more than any number of scrapers, fewer than files may be open
MOST_PER_ADDRESS = 240  # so many scrapers may stand behind one proxy, and others find a place at once
STALLED_SECONDS = 2.0  # without taking a byte, while others want the place


class Connection(Protocol):
    """What the bounds need to know of a connection."""

    address: str

    @property
    def waiting(self) -> bool:
        """Whether there is no complete request to answer, so that nothing is lost by closing it."""

    @property
    def stalled(self) -> bool:
        """Whether the client has not been taking its answer for some time."""

    def drop(self) -> None:
        """Close it at once."""


class Connections:
    """The open connections by client address, those that have waited longest first."""

    def __init__(self, most: int = MOST_CONNECTIONS, most_per_address: int = MOST_PER_ADDRESS) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._open: dict[str, dict[Connection, None]] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """How many connections are open."""
        return self._count

    def admit(self, connection: Connection) -> bool:
        """Make room for a new connection at the cost of a waiting or stalled one; refuse it if there is none.

        An address that has its fill gives up one of its own, so that it cannot crowd out others. If all are
        being answered, an address with more of them than the newcomer's gives up its oldest.
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
        """Note that a connection has just been answered: of those that wait it is the last to be dropped."""
        own = self._open.get(connection.address, {})
        if connection in own:
            own[connection] = own.pop(connection)

    def forget(self, connection: Connection) -> None:
        """Note that a connection is closed; one that is not known is none of ours."""
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
    """uvicorn's HTTP/1.1 with a deadline for each request and each answer, and a bound on connections."""

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
        """Whether there is no complete request to answer, and no answer left to be taken."""
        return not self.flow.write_paused and (
            self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        )

    @property
    def stalled(self) -> bool:
        """Whether the client has not been taking its answer for ``STALLED_SECONDS``."""
        return self.loop.time() - self._paused_at >= STALLED_SECONDS

    def drop(self) -> None:
        """Close at once: over TLS, a polite close would wait for the client."""
        if self.flow.write_paused:  # what is not taken would stay in the kernel's memory for minutes
            line = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place among the connections, or be closed."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if self._all.admit(self):
            self._expect_within(REQUEST_SECONDS)
        else:
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._expect_nothing()
        self._all.forget(self)
        self._unset_keepalive_if_required()  # after a reset uvicorn would keep it, and all of this, for 75 s
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the first byte of a request starts its clock, the last one that of its answer."""
        was_waiting = self.waiting
        if was_waiting and self._deadline is None:
            self._expect_within(REQUEST_SECONDS)
        super().data_received(data)
        if was_waiting and not self.waiting:
            self._expect_within(ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        """Stop the clock, unless the rest of this request, or the next one, is under way."""
        self._all.renew(self)
        super().on_response_complete()
        self._expect_rest()

    def pause_writing(self) -> None:
        """Note since when the client takes less than it is sent."""
        super().pause_writing()
        self._paused_at = self.loop.time()

    def resume_writing(self) -> None:
        """Stop the clock of an answer that the client has taken."""
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
