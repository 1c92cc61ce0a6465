"""Addresses that links begin with: whole ones, so that a link works wherever it is read."""

import re
from urllib.parse import urlsplit


def server_address(text: str) -> str:
    """Return the address that a server's paths are appended to, without a slash at the end.

    Raises ValueError with the reason where it is none.
    """
    address = page_address(text)
    if "?" in address:
        raise ValueError("must be an address without a query")
    return address.rstrip("/")


def page_address(text: str) -> str:
    """Return the address of a page, to which an anchor can be appended. Raises ValueError with the reason."""
    if re.search(r"[\x00-\x20\x7f\s\"'`<>{}|\\]", text):  # what would end a link, or begin a template
        raise ValueError("must be an address without blanks, quotes, brackets and the like")
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not match, a port that is no number
        is_whole = False
    if not is_whole:
        raise ValueError("not an address such as https://host")
    if "@" in parts.netloc or "#" in text:
        raise ValueError("must be an address without user and anchor")
    return text.rstrip("/")
