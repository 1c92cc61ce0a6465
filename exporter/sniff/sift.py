"""Selects the inspected files that are written like most, so that one bad day affects no other."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from exporter.errors import UserError
from exporter.sniff.dialect import (
    NAMES,
    Dialect,
    Sample,
    delimiter_of,
    records,
    refuse_other_forms,
    sniff_dialect,
)
from exporter.sniff.words import folded

Samples = Mapping[date, Sample]
NONE: Mapping[date, str] = {}


@dataclass(frozen=True, slots=True)
class Sifted:
    """The dialect of most files, and why the others are left out, one line each."""

    dialect: Dialect
    left_out: Mapping[date, str]


def sift(samples: Samples, unread: Mapping[date, str] = NONE, like: str | None = None) -> Sifted:
    """Return the files' dialect, trying the likeliest first. Raises UserError if most cannot be read.

    ``unread`` are further files, with the reason why they have no sample. ``like`` is the delimiter to assume
    if no file has any content.
    """
    filled = {day: sample for day, sample in samples.items() if sample.is_filled}
    refused = {day: reason for day, sample in filled.items() if (reason := _refusal(sample)) is not None}
    left_out = {**unread, **refused}
    sound = {day: sample for day, sample in filled.items() if day not in refused}
    if like is not None and not sound and len(left_out) <= len(samples) - len(filled):
        return Sifted(Dialect(like), left_out)  # rejects of good days: nothing was rejected
    refuse_most(left_out, sound)
    if sound:
        left_out |= _differing(sound)
    kept = [sample for day, sample in samples.items() if day not in left_out]
    return Sifted(sniff_dialect(kept), left_out)


def refuse_most(left_out: Mapping[date, str], filled: Iterable[date]) -> None:
    """Raise UserError if more files are left out than have content and are read, with the first reason."""
    if len(left_out) > sum(day not in left_out for day in filled):
        raise UserError(next(iter(left_out.values())))


def _refusal(sample: Sample) -> str | None:
    try:
        refuse_other_forms(sample)
        delimiter_of(sample)
    except UserError as error:
        return str(error)
    return None


def _differing(sound: Samples) -> dict[date, str]:
    """Describe which files have another delimiter than most, and which share no column with most."""
    delimiters = {day: delimiter_of(sample) for day, sample in sound.items()}
    usual = Counter(delimiters.values()).most_common(1)[0][0]
    reasons = {
        day: f"{sound[day].name}: separated by {NAMES[delimiter]}, most files by {NAMES[usual]}; left out"
        for day, delimiter in delimiters.items()
        if delimiter != usual
    }
    headers = {day: _names(sample, usual) for day, sample in sound.items() if day not in reasons}
    alike = {day: sum(bool(names & others) for others in headers.values()) for day, names in headers.items()}
    best = max(alike, key=lambda day: alike[day])
    return reasons | {
        day: f"{sound[day].name}: its header has none of the other files' columns; left out"
        for day, names in headers.items()
        if not names & headers[best]
    }


def _names(sample: Sample, delimiter: str) -> frozenset[str]:
    found = records(sample.head, delimiter)
    return frozenset(folded(name) or name for name in found[0]) if found else frozenset()
