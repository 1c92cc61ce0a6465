"""Which of several groups of files is the feed, and which are its later stages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from exporter.model import Stage
from exporter.sniff.names import COMPRESSED, Group
from exporter.template import FORMATS

ACCEPTED = frozenset(
    ["clean", "cleaned", "cleansed", "accepted", "accept", "good", "valid", "validated", "curated", "passed"]
)
REJECTED = frozenset(
    [
        "reject",
        "rejects",
        "rejected",
        "rejections",
        "bad",
        "error",
        "errors",
        "err",
        "invalid",
        "quarantine",
        "quarantined",
        "dlq",
        "deadletter",
        "failed",
        "failures",
    ]
)
NEUTRAL = frozenset(["raw", "data", "csv", "tsv", "txt", "daily", "export", "exports", "files"])
READ = frozenset((*(ending.removeprefix(".") for ending in FORMATS), ""))
OTHER_DATA = frozenset(["avro", "orc", "xlsx", "xls", "xml", "feather", "arrow"])
SHARED = 0.5  # share of days that two groups must share to be stages of one feed


@dataclass(frozen=True, slots=True)
class Chosen:
    """The feed's groups by stage, and the others."""

    stages: dict[Stage, Group]
    others: tuple[Group, ...] = ()
    unread: tuple[Group, ...] = field(default=())  # data in unsupported formats


def choose(groups: Sequence[Group]) -> Chosen | None:
    """Return the feed's stages among groups, largest first; ``None`` if none contains data."""
    read = [group for group in groups if group.suffix in READ]
    unread = [group for group in groups if _is_other_data(group)]
    if not read:
        packed = [group for group in unread if group.suffix.rpartition(".")[2] in COMPRESSED] or unread
        return (
            Chosen({Stage.RAW: packed[0]}, tuple(one for one in unread if one is not packed[0]))
            if packed
            else None
        )
    raw = next((group for group in read if _role(group) is Stage.RAW), read[0])
    stages = {Stage.RAW: raw}
    for stage in (Stage.CLEAN, Stage.REJECTS):
        fitting = (
            group for group in read if group is not raw and _role(group) is stage and _is_sibling(raw, group)
        )
        found = next(fitting, None)
        if found is not None:
            stages[stage] = found
    others = tuple(group for group in read if group not in stages.values())
    return Chosen(stages, others, tuple(unread))


def _is_other_data(group: Group) -> bool:
    inner, _, last = group.suffix.rpartition(".")
    return last in OTHER_DATA or (last in COMPRESSED and inner in READ | OTHER_DATA)


def words_in(text: str) -> set[str]:
    """Return the words of a path, lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def _role(group: Group) -> Stage:
    words = words_in(group.literal)
    if words & REJECTED:
        return Stage.REJECTS
    return Stage.CLEAN if words & ACCEPTED else Stage.RAW


def _is_sibling(raw: Group, other: Group) -> bool:
    """Return whether two groups are about the same thing on the same days."""
    shared = len(raw.files.keys() & other.files.keys())
    if shared < SHARED * len(raw.files):
        return False
    mine, theirs = (words_in(group.literal) - ACCEPTED - REJECTED - NEUTRAL for group in (raw, other))
    return bool(mine & theirs) or not mine or not theirs
