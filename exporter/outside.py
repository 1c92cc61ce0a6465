"""Text from outside, made fit for every output: one place, used where such text comes in."""

import hashlib
import unicodedata

LONGEST_NAME = 100  # characters; of a label, so that it fits a message and a legend
LONGEST_LINE = 500  # characters; of a problem, which may hold a path
_DIGEST_CHARACTERS = 9  # a space and eight hexadecimal digits


def clean(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Return text that is printable, normalised (NFC) and at most ``longest`` characters long.

    Whatever does not print becomes an escape such as ``\n`` or ``\ud83d``. What is too long is cut and
    ends in an ellipsis and a digest of the whole, so that two long names do not become one. Text that is
    clean already comes back as it is.
    """
    if text.isascii() and text.isprintable() and len(text) <= longest:
        return text
    # Cut first: nothing beyond is shown, and it may be megabytes.
    shown = unicodedata.normalize("NFC", text[: longest + 1])
    shown = "".join(character if character.isprintable() else _escape(character) for character in shown)
    if len(text) <= longest and len(shown) <= longest:
        return shown
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{shown[: longest - _DIGEST_CHARACTERS - 1]}… {digest}"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
