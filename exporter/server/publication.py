"""The content of responses: pages rendered once, and the board with the newest of them."""

import gzip
import hashlib
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exporter.pages.site import Kind, Visit

# Every pass renders all pages, but few are fetched: 1 takes 13 ms for 4 MB and 6 takes 30 ms, for 20% less.
GZIP_LEVEL = 1
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\x04\xff"  # deflate, no name, no time, compressed fast
MOST_KEPT = 64  # pages of one pass kept in memory
FIRST_LOOK = "The first pass over the data directory is running."


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one resource, plain and compressed; ``digest`` names the content.

    The plain ones are in ``parts``: few clients want them, and joining those of many feeds copies 16 MB.
    """

    parts: tuple[bytes, ...]
    gzip: bytes
    content_type: str
    digest: str

    @property
    def body(self) -> bytes:
        """The plain bytes; of a single part no copy is made."""
        return b"".join(self.parts)

    @classmethod
    def of(cls, body: bytes, content_type: str) -> "Page":
        """Compress and digest once, so that requests need not."""
        return cls(
            parts=(body,),
            gzip=gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0),
            content_type=content_type,
            digest=hashlib.blake2b(body, digest_size=16).hexdigest(),
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """The first part of a page, compressed once for all the pages that begin with it."""

    body: bytes
    deflated: bytes
    checksum: int

    @classmethod
    def of(cls, body: bytes) -> "Opening":
        """Compress it so that more can follow."""
        deflate = zlib.compressobj(GZIP_LEVEL, wbits=-zlib.MAX_WBITS)
        deflated = deflate.compress(body) + deflate.flush(zlib.Z_FULL_FLUSH)
        return cls(body, deflated, zlib.crc32(body))

    def page(self, rest: bytes, content_type: str) -> Page:
        """Return the page that continues with ``rest``; only that is compressed and digested."""
        deflate = zlib.compressobj(GZIP_LEVEL, wbits=-zlib.MAX_WBITS)
        size = (len(self.body) + len(rest)) & 0xFFFFFFFF
        trailer = struct.pack("<II", zlib.crc32(rest, self.checksum), size)
        return Page(
            parts=(self.body, rest),
            gzip=b"".join((GZIP_HEADER, self.deflated, deflate.compress(rest), deflate.flush(), trailer)),
            content_type=content_type,
            digest=hashlib.blake2b(rest, digest_size=16, salt=struct.pack("<I", self.checksum)).hexdigest(),
        )


class Deferred:
    """A page rendered on first request and kept: the pages of most passes are never requested."""

    __slots__ = ("_lock", "_make", "_page")

    def __init__(self, make: Callable[[], Page]) -> None:
        self._make: Callable[[], Page] | None = make
        self._page: Page | None = None
        self._lock = threading.Lock()

    @property
    def ready(self) -> Page | None:
        """The page, ``None`` if it has not been requested yet."""
        return self._page

    def make(self) -> Page:
        """Return the page; may take a while the first time."""
        with self._lock:
            if self._page is None and self._make is not None:
                self._page, self._make = self._make(), None
            assert self._page is not None  # noqa: S101  a failed page is requested again
            return self._page


class Shelf:
    """The pages for people as of one pass, each rendered on first request.

    ``gather`` returns the data of the requested kinds of pages.
    """

    __slots__ = ("_gather", "_pages")

    def __init__(self, gather: Callable[[], Any]) -> None:
        self._gather = gather
        self._pages: dict[object, Page] = {}

    def ready(self, kind: Kind[Any], visit: Visit) -> Page | None:
        """Return a page already rendered, or ``None``."""
        return self._pages.get(_key(kind, visit))

    def make(self, kind: Kind[Any], visit: Visit) -> Page:
        """Render a page. Raises NotFoundError."""
        document = kind.make(self._gather(), visit)
        page = Page.of(document.body, document.content_type)
        if kind.is_personal:
            return page
        if len(self._pages) >= MOST_KEPT:
            self._pages.clear()
        self._pages[_key(kind, visit)] = page
        return page


def _key(kind: Kind[Any], visit: Visit) -> object:
    return kind.path, tuple(sorted(visit.values.items())), tuple(sorted(visit.query.items()))


@dataclass(frozen=True, slots=True)
class Publication:
    """The output of one pass: a page for each resource and format, and the pages for people."""

    text: Page
    openmetrics: Page
    report: Page | Deferred
    alerts: Page | Deferred
    gate: Page | Deferred
    shelf: Shelf


class Board:
    """Holds the newest publication: one thread replaces the reference, others read it, without locks."""

    __slots__ = ("_latest", "awaited", "meanwhile")

    def __init__(self, meanwhile: Page | None = None, awaited: str = FIRST_LOOK) -> None:
        self._latest: Publication | None = None
        self.meanwhile = meanwhile  # metrics until there is a publication
        self.awaited = awaited  # why there is none

    def post(self, publication: Publication) -> None:
        """Replace the publication. Running requests keep the one they began with."""
        self._latest = publication

    def withdraw(self, awaited: str) -> None:
        """Remove the publication: it is about something else than what is ``awaited``."""
        self.awaited = awaited  # first: it is the reason given without a publication
        self._latest = None

    @property
    def latest(self) -> Publication | None:
        """The newest publication, ``None`` before the first and once it is withdrawn."""
        return self._latest
