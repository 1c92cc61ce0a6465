"""Text in other encodings as UTF-8, piece by piece."""

import codecs
from collections.abc import Iterable, Iterator

SAME = frozenset(("utf-8", "utf-8-sig", "ascii"))  # encodings that are read directly
_KEPT = "puffy-kept"


def is_utf8(encoding: str) -> bool:
    """Return whether files in an encoding are read directly."""
    return codecs.lookup(encoding).name in SAME


def is_text(encoding: str) -> bool:
    """Return whether Python can decode an encoding piece by piece."""
    try:
        "".encode(encoding)  # rejects codecs that are not for text
        codecs.getincrementaldecoder(encoding)(_KEPT).decode(b"", final=True)
    except (LookupError, ValueError):
        return False
    return True


def transcoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the text of ``pieces`` in UTF-8.

    A byte that is invalid in its encoding stays invalid in UTF-8, so that it is counted.
    """
    decoder = codecs.getincrementaldecoder(encoding)(_KEPT)
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def _keep(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  it is registered for decoding only
    odd = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + max(octet, 0x80)) for octet in odd), error.end


codecs.register_error(_KEPT, _keep)
