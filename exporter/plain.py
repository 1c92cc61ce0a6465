"""External text, sanitised once on input so that it can be shown, stored and sent anywhere."""

import hashlib

LONGEST = 100  # characters of a name: a label, a file, a task
LONGEST_LINE = 500
LONGEST_SPELLING = 10  # characters of an escape, \\UNNNNNNNN
DIGITS = 8  # of a digest that distinguishes long names


def plain(text: str, longest: int = LONGEST) -> str:
    r"""Return text that is valid UTF-8, on one line and of bounded length; different texts stay different.

    Bytes of a file name that are not UTF-8 become ``\xNN``, lone surrogates and control characters ``\uNNNN``
    and the like. Long text is cut, and ends in a digest of the whole.
    """
    spelled = (
        text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        if _is_name(text)
        else text
    )
    shown = "".join(letter if letter.isprintable() else _spell(letter) for letter in spelled)
    if len(shown) <= longest:
        return shown
    digest = hashlib.blake2b(shown.encode(), digest_size=DIGITS // 2).hexdigest()
    return f"{shown[: longest - DIGITS - 4]}... {digest}"


def cut(text: str, longest: int) -> str:
    """Return text for people: like ``plain``, but long text ends in an ellipsis."""
    shown = plain(text, len(text) * LONGEST_SPELLING + DIGITS)
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def _is_name(text: str) -> bool:
    """Return whether the surrogates in a text, if any, all represent bytes, like those of file names."""
    return all("\udc80" <= letter <= "\udcff" for letter in text if "\ud800" <= letter <= "\udfff")


def _spell(letter: str) -> str:
    return letter.encode("ascii", "backslashreplace").decode() if letter > "\x7f" else f"\\x{ord(letter):02x}"


def capitalised(sentence: str) -> str:
    """Capitalise a sentence, unless it begins with a column's name."""
    first = sentence.split(maxsplit=1)[:1]
    return sentence if not first or "_" in first[0] else f"{sentence[0].upper()}{sentence[1:]}"
