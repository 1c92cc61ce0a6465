"""The exporter's own metrics: counters and the result of the last pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PushHealth:
    """The health of pushes to one integration. Times: seconds since the epoch, ``None`` for never."""

    waiting: int
    waiting_since: float | None
    attempted_at: float | None
    succeeded_at: float | None
    pushes: int
    failures: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """The exporter's own health. Replaced after each pass, never mutated. Times: seconds since the epoch."""

    passes: int = 0
    failed_passes: int = 0
    last_pass_succeeded: bool = False
    last_pass_seconds: float = 0.0
    last_pass_at: float | None = None
    last_success_at: float | None = None
    profiled_files: int = 0
    profiled_bytes: int = 0
    profiling_seconds: float = 0.0
    profile_errors: int = 0
    engine_up: bool | None = None  # None: files are read by this process alone
    unreadable_files: int = 0
    waiting_files: int = 0  # seen, still changing
    unmatched_files: int = 0  # names with a day that match no pattern
    unlisted_folders: int = 0  # of later stages, existing but not listable
    blind: bool = False  # there is nothing to judge, or it is unreadable
    source_up: bool = True  # the source answered the last pass, and known files still exist
    state_errors: int = 0
    state_rebuilds: int = 0
    gate_errors: int = 0  # errors reading or writing the audit log and the flag
    gate_broken_lines: int = 0  # of the audit log
    output_errors: Mapping[str, int] = field(default_factory=dict)  # by output: report, alerts, history
    digest_due: bool = False  # it was the hour of the digest when the last pass ended
    folded_label_values: Mapping[str, int] = field(default_factory=dict)  # by label
    problems: tuple[str, ...] = ()  # current problems, one line each
    config_reload_succeeded: bool = True
    config_reloaded_at: float | None = None
    pushes: Mapping[str, PushHealth] = field(default_factory=dict)  # by peer
