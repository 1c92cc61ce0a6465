"""The contents of a rule file."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed at each evaluation and recorded under its own name."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alerting:
    """A condition that alerts: each series of ``expr`` is one alert."""

    alert: str
    expr: str
    hold: str  # how long the condition must hold before the alert fires
    keep_firing: str  # how long it keeps firing after the condition is gone
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
