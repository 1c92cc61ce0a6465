"""Two generations of real Prometheus and Alertmanager, as tests/install-servers.sh unpacked them."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

GENERATIONS = ("bookworm", "forky")


@dataclass(frozen=True, slots=True)
class Generation:
    """The programs of one release of Debian."""

    name: str
    programs: Path

    def program(self, name: str) -> str:
        """Return where a program is: prometheus, promtool, prometheus-alertmanager or amtool."""
        return str(self.programs / name)


def find_generation(name: str) -> Generation:
    """Return a generation; skip where it is absent, which on CI is a failure."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    servers = Path(os.environ.get("PUFFY_SERVERS") or cache / "puffy-exporter" / "servers")
    programs = servers / name / "usr" / "bin"
    if not (programs / "prometheus-alertmanager").exists():
        assert not os.environ.get("CI"), f"{name}'s servers must be there on CI"
        pytest.skip(f"{name}'s servers are not there: run tests/install-servers.sh")
    return Generation(name, programs)
