"""The web configuration file, and the credentials that a client sends."""

import base64
import binascii

import bcrypt
import yaml
from asking import Answer, Asked, ask
from files import stored
from given import ODD_OF_YAML, Given
from starlette.responses import PlainTextResponse
from target import Target, agree, is_one_line

from exporter.document import InvalidFileError
from exporter.server.auth import BasicAuth
from exporter.server.web_config import load_web_config

HASH = bcrypt.hashpw(b"pw", bcrypt.gensalt(4)).decode()
BASE = {
    "tls_server_config": {
        "cert_file": "web.yml",
        "key_file": "web.yml",
        "client_ca_file": "web.yml",
        "client_auth_type": "RequireAndVerifyClientCert",
        "min_version": "TLS12",
    },
    "http_server_config": {"http2": True, "headers": {"X-Frame-Options": "deny"}},
    "basic_auth_users": {"ann": HASH, "\u00e9": HASH},
}
PARTS = (
    ("tls_server_config", "http_server_config", "basic_auth_users"),
    ("http_server_config", "basic_auth_users"),
)
APP = BasicAuth(PlainTextResponse("in"), {"ann": HASH.encode(), "\u00e9": HASH.encode()})


def run(data: bytes) -> None:
    """Load a file, or send a request with a header."""
    given = Given(data)
    kind = given.number() % 4
    if kind == 0:
        _try_file(given.rest)
    elif kind == 1:
        base = {name: BASE[name] for name in given.pick(PARTS)}
        _try_file(yaml.safe_dump(given.edited(base, ODD_OF_YAML), sort_keys=False).encode("utf-8", "replace"))
    elif kind == 2:
        _try_header(given.rest)
    else:
        _try_header(b"Basic " + base64.b64encode(given.rest))


def _try_file(content: bytes) -> None:
    with stored(content, "web.yml") as path:
        try:
            load_web_config(path)
        except InvalidFileError as error:
            for line in error.lines:
                is_one_line(line, "a mistake")


def _try_header(header: bytes) -> None:
    answer: Answer = ask(APP, Asked("GET", b"/", headers=((b"authorization", header),)))
    agree(answer.status, 200 if _is_let_in(header) else 401, "the status")


def _is_let_in(header: bytes) -> bool:
    scheme, _, rest = header.partition(b" ")
    try:
        said = base64.b64decode(rest.decode("latin-1").strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == b"basic" and said in (b"ann:pw", "\u00e9:pw".encode())


TARGET = Target(
    name="web",
    run=run,
    seeds=(
        b"\0basic_auth_users: {ann: " + HASH.encode() + b"}\n",
        b'\0tls_server_config: {cert_file: "a", key_file: b}\n',
        b"\1\0",
        b"\1\1\0\1\4\7\0\4\4\x12",
        b"\2Basic YW5uOnB3",
        b"\3ann:pw",
        b"\3ann:p\0w",
        b"\3ann:" + b"p" * 80,
        b"\3\xff:pw",
    ),
    words=(
        b"cert_file",
        b"key_file",
        b"\\0",
        b"basic_auth_users",
        b"$2b$04$",
        b"Basic ",
        b"headers",
        b"!!int ",
    ),
    longest=400,
)
