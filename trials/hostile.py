"""Kinds of requests that a client should not send, or may, each with the statuses that are right for it.

There is one function per kind: its name is the kind's, its docstring says what is odd, and it takes a source
of randomness.
"""
# ruff: noqa: D401

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

HOST = b"Host: exporter\r\n"
CLOSE = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
JSON = b"Content-Type: application/json\r\n"
PATHS = ("/metrics", "/-/healthy", "/-/ready", "/api/v1/report", "/", "/incidents/", "/runbooks/")
PLAIN_PATHS = PATHS[:3]
TOKEN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
CLOSED = 0  # in place of a status: the connection is closed without an answer


@dataclass(frozen=True, slots=True)
class Hostile:
    """The bytes to send, and the statuses allowed for each answer; ``ends`` closes the sending side."""

    sent: bytes
    statuses: frozenset[int]
    answers: int = 1  # at most
    ends: bool = False


Make = Callable[[Random], Hostile]


def make(seed: int, number: int) -> tuple[str, Hostile]:
    """Return the kind and the request with this number; the same seed gives the same request."""
    random = Random(f"{seed}:{number}")
    kind = random.choice(KINDS)
    return kind.__name__, kind(random)


def head(method: str, path: str, *headers: bytes) -> bytes:
    """Return the head of a request that asks to close the connection."""
    return f"{method} {path} HTTP/1.1\r\n".encode() + HOST + CLOSE + b"".join(headers) + b"\r\n"


def word(random: Random, least: int, most: int) -> bytes:
    """Return some characters that are allowed anywhere."""
    return bytes(random.choices(TOKEN, k=random.randint(least, most)))


def length(body: bytes) -> bytes:
    """Return the Content-Length header of a body."""
    return b"Content-Length: %d\r\n" % len(body)


def chunks(random: Random, body: bytes) -> bytes:
    """Return a chunked body."""
    sent = b""
    while body:
        size = random.randint(1, len(body))
        sent += b"%x%s\r\n%s\r\n" % (size, random.choice((b"", b";a=b", b";" + b"x" * 100)), body[:size])
        body = body[size:]
    return sent + b"0\r\n" + random.choice((b"", b"X-Trailer: 1\r\n")) + b"\r\n"


def asks_as_it_should(random: Random) -> Hostile:
    """Nothing is odd: most clients are like this."""
    accept = random.choice((b"", b"Accept: application/openmetrics-text\r\n", b"Accept-Encoding: gzip\r\n"))
    return Hostile(head(random.choice(("GET", "HEAD")), random.choice(PATHS), accept), frozenset({200, 307}))


def asks_for_much_at_once(random: Random) -> Hostile:
    """Several pipelined requests, answered one after the other."""
    count = random.randint(2, 12)
    first = b"GET /-/healthy HTTP/1.1\r\n" + HOST + b"\r\n"
    return Hostile(first * (count - 1) + head("GET", "/-/healthy"), frozenset({200}), answers=count)


def brings_a_body_to_read(random: Random) -> Hostile:
    """A GET with a body, which is ignored."""
    body = random.randbytes(random.randint(1, 30_000))
    framed = (length(body), body) if random.random() < 0.5 else (CHUNKED, chunks(random, body))
    return Hostile(head("GET", random.choice(PLAIN_PATHS), framed[0]) + framed[1], frozenset({200}))


def brings_no_json(random: Random) -> Hostile:
    """An invalid acknowledgement: bytes, a broken or too deep document, an odd day."""
    body = random.choice(
        (
            random.randbytes(random.randint(0, 9000)),
            b"[" * random.randint(1, 9999),
            b'{"a":' * 1900,
            b"1" * random.randint(1, 9999),
            b'"\xff\xfe"',
            json.dumps(
                {"partition": random.choice(("\0", "9999-99-99", "\ud800", "-1", 5, [], None)), "by": "a"}
            ).encode(),
            b'{"partition": NaN}',
        )
    )
    framed = (length(body), body) if random.random() < 0.5 else (CHUNKED, chunks(random, body))
    return Hostile(head("POST", "/api/v1/gate/ack", JSON, framed[0]) + framed[1], frozenset({400}))


