"""Listen addresses as Prometheus writes them, and the sockets behind them."""

import re
import socket
from typing import NamedTuple

from exporter.errors import UserError

MOST_PORT = 65535


class Address(NamedTuple):
    """Where to listen. An empty host is every interface; port 0 lets the system choose."""

    host: str
    port: int


def parse_address(text: str) -> Address:
    """Read ``127.0.0.1:10110``, ``:10110``, ``localhost:10110`` or ``[::1]:10110``. Raises UserError."""
    match = re.fullmatch(
        r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\[\]:\s]*)):(?P<port>[0-9]{1,5})", text, re.ASCII
    )
    if match is None or int(match["port"]) > MOST_PORT:
        raise UserError(f"listen address {text!r}: write host:port, :port or [ipv6]:port")
    return Address(match["six"] or match["host"], int(match["port"]))


def listen(text: str) -> socket.socket:
    """Return a listening socket. Raises UserError in one line, for instance where the port is in use."""
    address = parse_address(text)
    try:
        return _bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot listen on {text}: {reason}") from None


def _bind(address: Address) -> socket.socket:
    if not address.host:
        if socket.has_dualstack_ipv6():
            return socket.create_server(("", address.port), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", address.port))
    family, _, _, _, where = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
