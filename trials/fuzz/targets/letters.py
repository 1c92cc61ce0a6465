"""Bytes that are not text: found, spelled out and decoded, whole and split anywhere."""

import codecs
import re

import reference
from given import Given
from target import DisagreementError, Target, agree

from exporter.profiling import utf8
from exporter.profiling.grammar import UnpackError
from exporter.profiling.transcode import transcoded

ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "latin-1",
    "cp1252",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "shift_jis",
    "gb18030",
    "utf-7",
)
KEPT = re.compile("[\udc80-\udcff]")  # halves of letters that stand for bytes that are kept
MARKED = frozenset(("utf-16", "utf-32"))
LONGEST = (1 << 20, 8)


def run(data: bytes) -> None:
    """Compare with Python's decoders."""
    given = Given(data)
    encoding, longest, cut = given.pick(ENCODINGS), given.pick(LONGEST), given.number()
    text = given.rest
    agree(utf8.is_valid(text), _is_valid(text), "validity")
    spelled = reference.to_text(text.decode("latin-1")).encode()
    agree(utf8.repair(text), spelled, "the repaired text")
    lines = [
        line for line in reference.split_lines(text.decode("latin-1")) if len(line.rstrip("\r\n")) <= longest
    ]
    odd = utf8.find_odd_lines(text, longest)
    broken = [line for line in lines if reference.is_broken(line)]
    agree((odd.lines, dict(odd.octets)), (len(broken), reference.odd_bytes(lines)), "odd lines")
    whole = _transcoded([text], encoding)
    agree(_transcoded([text[:cut], text[cut:]], encoding), whole, "a text cut in two")
    try:
        plain = codecs.decode(text, encoding)
    except UnicodeError:
        return
    if whole is not None:
        if KEPT.search(plain) is None:
            agree(whole.decode("utf-8", "surrogatepass"), plain, f"text in {encoding}")
    elif encoding not in MARKED:  # which Python accepts without a byte order mark as well
        raise DisagreementError(f"refused text in {encoding}")


def _transcoded(pieces: list[bytes], encoding: str) -> bytes | None:
    try:
        return b"".join(transcoded(pieces, encoding))
    except UnpackError:
        return None


def _is_valid(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


TARGET = Target(
    name="letters",
    run=run,
    seeds=(
        b"\0\0\3plain\ntext\r\n",
        b"\0\1\2\xc3\xa9\xff\0\n\xed\xa0\x80\xf4\x90\x80\x80\r\x9f\xa0",
        b"\4\0\5\xff\xfea\0\n\0\x3d\xd8",
        b"\7\0\1\x83e\x83X\x83g\x80\xff",
        b"\x09\0\4+AGEAYg- +2AA-",
    ),
    words=(b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x90\xa1", b"\r\n", b"\0"),
    longest=200,
)
