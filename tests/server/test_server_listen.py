"""Listen addresses and the sockets behind them."""

import re
import socket

import pytest

from exporter.errors import UserError
from exporter.server.listen import Address, first_free, listen, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:10110", Address("127.0.0.1", 10110)),
        (":10110", Address("", 10110)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:10110", Address("::1", 10110)),
        ("[fe80::1%eth0]:65535", Address("fe80::1%eth0", 65535)),
    ],
)
def test_an_address_is_read_as_prometheus_writes_it(text: str, address: Address) -> None:
    """Host and port, a port alone, or an IPv6 address in brackets."""
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "10110", "host", "host:", "::1:10110", "[::1]", "host:65536", "a b:1", ":-1", ":٣"]
)
def test_anything_else_is_refused(text: str) -> None:
    """The message quotes the input and shows the valid forms."""
    with pytest.raises(UserError) as caught:
        parse_address(text)
    assert str(caught.value) == f"listen address {text!r}: write host:port, :port or [ipv6]:port"


def test_a_port_in_use_is_one_line() -> None:
    """The message has the address and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError) as caught:
            listen(f"127.0.0.1:{port}")
    assert str(caught.value) == f"cannot listen on 127.0.0.1:{port}: address already in use"


def test_a_foreign_host_is_one_line() -> None:
    """An address from a documentation network belongs to no machine."""
    with pytest.raises(
        UserError, match=r"^cannot listen on 192\.0\.2\.1:0: cannot assign requested address$"
    ):
        listen("192.0.2.1:0")


@pytest.mark.parametrize("text", ["a..b:0", f"{'x' * 64}:0", ".:0"])
def test_a_name_that_can_be_no_host_is_one_line(text: str) -> None:
    """An empty or overlong part of it; the resolver raises something else there than for an unknown host."""
    with pytest.raises(UserError, match=rf"^cannot listen on {re.escape(text)}: not a host name$"):
        listen(text)


def test_without_a_host_it_listens_on_every_interface() -> None:
    """It accepts IPv4 clients, and IPv6 ones if the machine has IPv6."""
    with listen(":0") as listener:
        port = listener.getsockname()[1]
        for host in ("127.0.0.1", *(["::1"] if listener.family == socket.AF_INET6 else [])):
            socket.create_connection((host, port), timeout=5).close()


def test_the_next_port_is_used_if_one_is_taken() -> None:
    """It is the next port that is free; a port that is free already is kept."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        free = first_free(Address("127.0.0.1", port))
    assert port < free.port < port + 100
    assert first_free(Address("127.0.0.1", port)).port == port


def test_without_a_free_port_it_says_so() -> None:
    """After trying as many ports as asked."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"^127.0.0.1: no port from {port} to {port} is free$"):
            first_free(Address("127.0.0.1", port), ports=1)


def test_a_foreign_address_has_no_free_port() -> None:
    """The message has the system's reason."""
    with pytest.raises(UserError, match=r"^cannot listen on 192\.0\.2\.1:80: cannot assign"):
        first_free(Address("192.0.2.1", 80))
    with pytest.raises(UserError, match=r"^cannot listen on \[2001:db8::1\]:80: [a-z ]+$"):
        first_free(Address("2001:db8::1", 80))