def brings_too_much(random: Random) -> Hostile:
    """A body that is longer than any acknowledgement."""
    body = b" " * random.randint(10_001, 300_000)
    framed = (length(body), body) if random.random() < 0.5 else (CHUNKED, chunks(random, body))
    return Hostile(head("POST", "/api/v1/gate/ack", JSON, framed[0]) + framed[1], frozenset({413}))


def brings_less_than_it_says(random: Random) -> Hostile:
    """The body ends early, and the connection with it."""
    body = word(random, 0, 2000)
    framing = random.choice((b"Content-Length: %d\r\n\r\n" % (len(body) + 1), CHUNKED + b"\r\nfff\r\n"))
    sent = b"POST /api/v1/gate/ack HTTP/1.1\r\n" + HOST + JSON + framing + body
    return Hostile(sent, frozenset({CLOSED}), ends=True)


def brings_broken_chunks(random: Random) -> Hostile:
    """The length of a chunk is not a number, too long, or wrong."""
    broken = random.choice(
        (b"\r\n", b"-1\r\n", b"zz\r\n", b"f" * 21 + b"\r\n", b"3\r\nabcd\r\n", b"0x3\r\nabc\r\n")
    )
    method, path, kind = random.choice((("GET", "/metrics", b""), ("POST", "/api/v1/gate/ack", JSON)))
    # A GET may have been answered before the chunk arrived.
    right = {400, 200} if method == "GET" else {400}
    return Hostile(head(method, path, kind, CHUNKED) + broken, frozenset(right))


def brings_another_type(random: Random) -> Hostile:
    """An acknowledgement as a form, as text, or without any type."""
    kinds = (b"", b"Content-Type: text/plain\r\n", b"Content-Type: multipart/form-data; boundary=x\r\n")
    return Hostile(
        head("POST", "/api/v1/gate/ack", random.choice(kinds), length(b"a=b")) + b"a=b", frozenset({415})
    )


def has_a_long_address(random: Random) -> Hostile:
    """Up to a quarter of a megabyte; how it is refused depends on whether it arrived all at once."""
    return Hostile(head("GET", "/" + "a" * random.randint(2000, 250_000)), frozenset({404, 414, 431}))


def has_a_long_header(random: Random) -> Hostile:
    """Up to half a megabyte in one header."""
    size = random.randint(1000, 500_000)
    right = {200, 431} if size < 280_000 else {431}
    return Hostile(head("GET", "/-/healthy", b"X: " + b"a" * size + b"\r\n"), frozenset(right))


def has_many_headers(random: Random) -> Hostile:
    """Up to five thousand of them, or one repeated as often."""
    name = random.choice((b"X-%d", b"Cookie", b"Accept", b"X"))
    lines = [
        (name % number if b"%" in name else name) + b": a=b\r\n" for number in range(random.randint(50, 5000))
    ]
    return Hostile(head("GET", "/-/healthy", *lines), frozenset({200, 431}))


def has_odd_percents(random: Random) -> Hostile:
    """Escapes that end early, are not hexadecimal, or decode to NUL, slashes and broken UTF-8."""
    odd = "".join(
        random.choices(("%", "%0", "%zz", "%00", "%2f", "%2e%2e", "%ff", "%c3%28", "%u1234", "a"), k=6)
    )
    path = random.choice(
        ("/{}", "/partitions/{}", "/incidents/{}", "/runbooks/{}", "/feeds/{}/", "/static/{}")
    )
    return Hostile(head("GET", path.format(odd)), frozenset({404}))


def has_odd_questions(random: Random) -> Hostile:
    """A query string that means nothing to the page."""
    odd = "&".join(
        random.choices(
            ("days=%00", "days=9" * 50, "a[]=%ff", "&&", "=", "check=..%2f", "n=" + "1" * 400), k=3
        )
    )
    path = random.choice(("/", "/incidents/", "/-/healthy", "/metrics", "/api/v1/report"))
    return Hostile(head("GET", f"{path}?{odd}"), frozenset({200, 400, 404}))


