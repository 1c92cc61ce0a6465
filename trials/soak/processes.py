"""The four programs of a soak: how each is started, killed and restarted."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from alertmanager_server import LOOPBACK, Sink, write_config
from prometheus_server import free_port
from running import COMMAND, clean_environment
from servers import Generation

from exporter.sink.inbox import Inbox
from trials.soak.clock import Clock
from trials.soak.kills import Name
from trials.soak.pace import LOOKBACK, MAINTENANCE, RESEND, RETENTION, Pace, milliseconds

CONFIG = """\
watch: {{settle_seconds: 0.2, shrink_grace: 0s, rescan_seconds: {rescan}}}
calendar: {{window_days: {window}}}
report: {{history: 10}}
notifications: {{digest_hour: {digest}}}
"""
ROOT = Path(__file__).parents[2]
STOP_SECONDS = 20.0


@dataclass(slots=True)
class Program:
    """One program, with one log for all of its processes."""

    name: Name
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start it and return its process ID; it becomes ready some time later."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=clean_environment() | dict(self.environment)
            )
        return self._process.pid

    def kill(self) -> None:
        """Kill it, as the kernel does when memory runs out."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, if it runs."""
        if self._process is not None:
            self._end(signal.SIGTERM)

    @property
    def pid(self) -> int | None:
        """The process ID, ``None`` if it does not run."""
        return None if self._process is None else self._process.pid

    @property
    def has_died(self) -> bool:
        """Whether it has ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@dataclass(frozen=True, slots=True)
class Setup:
    """Where everything is, and how fast it runs."""

    folder: Path
    pace: Pace
    clock: Clock
    library: Path
    window: int
    generation: Generation
    ports: Mapping[str, int] = field(
        default_factory=lambda: {
            name: free_port() for name in ("exporter", "prometheus", "alertmanager", "http", "mail")
        }
    )

    @property
    def book(self) -> Path:
        """Where the receiver records messages."""
        return self.folder / "received.jsonl"

    @property
    def output(self) -> Path:
        """Where the exporter writes, in one folder per feed."""
        return self.folder / "out"

    @property
    def clocked(self) -> Mapping[str, str]:
        """The environment variables with which a program sees the simulated clock."""
        return self.clock.preloaded(self.library)


def programs_of(setup: Setup) -> dict[Name, Program]:
    """Write all configuration and return the programs, not yet started."""
    commands = {
        Name.RECEIVER: _receiver(setup),
        Name.ALERTMANAGER: _alertmanager(setup),
        Name.PROMETHEUS: _prometheus(setup),
        Name.EXPORTER: _exporter(setup),
    }
    clocked = {Name.EXPORTER: setup.clocked}
    return {
        name: Program(name, command, clocked.get(name, {}), setup.folder / f"{name}.log")
        for name, command in commands.items()
    }


def _receiver(setup: Setup) -> list[str]:
    addresses = [f"{LOOPBACK}:{setup.ports[name]}" for name in ("http", "mail")]
    return [sys.executable, str(Path(__file__).with_name("receiver.py")), str(setup.book), *addresses]


def _exporter(setup: Setup) -> list[str]:
    config = setup.folder / "puffy.yml"
    digest = "8" if setup.pace.digests else "null"
    config.write_text(CONFIG.format(rescan=setup.pace.tick, window=setup.window, digest=digest))
    return [
        *COMMAND,
        "serve",
        f"--feeds.dir={setup.folder / 'contracts'}",
        f"--output.dir={setup.output}",
        f"--config.file={config}",
        f"--web.listen-address={LOOPBACK}:{setup.ports['exporter']}",
        "--log.level=warning",
    ]


def _alertmanager(setup: Setup) -> list[str]:
    place = setup.folder / "alertmanager"
    place.mkdir()
    sink = Sink(Inbox(), setup.ports["http"], setup.ports["mail"])
    config = write_config(place, sink, {})
    config.write_text(setup.pace.routes(config.read_text()))
    return [
        setup.generation.program("prometheus-alertmanager"),
        f"--config.file={config}",
        f"--storage.path={place / 'data'}",
        f"--web.listen-address={LOOPBACK}:{setup.ports['alertmanager']}",
        f"--web.external-url=http://{LOOPBACK}:{setup.ports['alertmanager']}",
        f"--data.retention={milliseconds(setup.pace.real(RETENTION))}",
        f"--data.maintenance-interval={milliseconds(setup.pace.real(MAINTENANCE))}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]


def _prometheus(setup: Setup) -> list[str]:
    place = setup.folder / "prometheus"
    (place / "rules").mkdir(parents=True)
    for path in (ROOT / "prometheus" / "rules").glob("*.yml"):
        (place / "rules" / path.name).write_text(setup.pace.rules(path.read_text(), setup.clock))
    (place / "prometheus.yml").write_text(json.dumps(_scraping(setup, place / "rules")))  # JSON is YAML
    return [
        setup.generation.program("prometheus"),
        f"--config.file={place / 'prometheus.yml'}",
        f"--storage.tsdb.path={place / 'tsdb'}",
        f"--web.listen-address={LOOPBACK}:{setup.ports['prometheus']}",
        f"--rules.alert.resend-delay={milliseconds(setup.pace.real(RESEND))}",
        f"--query.lookback-delta={milliseconds(setup.pace.real(LOOKBACK))}",
        "--log.level=warn",
    ]


def _scraping(setup: Setup, rules: Path) -> dict[str, object]:
    text = (ROOT / "prometheus" / "prometheus.yml").read_text()
    for name, port in (("exporter", 10110), ("prometheus", 9090), ("alertmanager", 9093)):
        text = text.replace(f"{name}:{port}", f"{LOOPBACK}:{setup.ports[name]}")
    config = dict(yaml.safe_load(text))
    tick = milliseconds(setup.pace.tick)
    config["global"] = {"scrape_interval": tick, "scrape_timeout": tick, "evaluation_interval": tick}
    config["rule_files"] = [str(rules / "*.yml")]
    config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] != "grafana"]
    return config
