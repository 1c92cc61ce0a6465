"""Compressed files, damaged and cut off: the original bytes or an error, however much is read at once."""

import bz2
import gzip
import lzma
import random
from collections.abc import Callable, Mapping

from files import Memory
from given import Given
from packing import PACK
from target import DisagreementError, Target, agree, is_one_line

from exporter.profiling.grammar import UnpackError
from exporter.profiling.unpack import READERS

ENDINGS = tuple(sorted(PACK))
PLAIN = random.Random(1).randbytes(300) + b"2025-03-30T01:00:00Z,page_viewed\n" * 20
SECOND: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lambda data: lzma.decompress(data, lzma.FORMAT_XZ, 256 << 20),
}
FAULTS = (OSError, EOFError, ValueError, lzma.LZMAError)
MOST = 1 << 24  # bytes that are unpacked per input


def run(data: bytes) -> None:
    """Unpack a file a few bytes at a time, and many at a time."""
    given = Given(data)
    ending, is_whole, step = given.pick(ENDINGS), given.number() % 2, 1 + given.number()
    file = given.rest
    if not is_whole:
        packed = bytearray(PACK[ending](PLAIN) * (1 + step % 2))
        while len(given.rest) > 2:
            at = (given.number() << 8 | given.number()) % len(packed)
            packed[at] = given.number()
        file = bytes(packed[: len(packed) - sum(given.rest)])
    together, apart = _unpacked(file, ending, 1 << 30), _unpacked(file, ending, step)
    agree(
        type(apart),
        type(together),
        f"what {step} bytes at once give, and all: {apart!r:.80} {together!r:.80}",
    )
    if isinstance(together, bytes):
        agree(apart, together, "the bytes")
        _compare(file, ending, together)


def _unpacked(file: bytes, ending: str, most: int) -> bytes | str:
    found, size = [], 0
    try:
        for piece in READERS[ending](Memory(file, most)):
            found.append(piece)
            size += len(piece)
            if size > MOST:
                return "more than enough"
    except UnpackError as error:
        is_one_line(str(error.strerror), "the refusal")
        return "no such file"
    return b"".join(found)


def _compare(file: bytes, ending: str, found: bytes) -> None:
    second = SECOND.get(ending)
    if second is None:
        return
    try:
        wanted = second(file)
    except FAULTS as error:
        if ending != ".xz" and file.rstrip(b"\0") == file:
            raise DisagreementError(f"another reader refuses: {error!r}") from error
        return
    # The standard library reads nothing after zeros between members.
    agree(found if ending == ".gz" else found[: len(wanted)], wanted, "the bytes of another reader")


def _edits(ending: str, *edits: tuple[int, int]) -> bytes:
    changes = b"".join(bytes([at >> 8, at & 255, octet]) for at, octet in edits)
    return bytes([ENDINGS.index(ending), 0, 0]) + changes


TARGET = Target(
    name="packed",
    run=run,
    seeds=(
        *(bytes([place, 1, 4]) + PACK[ending](b"a,b\n" * 9) for place, ending in enumerate(ENDINGS)),
        *(_edits(ending) for ending in ENDINGS),
        *(_edits(ending, (8, 255)) for ending in ENDINGS),
        *(_edits(ending, (300, 0)) for ending in ENDINGS),
        *(
            bytes([place, 1, 4]) + PACK[ending](b"a") + b"\0\0\0\0" + PACK[ending](b"b")
            for place, ending in enumerate(ENDINGS)
        ),
        *(bytes([place, 1, 4]) for place in range(len(ENDINGS))),
    ),
    words=(b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\0\0\0\0"),
    longest=200,
)