def has_bytes_that_are_no_text(random: Random) -> Hostile:
    """NUL, control characters and bytes above 127, in the address or in a header's name."""
    odd = random.choice((b"\0", b"\x01", b"\x7f", b"\xff", b"\xc3\x28", b"\xf0\x9f"))
    where = random.choice(
        (
            b"GET /%s HTTP/1.1\r\n" + HOST,
            b"GE%sT / HTTP/1.1\r\n" + HOST,
            b"GET / HTTP/1.1\r\nA%s: b\r\n" + HOST,
        )
    )
    return Hostile(where % odd + CLOSE + b"\r\n", frozenset({400}))


def has_values_that_are_no_text(random: Random) -> Hostile:
    """Bytes above 127 in a header's value, where they are allowed."""
    name = random.choice(
        (
            b"Accept",
            b"Accept-Encoding",
            b"If-None-Match",
            b"Cookie",
            b"Authorization",
            b"Range",
            b"User-Agent",
        )
    )
    value = bytes(random.choices(range(0x80, 0x100), k=random.randint(1, 200)))
    return Hostile(head("GET", random.choice(PLAIN_PATHS), name + b": " + value + b"\r\n"), frozenset({200}))


def negotiates_oddly(random: Random) -> Hostile:
    """Invalid weights and lists."""
    odd = b",".join(
        random.choices(
            (b"q=nan", b"gzip;q=1e999", b";;;", b"*;q=-1", b"text/plain;q=", b'"', b"identity;q=0"), k=5
        )
    )
    name = random.choice((b"Accept", b"Accept-Encoding", b"If-None-Match", b"TE", b"Expect"))
    return Hostile(head("GET", random.choice(PLAIN_PATHS), name + b": " + odd + b"\r\n"), frozenset({200}))


def speaks_an_old_version(random: Random) -> Hostile:
    """HTTP/0.9 and versions that never existed."""
    line = random.choice(
        (b"GET /metrics", b"GET /metrics HTTP/1", b"GET /metrics HTTP/11", b"GET /metrics http/1.1", b"GET")
    )
    return Hostile(line + b"\r\n" + HOST + b"\r\n", frozenset({400}))


def speaks_a_new_version(random: Random) -> Hostile:
    """HTTP/2 with prior knowledge, and later versions."""
    line = random.choice(
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/3.0\r\n" + HOST + b"\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
        )
    )
    return Hostile(line, frozenset({505}))


def wants_to_switch(random: Random) -> Hostile:
    """To another protocol, or to be told to continue; neither is needed."""
    wish = random.choice(
        (
            b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
            b"Expect: 100-continue\r\n",
        )
    )
    return Hostile(
        b"GET /-/healthy HTTP/1.1\r\n" + HOST + wish + b"Connection: close\r\n\r\n", frozenset({200})
    )


def smuggles(random: Random) -> Hostile:
    """A second request in what one server takes for the body and another does not: it is never answered."""
    hidden = b"GET /-/ready HTTP/1.1\r\n" + HOST + b"\r\n"
    framing, statuses = random.choice(
        (
            (length(b"0\r\n\r\n" + hidden) + CHUNKED, {400}),
            (CHUNKED + length(b"0\r\n\r\n" + hidden), {400}),
            (CHUNKED + b"Transfer-Encoding: identity\r\n", {501}),
            (b"Transfer-Encoding: xchunked\r\n", {501}),
            (b"Transfer-Encoding : chunked\r\n", {400}),
            (b"Transfer-Encoding: chunked, identity\r\n", {501}),
            (b"Content-Length: 5\r\nContent-Length: 6\r\n", {400}),
            (b"Content-Length: 5, 6\r\n", {400}),
            (b"Content-Length: +5\r\n", {400}),
            (b"Content-Length: -5\r\n", {400}),
            (b"Content-Length: 0x5\r\n", {400}),
            (b"Content-Length: " + b"9" * 40 + b"\r\n", {400}),
        )
    )
    sent = b"POST /-/healthy HTTP/1.1\r\n" + HOST + framing + b"\r\n0\r\n\r\n" + hidden
    return Hostile(sent, frozenset(statuses))


