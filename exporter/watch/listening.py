"""Listeners of file events: called with the path, or with ``None`` if any file may have changed."""

import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

Listener = Callable[[Path | None], None]


def notify(listener: Listener, path: Path | None) -> None:
    """Notify a listener; a failing one does not affect others."""
    try:
        listener(path)
    except Exception:
        log.exception("file event lost")
