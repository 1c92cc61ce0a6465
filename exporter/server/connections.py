"""Connection limits: a client that is slow to send or to read never blocks others.

Until its request is complete a connection has no priority: it is closed after ``REQUEST_SECONDS``, or sooner
if its place is needed. So however many connections are opened and left incomplete, a scraper, which sends its
whole request at once, is answered.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

REQUEST_SECONDS = 5.0  # from the connection, or on a kept one from the first byte, to the last byte
ANSWER_SECONDS = 60.0  # to read a response: six times Prometheus' default scrape timeout
MOST_CONNECTIONS = 256  # more than any number of scrapers, less than the limit of open files
MOST_PER_ADDRESS = 64


class Connection(Protocol):
    """What the limits need to know of a connection."""

    address: str

    @property
    def waiting(self) -> bool:
        """Whether no complete request is pending, so that nothing is lost by closing it."""

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
        """Make room for a new connection by dropping a waiting one; refuse it if all are being answered.

        An address at its limit loses one of its own, so that it cannot crowd out others.
        """
        own = self._open.get(connection.address, {})
        if len(own) >= self._most_per_address:
            if not self._drop_one(own):
                return False
        elif self._count >= self._most:
            crowded = sorted(self._open.values(), key=len, reverse=True)
            if not any(self._drop_one(open_ones) for open_ones in crowded):
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
        waiting = next((connection for connection in open_ones if connection.waiting), None)
        if waiting is None:
            return False
        self.forget(waiting)
        waiting.drop()
        return True


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for each request and each response, and a limit on connections."""

    def __init__(
        self, connections: Connections, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.address = ""
        self._all = connections
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether no complete request is pending, and no response is left to be read."""
        return not self.flow.write_paused and (
            self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        )

    def drop(self) -> None:
        """Close immediately: over TLS, a graceful close would wait for the client."""
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

    def resume_writing(self) -> None:
        """Stop the timer of a response that the client has read."""
        super().resume_writing()
        if self.waiting:
            self._expect_rest()

    def _expect_rest(self) -> None:
        self._expect_nothing()
        if not self.waiting:
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
