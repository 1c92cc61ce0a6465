"""Who may stay connected: a client that is slow to ask, or to listen, never keeps others from an answer.

Until a request is complete its connection has no claim: it is closed after ``REQUEST_SECONDS``, and sooner
if its place is needed. So however many connections are opened and left half-way, a scraper, which sends its
whole request at once, is answered.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

REQUEST_SECONDS = 5.0  # from the connection, or from the first byte on one that was kept, to the last byte
ANSWER_SECONDS = 60.0  # to take an answer: six times as long as Prometheus' default scrape timeout
MOST_CONNECTIONS = 256  # more than any number of scrapers, fewer than files may be open
MOST_PER_ADDRESS = 64


class Connection(Protocol):
    """What the bounds need to know of a connection."""

    address: str

    @property
    def waiting(self) -> bool:
        """Whether there is no complete request to answer, so that nothing is lost by closing it."""

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
        """Make room for a new connection at the cost of a waiting one; refuse it if all are being answered.

        An address that has its fill gives up one of its own, so that it cannot crowd out others.
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
        waiting = next((connection for connection in open_ones if connection.waiting), None)
        if waiting is None:
            return False
        self.forget(waiting)
        waiting.drop()
        return True


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for each request and each answer, and a bound on connections."""

    def __init__(
        self, connections: Connections, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.address = ""
        self._all = connections
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether there is no complete request to answer, and no answer left to be taken."""
        return not self.flow.write_paused and (
            self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        )

    def drop(self) -> None:
        """Close at once: over TLS, a polite close would wait for the client."""
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

    def resume_writing(self) -> None:
        """Stop the clock of an answer that the client has taken."""
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
