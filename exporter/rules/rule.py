"""What a rule file holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed at each evaluation and kept under a name of its own."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alerting:
    """A condition that is told to somebody: each series of ``expr`` is one alert."""

    alert: str
    expr: str
    hold: str  # how long the condition must stand before the alert fires
    keep_firing: str  # how long it goes on firing where the condition is gone
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
