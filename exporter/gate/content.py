"""A name for what a partition holds: the same files, the same name."""

import hashlib
from collections.abc import Mapping

from exporter.model import Stage, StageFacts

NOTHING = "none"


def content_of(stages: Mapping[Stage, StageFacts]) -> str:
    """Return 16 hexadecimal digits that follow from the contents of a partition's files, or ``none``.

    A file that cannot be read stands in by its size and the time it was changed.
    """
    parts = [
        f"{stage}:{known.profile.fingerprint if known.profile else f'{known.size_bytes}@{known.updated_ns}'}"
        for stage in Stage
        if (known := stages.get(stage)) is not None
    ]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest() if parts else NOTHING
