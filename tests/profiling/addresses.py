"""A second, slow URL parser, one URL at a time."""

import re

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LABEL = re.compile(r"[\w-]+")


def read(text: str) -> tuple[str, bool] | None:
    """Parse one URL from left to right."""
    scheme, slashes, rest = "", "", text
    slashed = re.match(r"([^/?#\\]*)//", text)
    if slashed and (not slashed[1] or slashed[1].endswith(":")):
        scheme, rest = text.split("//", 1)
        slashes = "//"
    front = re.split(r"[/?#\\]", rest)[0]
    if slashes and scheme and not SCHEME.fullmatch(scheme):
        return None
    if slashes:
        front = front.rpartition("@")[2]
    host = front
    if (port := re.search(r":[0-9]*\Z", front)) and not front.endswith("]"):
        host = front[: port.start()]
    host = host.lower()
    if slashes:
        if re.fullmatch(r"\[[0-9a-f:.]+(%[^]]*)?\]", host):
            return host, bool(scheme)
        host = host if re.fullmatch(r"[\w.~%-]+", host) else ""
        return (host.strip("."), bool(scheme)) if host.strip(".") else None
    host = host.removesuffix(".")
    labels = host.split(".")
    looks = all(LABEL.fullmatch(label) for label in labels) and len(labels) > 1
    named = (
        looks and not labels[-1][0].isdigit() and labels[-1][0] != "-" and re.match(r"[^\W\d]", labels[-1])
    )
    numbered = re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", host) and not front.split(":")[0].endswith(".")
    plain = host == "localhost" and not front.split(":")[0].endswith(".")
    return (host, False) if named or numbered or plain else None
