"""Prometheus and Alertmanager with all shipped files, at test speed, to be stopped and restarted."""

from dataclasses import dataclass, field
from pathlib import Path

from alertmanager_server import KEEP, Alertmanager, Sink, shipped_config, write_config
from prometheus_server import Prometheus, free_port
from servers import Generation

# Prometheus needs a fixed five seconds to find Alertmanager: before that nothing is sent.
HOLD = 6


@dataclass
class World:
    """Both servers; what Prometheus scrapes is provided elsewhere."""

    folder: Path
    generation: Generation
    sink: Sink
    resend_seconds: float
    ports: dict[str, int] = field(default_factory=dict)
    keep: int = KEEP
    _prometheus: Prometheus | None = None
    _alertmanager: Alertmanager | None = None

    def __post_init__(self) -> None:
        """Choose where both listen, and write Alertmanager's configuration."""
        self.ports = {name: free_port() for name in ("exporter", "alertmanager")} | self.ports
        (self.folder / "am").mkdir()
        self._alertmanager_config = write_config(self.folder / "am", self.sink)

    @property
    def prometheus(self) -> Prometheus:
        """The running Prometheus."""
        assert self._prometheus is not None
        return self._prometheus

    def start_prometheus(self) -> None:
        """Start Prometheus on its existing data."""
        self._prometheus = Prometheus(
            self.generation.program("prometheus"),
            self.folder / "prometheus",
            self._scraping(),
            f"--rules.alert.resend-delay={round(self.resend_seconds * 1000)}ms",
            "--query.lookback-delta=3s",
        )

    def start_alertmanager(self) -> None:
        """Start Alertmanager on its existing log."""
        program = self.generation.program("prometheus-alertmanager")
        self._alertmanager = Alertmanager(program, self._alertmanager_config, self.ports["alertmanager"])

    def stop_prometheus(self) -> None:
        """End Prometheus."""
        self.prometheus.stop()

    def stop_alertmanager(self) -> None:
        """End Alertmanager."""
        assert self._alertmanager is not None
        self._alertmanager.stop()

    def _scraping(self) -> dict[str, object]:
        """Return Prometheus' configuration; its rule files are written once."""
        place = self.folder / f"rules-of-{len(list(self.folder.glob('rules-of-*')))}"
        place.mkdir()
        ports = self.ports["exporter"], self.ports["alertmanager"]
        config = shipped_config(place, *ports, hold=HOLD, keep=self.keep)
        meta = place / "rules" / "meta.yml"
        meta.write_text(meta.read_text().replace("for: 2m", "for: 2s"))
        return config
