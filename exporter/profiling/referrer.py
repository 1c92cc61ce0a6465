"""Placeholder referrers: hosts such as ``source-0a1b2c3d.com``."""

import re
from functools import lru_cache

_HOST = re.compile(
    r"(?:(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#\\]*@)?|(?![a-z][a-z0-9+.-]*://))"
    r"source-[0-9a-f]{8}\.com(?::[0-9]*)?(?:[/?#\\].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


@lru_cache(maxsize=8192)
def is_synthetic(referrer: str) -> bool:
    """Return whether a URL's host, with or without a scheme, is ``source-``, 8 hex digits and ``.com``."""
    return _HOST.fullmatch(referrer.strip()) is not None
