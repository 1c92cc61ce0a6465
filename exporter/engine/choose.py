"""The choice of engine. A process has one of each kind, shared by all feeds."""

import atexit
from collections.abc import Iterator
from threading import Lock
from urllib.parse import urlsplit

from exporter.engine import kinds
from exporter.engine.engine import Engine, EngineError
from exporter.engine.fallback import Fallback
from exporter.engine.kind import Closable, Kind
from exporter.engine.local import LOCAL
from exporter.engine.settings import Settings
from exporter.registry import constants_of

_known: dict[Settings, Closable] = {}
_lock = Lock()


def known_kinds() -> Iterator[Kind]:
    """Yield every kind of engine."""
    yield from constants_of(kinds, "KIND")


def choose(settings: Settings) -> Engine:
    """Return the requested engine; the same one for the same settings. Raises EngineError."""
    if settings.scheduler is None:
        return LOCAL
    with _lock:
        if settings not in _known:
            if not _known:
                atexit.register(close_engines)
            made = _kind(settings.scheduler).make(settings)
            _known[settings] = Fallback(made) if settings.fallback else made
        return _known[settings]


def close_engines() -> None:
    """Close the connections of all engines."""
    with _lock:
        engines = list(_known.values())
        _known.clear()
    for engine in engines:
        engine.close()


def _kind(address: str) -> Kind:
    scheme = urlsplit(address).scheme
    for kind in known_kinds():
        if scheme in kind.schemes:
            return kind
    raise EngineError(f"engine.scheduler: no engine supports the address {address}")
