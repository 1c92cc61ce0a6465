"""Listen addresses as Prometheus writes them, and the sockets behind them."""

import errno
import ipaddress
import re
import socket
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from exporter.errors import UserError, reason_of

MOST_PORT = 65535


class Address(NamedTuple):
    """Where to listen. An empty host is every interface; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def spelled(self) -> str:
        """The address as ``parse_address`` reads it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``127.0.0.1:10110``, ``:10110``, ``localhost:10110`` or ``[::1]:10110``. Raises UserError."""
    match = re.fullmatch(
        r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\[\]:\s]*)):(?P<port>[0-9]{1,5})", text, re.ASCII
    )
    if match is None or int(match["port"]) > MOST_PORT:
        raise UserError(f"listen address {text!r}: write host:port, :port or [ipv6]:port")
    return Address(match["six"] or match["host"], int(match["port"]))


def listen(text: str) -> socket.socket:
    """Return a listening socket. Raises UserError, such as if the port is in use."""
    address = parse_address(text)
    try:
        return _bind(address)
    except OSError as error:
        raise UserError(f"cannot listen on {text}: {reason_of(error)}") from None


def first_free(address: Address, ports: int = 100) -> Address:
    """Return the address with its port, or with the first free one after it.

    Raises UserError if none of these ports is free. Another program may still take it before it is used.
    """
    for port in range(address.port, min(address.port + ports, MOST_PORT + 1)):
        chosen = address._replace(port=port)
        try:
            _bind(chosen).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UserError(f"cannot listen on {chosen.spelled}: {reason_of(error)}") from None
        else:
            return chosen
    raise UserError(f"{address.host}: no port from {address.port} to {port} is free")


def _bind(address: Address) -> socket.socket:
    if address.host:
        found = _resolve(address)
        family, where = found[0][0], found[0][4]
    elif socket.has_dualstack_ipv6():
        family, where = socket.AF_INET6, ("::", address.port)
    else:
        family, where = socket.AF_INET, ("0.0.0.0", address.port)  # noqa: S104  no host means that
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; create_server's do not. Without it
    # the last piece of a response waits for the client's delayed acknowledgement: measured for 12 kB, 43 ms
    # instead of 0.3.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two processes share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if address.host else 0)
        listener.bind(where)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _resolve(address: Address) -> Sequence[Any]:
    try:
        return socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except UnicodeError:  # an empty or overlong label
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None


def is_loopback(text: str) -> bool:
    """Return whether only this machine can reach a listen address."""
    host = parse_address(text).host
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
