"""Basic authentication on every route."""

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import bcrypt
import httpx
import pytest
from starlette.applications import Starlette

from exporter.server import auth
from exporter.server.auth import BasicAuth
from exporter.server.publication import Board, Publication
from exporter.server.web_config import WebConfig

Server = Callable[..., AbstractContextManager[Any]]

PASSWORD = "puffin: päss"  # a colon and more than ASCII
LONG = "long" * 25  # more than bcrypt looks at
USERS = {
    "prometheus": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)),
    "grafana": bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(5)),
}


@pytest.fixture(scope="module")
def guarded(publication: Publication) -> Iterator[httpx.Client]:
    """Serve to the two users only."""
    from conftest import serving  # noqa: PLC0415
