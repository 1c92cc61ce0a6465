"""Base addresses of links: absolute, so that a link works wherever it is read."""

import re
from urllib.parse import urlsplit


def server_address(text: str) -> str:
    """Return a server's address to append paths to, without a trailing slash.

    Raises ValueError with the reason if it is invalid.
    """
    address = page_address(text)
    if "?" in address:
        raise ValueError("must be an address without a query")
    return address.rstrip("/")


def page_address(text: str) -> str:
    """Return the address of a page, to which an anchor can be appended. Raises ValueError with the reason."""
    if re.search(r"[\x00-\x20\x7f\s\"'`<>{}|\\]", text):  # would end a link, or begin a template
        raise ValueError("must be an address without blanks, quotes, brackets and the like")
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # unmatched brackets, or a port that is not a number
        is_whole = False
    if not is_whole:
        raise ValueError("not an address such as https://host")
    if "@" in parts.netloc or "#" in text:
        raise ValueError("must be an address without user and anchor")
    return text.rstrip("/")
