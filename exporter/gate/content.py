"""A name for a partition's content: equal figures have equal names."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from exporter.model import Profile, Stage, StageFacts

NOTHING = "none"
BYTES_ALONE = frozenset({"fingerprint", "malformed_lines", "repeated_header_lines"})
"""Fields of a profile that may differ between two encodings of the same rows."""
OF_THE_FEED = frozenset({"event_time", "packs", "splits", "unanswered"})
"""What of a profile the contract says, or the machine that read it, or what is digested among the rest."""
NOT_DIGESTED = frozenset(
    ("empty_rows", "looks", "odd_records", "largest", "referrer_words", "smallest", "unread", "worths")
)
"""Figures that say more about rows whose other figures are digested; earlier versions did not have them."""
LATER = frozenset({"figures", "duplicate_keys", "answers", "differing_parts"})
"""Figures that are left out if a feed has none."""
SURE_DIGITS = 9
"""Of an answer: DuckDB sums in no fixed order, so the last digits differ from run to run."""


def content_of(stages: Mapping[Stage, StageFacts]) -> str:
    """Return 16 hexadecimal digits that identify the content of a partition's files, or ``none``.

    They depend on the figures, not on the bytes: a file exported again with other line ends, a
    byte order mark or reordered columns has the same content. An unreadable file is identified by its
    size and modification time.
    """
    names = {
        stage: known.identity or identify(known.profile) for stage, known in stages.items() if known.profile
    }
    return _name(names, stages)


def content_by_bytes(stages: Mapping[Stage, StageFacts]) -> str:
    """Return the name that earlier versions gave a content, which depended on the files' bytes."""
    return _name(
        {stage: known.profile.fingerprint for stage, known in stages.items() if known.profile}, stages
    )


def identify(profile: Profile) -> str:
    """Return a digest of all figures of a file."""
    known = asdict(profile)
    fields = {name: value for name, value in known.items() if name not in BYTES_ALONE | OF_THE_FEED}
    # Digested as in earlier versions, so that recorded answers still refer to their contents.
    for found in known["packs"].values():
        fields |= found
    fields = {
        name: value
        for name, value in fields.items()
        if name not in NOT_DIGESTED and (name not in LATER or value not in ({}, None))
    }
    fields["constants"] = sorted(
        name for name, rows in profile.constants.items() if rows == profile.good_rows
    )
    fields["columns"] = sorted(profile.columns)
    if profile.answers:
        fields["answers"] = {name: f"{value:.{SURE_DIGITS}g}" for name, value in profile.answers.items()}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _name(names: Mapping[Stage, str], stages: Mapping[Stage, StageFacts]) -> str:
    parts = [
        f"{stage}:{names.get(stage) or f'{known.size_bytes}@{known.updated_ns}'}"
        for stage in Stage
        if (known := stages.get(stage)) is not None
    ]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest() if parts else NOTHING
