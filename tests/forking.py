"""The command line in processes that share one start: forked from a server that has loaded every verb.

A start takes longer than most calls: loading pandas, Arrow and the exporter's own modules. What runs is a
process like any other, with arguments, environment, folder, streams, signals and an end of its own.
"""

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

# Read when a command runs. Of all others some library may have made up its mind when it was loaded.
READ_LATE = ("AWS_", "MCD_INGEST_", "PUFFY_", "PYTEST_")
LONGEST = 1 << 17  # bytes of a request: arguments and environment
BORN = dict(os.environ)  # before any test has changed it


class Forked:
    """A running command line, to be handled like a ``subprocess.Popen``."""

    def __init__(
        self,
        arguments: Sequence[str],
        streams: Sequence[int],
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        self.args = tuple(arguments)
        self.returncode: int | None = None
        self._told, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with told:
            request = json.dumps([self.args, str(folder or Path.cwd()), dict(environment)]).encode()
            socket.send_fds(_server().requests, [request], [told.fileno(), *streams])
        said = self._told.recv(32)
        assert said, "the server that forks has ended; what it said is on stderr"
        self.pid = int(said)

    def poll(self) -> int | None:
        """Return the exit code, ``None`` while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code, that of a signal as a negative number."""
        if self.returncode is None:
            self._told.settimeout(timeout)
            try:
                self.returncode = int(self._told.recv(32))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, where it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def forks(environment: Mapping[str, str]) -> bool:
    """Say whether the server's children are what a process with this environment would be."""
    if not sys.platform.startswith("linux"):
        return False  # packets between processes, and forks after threads, are Linux's
    differing = [name for name in BORN.keys() | environment.keys() if BORN.get(name) != environment.get(name)]
    return all(name.startswith(READ_LATE) for name in differing)


class _Server:
    """The process that others are forked from; it ends with this one."""

    def __init__(self) -> None:
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno())]
            nothing = subprocess.DEVNULL
            self.process = subprocess.Popen(
                command, env=BORN, pass_fds=[theirs.fileno()], stdin=nothing, stdout=nothing
            )
        atexit.register(self.close)

    def close(self) -> None:
        """End it."""
        self.requests.close()
        self.process.wait(10)


@cache
def _server() -> _Server:
    return _Server()


def _load() -> None:
    """Load every verb with all that it needs."""
    import exporter  # noqa: PLC0415  in the server alone

    with contextlib.redirect_stderr(io.StringIO()):  # Monte Carlo's SDK complains, as the exporter knows
        for found in pkgutil.walk_packages(exporter.__path__, "exporter."):
            if not found.name.endswith(("__main__", ".dask")):  # that one starts threads, which no fork keeps
                importlib.import_module(found.name)
    gc.freeze()  # else every child copies all of it to collect it when it ends


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons count the idle threads of numpy's algebra
        return os.fork()


def _serve(requests: socket.socket) -> bool:
    """Fork at each request; return true in a process that is to run the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tests end it
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, LONGEST, 4)
        if not request:
            return False
        _reap()
        if _fork() == 0:
            requests.close()
            _watch(socket.socket(fileno=descriptors[0]))
            _become(json.loads(request), descriptors[1:])
            return True
        for descriptor in descriptors:
            os.close(descriptor)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _watch(told: socket.socket) -> None:
    """Return in a child; tell of it and of its end from here, where its parent has to be."""
    child = _fork()
    if child == 0:
        told.close()
        return
    try:
        told.send(str(child).encode())
        told.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
    finally:
        os._exit(0)


def _become(request: tuple[list[str], str, dict[str, str]], streams: Sequence[int]) -> None:
    arguments, folder, environment = request
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder
    sys.argv[1:] = arguments
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    _load()
    if _serve(socket.socket(fileno=int(sys.argv[1]))):
        runpy.run_module("exporter", run_name="__main__", alter_sys=True)
