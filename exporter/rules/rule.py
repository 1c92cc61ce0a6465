"""What a rule file holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed at each evaluation and kept under a name of its own."""

    record: str
    expr: str


@dataclass(frozen=True, slots=True)
class Alerting:
    """A condition that is told to somebody: each series of ``expr`` is one alert."""

    alert: str
    expr: str
    hold: str  # how long the condition must stand before the alert fires
    keep_firing: str  # how long it goes on firing where the condition is gone
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Links:
    """Where a person who reads an alert can go: addresses without a slash at the end.

    ``runbooks`` is a page whose anchors are the checks' runbooks; the others are the roots of servers.
    """

    runbooks: str = "docs/runbooks/checks.md"
    grafana: str = "http://localhost:3000"
    exporter: str = "http://localhost:10110"
    alertmanager: str = "http://localhost:9093"

    def runbook(self, anchor: str) -> str:
        """Return the address of one runbook."""
        return f"{self.runbooks}#{anchor}"