def asks_as_a_proxy_is_asked(random: Random) -> Hostile:
    """The address with scheme and host, and others that only proxies understand."""
    path, status = random.choice(
        (
            ("http://exporter/-/healthy", 200),
            ("HTTPS://[::1]:1/metrics", 200),
            ("http://exporter/none", 404),
            ("ftp://x/", 404),
            ("*", 404),
        )
    )
    return Hostile(head("GET", path), frozenset({status}))


def names_no_host(random: Random) -> Hostile:
    """No host, two, or an invalid one."""
    host = random.choice(
        (
            b"",
            HOST * 2,
            b"Host: a b\r\n",
            b"Host: a/b\r\n",
            b"Host: <x>\r\n",
            b"Host: \xff\r\n",
            b"Host: a@b\r\n",
        )
    )
    return Hostile(b"GET /-/healthy HTTP/1.1\r\n" + host + CLOSE + b"\r\n", frozenset({400}))


def names_an_odd_host(random: Random) -> Hostile:
    """A host that cannot be resolved."""
    host = random.choice((b"", b"[::1", b"a:b:c", b"a:99999999", b"." * 300, b"%00", b"]["))
    return Hostile(b"GET /runbooks HTTP/1.1\r\nHost: " + host + b"\r\n" + CLOSE + b"\r\n", frozenset({307}))


def says_hello_in_tls(random: Random) -> Hostile:
    """On the plain port, as if the wrong scheme were configured."""
    hello = random.randbytes(random.randint(50, 500))
    return Hostile(b"\x16\x03\x01" + len(hello).to_bytes(2, "big") + hello, frozenset({400}))


def has_an_odd_method(random: Random) -> Hostile:
    """One that is not allowed for this path, or does not exist."""
    method = random.choice(
        ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "get", "PROPFIND", "A" * 200, "!#$")
    )
    return Hostile(head(method, random.choice(PLAIN_PATHS)), frozenset({405}))


def comes_from_elsewhere(random: Random) -> Hostile:
    """A reload sent by another site's page, whatever it claims to be."""
    origin = random.choice(
        (b"http://evil", b"null", b"http://[", b"http://[::1", b"", b"\xff", b"http://exporter@evil")
    )
    return Hostile(head("POST", "/-/reload", b"Origin: " + origin + b"\r\n"), frozenset({403}))


def sends_noise(random: Random) -> Hostile:
    """Random bytes, then the end."""
    sent = random.randbytes(random.randint(1, 40_000))
    return Hostile(sent, frozenset({CLOSED, 400, 414, 431}), ends=True)


def hangs_up(random: Random) -> Hostile:
    """Part of a request, then the end."""
    sent = head("GET", "/metrics", b"X: " + word(random, 1, 200) + b"\r\n")
    return Hostile(sent[: random.randint(0, len(sent) - 3)], frozenset({CLOSED}), ends=True)


def hides_behind_bare_line_ends(random: Random) -> Hostile:
    """Lines that end in only half of CR LF."""
    end = random.choice((b"\n", b"\r"))
    sent = (b"GET /-/healthy HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n").replace(b"\r\n", end)
    right = {200} if end == b"\n" else {CLOSED, 400}
    return Hostile(sent, frozenset(right), ends=end == b"\r")


KINDS: tuple[Make, ...] = (
    asks_as_it_should, asks_for_much_at_once, asks_as_a_proxy_is_asked,
    brings_a_body_to_read, brings_no_json, brings_too_much, brings_less_than_it_says, brings_broken_chunks,
    brings_another_type,
    has_a_long_address, has_a_long_header, has_many_headers, has_odd_percents, has_odd_questions,
    has_bytes_that_are_no_text, has_values_that_are_no_text, has_an_odd_method,
    negotiates_oddly, speaks_an_old_version, speaks_a_new_version, wants_to_switch, smuggles,
    names_no_host, names_an_odd_host, says_hello_in_tls, comes_from_elsewhere,
    sends_noise, hangs_up, hides_behind_bare_line_ends,
)  # fmt: skip
