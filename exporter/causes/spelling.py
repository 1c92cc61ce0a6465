"""Names that are spelled differently: in capitals, with other separators, in another form of Unicode."""

import unicodedata
from collections.abc import Iterable, Mapping

SEPARATING = "CPZ"  # Unicode's categories of control characters, punctuation and space


def respelled(gone: Iterable[str], new: Iterable[str]) -> Mapping[str, str]:
    """Return the new spelling, if there is one, of each name that is gone; the first of several."""
    written: dict[str, str] = {}
    for name in new:
        written.setdefault(_letters(name), name)
    return {name: written[letters] for name in gone if (letters := _letters(name)) and letters in written}


def spellings(names: Iterable[str], new: Iterable[str]) -> Mapping[str, str]:
    """Return the known name of each new one that only spells it differently."""
    known = {letters: name for name in names if (letters := _letters(name))}
    return {name: known[letters] for name in new if (letters := _letters(name)) in known}


def _letters(name: str) -> str:
    """Return what remains the same; vowel signs and symbols make a difference, such as € and $."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in text if unicodedata.category(letter)[0] not in SEPARATING)
