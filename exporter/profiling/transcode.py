"""Text in other encodings as UTF-8, piece by piece."""

import codecs
import errno
from collections.abc import Iterable, Iterator

from exporter.profiling.grammar import UnpackError

SAME = frozenset(("utf-8", "utf-8-sig", "ascii"))  # encodings that are read directly
FIRST_KEPT, KEPT_OCTETS = 0xDC00, range(0x80, 0x100)  # invalid bytes are kept as in PEP 383
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

    A byte that is invalid in its encoding stays invalid in UTF-8, so that it is counted, and so does half a
    letter, which UTF-7 can contain. Raises UnpackError if the encoding needs a byte order mark and there is
    none.
    """
    decoder = codecs.getincrementaldecoder(encoding)(_KEPT)
    for piece in pieces:
        yield _decoded(decoder, piece)
    yield _decoded(decoder, b"", final=True)


def _decoded(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bytes:
    try:
        return decoder.decode(piece, final).encode("utf-8", _KEPT)
    except UnicodeError as error:
        raise UnpackError(errno.EILSEQ, f"it is not in the contract's encoding: {error}") from None


def _keep(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError):
        return b"".join(map(_odd_bytes, error.object[error.start : error.end])), error.end
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  there is no third kind with an end
    odd = error.object[error.start : error.end]
    return "".join(chr(FIRST_KEPT + max(octet, 0x80)) for octet in odd), error.end


def _odd_bytes(half: str) -> bytes:
    kept = ord(half) - FIRST_KEPT
    return bytes([kept]) if kept in KEPT_OCTETS else half.encode("utf-8", "surrogatepass")


codecs.register_error(_KEPT, _keep)
