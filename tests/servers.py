"""Two generations of real Prometheus and Alertmanager, as tests/install-servers.sh provides them."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

GENERATIONS = ("system", "forky")


@dataclass(frozen=True, slots=True)
class Generation:
    """The programs of one release of Debian."""

    name: str
    programs: Path

    def program(self, name: str) -> str:
        """Return where a program is: prometheus, promtool, prometheus-alertmanager or amtool."""
        return str(self.programs / name)


def find_program(name: str) -> str:
    """Return where a program is; skip where it is not installed, which on CI is a failure."""
    found = shutil.which(name)
    if found is None:
        assert not os.environ.get("CI"), f"{name} must be installed on CI"
        pytest.skip(f"{name} is not installed")
    return found


def find_generation(name: str) -> Generation:
    """Return a generation; skip where it is absent, which on CI is a failure."""
    programs = _installed() if name == "system" else _unpacked(name)
    if programs is None:
        assert not os.environ.get("CI"), f"the {name} servers must be there on CI"
        pytest.skip(f"the {name} servers are not there: run tests/install-servers.sh")
    return Generation(name, programs)


def _installed() -> Path | None:
    found = shutil.which("prometheus-alertmanager")
    return Path(found).parent if found and shutil.which("promtool") else None


def servers_folder() -> Path:
    """Return where tests/install-servers.sh puts what it does not install."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("PUFFY_SERVERS") or cache / "puffy-exporter" / "servers")


def _unpacked(release: str) -> Path | None:
    programs = servers_folder() / release / "usr" / "bin"
    return programs if (programs / "prometheus-alertmanager").exists() else None
