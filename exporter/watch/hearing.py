"""Who hears of file events: a call with the path, or with ``None`` where any file may have changed."""

import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

Hearer = Callable[[Path | None], None]


def tell(hearer: Hearer, path: Path | None) -> None:
    """Tell a hearer; one that fails keeps no other from hearing."""
    try:
        hearer(path)
    except Exception:
        log.exception("file event lost")
