"""The compose file, run as a person runs it: from a checkout, by a Docker daemon of the tests' own."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from golden import ROOT
from servers import servers_folder

from exporter.server.listen import Address, first_free

STANDINS = Path(__file__).with_name("standins.sh")
CANNOT = 3  # what standins.sh says where there can be no Docker
OURS = ("PUFFY_", "COMPOSE_", "DOCKER_", "GF_")
PUBLISHED = ("exporter", "prometheus", "alertmanager", "grafana", "sink")


def port_variable(service: str) -> str:
    """Return the variable that says on which port of the host a service is published."""
    return f"PUFFY_{service.upper()}_PORT"


def compose_program() -> Path:
    """Return where docker-compose is; skip where it is absent, which on CI is a failure."""
    program = servers_folder() / "forky" / "usr" / "bin" / "docker-compose"
    if not program.exists():
        give_up("docker-compose is not there: run tests/install-servers.sh")
    return program


def give_up(reason: str) -> None:
    """Skip, which on CI is a failure."""
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)


def clean_environment(plugins: Path) -> dict[str, str]:
    """Return this process's environment without what would configure Docker, compose or the stack."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"DOCKER_CONFIG": str(plugins)}


def install_plugin(folder: Path) -> Path:
    """Make ``docker compose`` known in a Docker configuration of its own."""
    place = folder / "cli-plugins"
    place.mkdir(parents=True)
    (place / "docker-compose").symlink_to(compose_program().resolve())
    return folder


def copy_checkout(target: Path) -> Path:
    """Copy what a git clone would contain."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def free_ports() -> dict[str, int]:
    """Return a port of the host for each service: below those that systems give away by themselves."""
    ports: dict[str, int] = {}
    last = 20_000 + os.getpid() % 10_000
    for service in PUBLISHED:
        last = ports[service] = first_free(Address("127.0.0.1", last + 1)).port
    return ports


@dataclass(frozen=True)
class Stack:
    """A checkout and the daemon that runs its compose file."""

    checkout: Path
    daemon: dict[str, str]
    ports: dict[str, int] = field(default_factory=free_ports)
    took: dict[str, float] = field(default_factory=dict)  # seconds, by what was done

    @property
    def environment(self) -> dict[str, str]:
        """Return the daemon's environment and ports of our own: those by default may be in use."""
        return self.daemon | {port_variable(name): str(port) for name, port in self.ports.items()}

    def fetch(self, service: str, path: str) -> Any:
        """Return the JSON of an answer of a service."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[service]}{path}", timeout=10) as answer:
            return json.load(answer)

    def run(self, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the checkout."""
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def docker(self, *arguments: str) -> str:
        """Run docker and return what it says; fail where it fails."""
        done = self.run("docker", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def compose(self, *arguments: str) -> str:
        """Run docker compose and return what it says."""
        return self.docker("compose", *arguments)

    def timed(self, name: str, *arguments: str) -> float:
        """Run docker and return how many seconds it took."""
        begun = time.monotonic()
        self.docker(*arguments)
        self.took[name] = time.monotonic() - begun
        return self.took[name]

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what docker knows of each container, by service."""
        names = self.docker("ps", "-aq").split()
        known = json.loads(self.docker("inspect", *names)) if names else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in known}

    def down(self) -> None:
        """Take everything down, whatever state it is in."""
        self.run("docker", "compose", "down", "-v", "--remove-orphans", "--timeout", "3")


@contextmanager
def run_docker() -> Iterator[dict[str, str]]:
    """Run a daemon with the stand-in images; give the environment in which ``docker`` talks to it."""
    compose_program()
    folder = servers_folder() / "docker"
    _standins("base")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one daemon at a time keeps these images
        run = tempfile.mkdtemp(prefix="puffy-docker-", dir="/run")
        try:
            _standins("start", run)
            _standins("images", run)
            plugins = install_plugin(Path(run) / "client")
            yield clean_environment(plugins) | {"DOCKER_HOST": f"unix://{run}/docker.sock"}
        finally:
            _standins("stop", run)


def _standins(*arguments: str) -> None:
    with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open as long as the daemon
        done = subprocess.run([STANDINS, *arguments], stdout=said, stderr=said, check=False)
        said.seek(0)
        words = said.read().strip()
    if done.returncode == CANNOT:
        give_up(words.splitlines()[-1])
    assert done.returncode == 0, words
