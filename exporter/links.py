"""The links in messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

CHECKS = "checks"  # the page of the checks' runbooks
OVERVIEW, PARTITION = "puffy-overview", "puffy-partition"  # dashboards
INCIDENTS, PARTITIONS = "incidents", "partitions"  # folders of pages


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses for readers of an alert: absolute, without a trailing slash.

    ``runbooks`` is a page whose anchors are the checks' runbooks, ``None`` for the exporter's own; the others
    are the roots of servers. ``has_grafana``: Grafana's address is configured, so pages may link to it.
    """

    runbooks: str | None = None
    grafana: str = "http://localhost:3000"
    exporter: str = "http://localhost:10110"
    alertmanager: str = "http://localhost:9093"
    has_grafana: bool = False

    @property
    def checks(self) -> str:
        """The page of the checks' runbooks."""
        return self.runbooks or f"{self.exporter}/runbooks/{CHECKS}"

    @property
    def incidents(self) -> str:
        """The page of incidents, of one feed or all."""
        return f"{self.exporter}/{INCIDENTS}/"

    def feed(self, feed: str) -> str:
        """Return the address of a feed's pages; a single feed has two."""
        return f"{self.exporter}/feeds/{feed}"

    def incident(self, feed: str, incident: str) -> str:
        """Return the address of an incident's page."""
        return f"{self.feed(feed)}/{INCIDENTS}/{incident}"

    def partition(self, feed: str, partition: object) -> str:
        """Return the address of a day's page; the day is a date, or a template expression for one."""
        return f"{self.feed(feed)}/{PARTITIONS}/{partition}"

    @property
    def overview(self) -> str:
        """The dashboard of all feeds in Grafana."""
        return f"{self.grafana}/d/{OVERVIEW}"

    def dashboard(self, feed: str, partition: object | None = None) -> str:
        """Return the address of a feed's dashboard in Grafana, or of a day's."""
        if partition is None:
            return f"{self.overview}?var-feed={feed}"
        return f"{self.grafana}/d/{PARTITION}?var-feed={feed}&var-partition={partition}"

    def silence(self, labels: Mapping[str, str]) -> str:
        """Return the address of a new silence in Alertmanager, prefilled with labels.

        Their values are dates, identifiers or template expressions, and are not escaped.
        """
        matching = _escaped(",").join(
            _escaped(f'{label}="') + value + _escaped('"') for label, value in labels.items()
        )
        return f"{self.alertmanager}/#/silences/new?filter={_escaped('{')}{matching}{_escaped('}')}"

    def runbook(self, anchor: str) -> str:
        """Return the address of a check's runbook."""
        return f"{self.checks}#{anchor}"

    def page(self, page: str, anchor: str) -> str:
        """Return the address of a section of one of the runbooks' pages, by the page's name."""
        return self.runbook(anchor) if page == CHECKS else self.own_runbook(page, anchor)

    def own_runbook(self, page: str, anchor: str) -> str:
        """Return the address of a runbook that only the exporter has."""
        return f"{self.exporter}/runbooks/{page}#{anchor}"


def _escaped(text: str) -> str:
    return quote(text, safe="")
