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
    """Where a person who reads an alert can go: whole addresses, without a slash at the end.

    ``runbooks`` is a page whose anchors are the checks' runbooks, ``None`` the exporter's own; the others are
    the roots of servers.
    """

    runbooks: str | None = None
    grafana: str = "http://localhost:3000"
    exporter: str = "http://localhost:10110"
    alertmanager: str = "http://localhost:9093"

    @property
    def checks(self) -> str:
        """The page of the checks' runbooks."""
        return self.runbooks or f"{self.exporter}/runbooks/checks"

    def runbook(self, anchor: str) -> str:
        """Return the address of a check's runbook."""
        return f"{self.checks}#{anchor}"

    def own_runbook(self, page: str, anchor: str) -> str:
        """Return the address of a runbook that only the exporter has."""
        return f"{self.exporter}/runbooks/{page}#{anchor}"
