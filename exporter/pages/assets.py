"""The style and the one script. Their addresses contain a digest, so browsers can cache them permanently."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

FOLDER = files(__package__) / "assets"
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. ``address`` is relative to the exporter's own root."""

    body: bytes
    content_type: str
    address: str

    @property
    def text(self) -> str:
        """The file as embedded in a self-contained page."""
        return self.body.decode()


def _read(name: str) -> Asset:
    body = (FOLDER / name).read_bytes()
    stem, _, ending = name.partition(".")
    digest = hashlib.blake2b(body, digest_size=6).hexdigest()
    return Asset(body, TYPES[ending], f"assets/{stem}.{digest}.{ending}")


ASSETS: Mapping[str, Asset] = {name.partition(".")[0]: _read(name) for name in ("style.css", "live.js")}
