"""A pod's container as a process of this machine, its volumes as the kubelet lays them out."""

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from running import COMMAND, clean_environment, fetch, until

# The container's paths, and their replacements here.
PLACES = {"/etc/puffy": "etc", "/data": "data", "/output": "output"}


def publish(folder: Path, files: Mapping[str, str]) -> None:
    """Write a ConfigMap's files as the kubelet does: all change at once, by one link."""
    folder.mkdir(parents=True, exist_ok=True)
    version = folder / f"..{uuid.uuid4().hex}"
    version.mkdir()
    for name, text in files.items():
        (version / name).write_text(text)
    link, new = folder / "..data", folder / "..data_tmp"
    old = link.resolve() if link.is_symlink() else None
    new.symlink_to(version.name)
    new.replace(link)
    for name in files:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    for path in folder.iterdir():
        if not path.name.startswith("..") and path.name not in files:
            path.unlink()
    if old is not None:
        shutil.rmtree(old)


def placed(text: str, folder: Path) -> str:
    """Return a value of the container's environment with this machine's paths in it."""
    for path, here in PLACES.items():
        if text.startswith(path):
            return f"{folder / here}{text.removeprefix(path)}"
    return "127.0.0.1:0" if text.startswith("0.0.0.0:") else text


def environment_of(container: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Return the environment that a container has, on this machine."""
    return clean_environment() | {each["name"]: placed(each["value"], folder) for each in container["env"]}


class Served:
    """The container of the exporter's pod, running."""

    def __init__(self, container: Mapping[str, Any], folder: Path) -> None:
        self.log, self.port = folder / "log", 0
        command = [*COMMAND, *container["args"]]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stderr=log, env=environment_of(container, folder))

    def __enter__(self) -> Self:
        if not until(self._listens, 40):
            self.process.kill()
            self.process.wait()
            raise AssertionError(self.log.read_text())
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def _listens(self) -> bool:
        found = re.search(r'"event": ?"listening".*"port": ?(\d+)', self.log.read_text())
        self.port = int(found[1]) if found else 0
        return found is not None

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of an answer."""
        return fetch(f"http://127.0.0.1:{self.port}{path}")


def program_in(folder: Path) -> dict[str, str]:
    """Return a PATH with the command line as a program, as the image has it."""
    program = folder / "bin" / "puffy-exporter"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {COMMAND[0]} -m exporter "$@"\n')
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.environ['PATH']}"}
