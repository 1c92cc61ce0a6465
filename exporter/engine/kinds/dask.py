"""Dask distributed: ranges are tasks of a scheduler's workers, which see the same files.

A scheduler runs any code it is sent: restrict access to it, or use TLS (docs/cluster.md).
"""

import logging
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Semaphore
from typing import Any
from uuid import uuid4

from exporter.engine.cutting import Cutting
from exporter.engine.engine import EngineError, Health
from exporter.engine.kind import Kind
from exporter.engine.pieces import Versions, checked, differences, versions
from exporter.engine.reach import reach, security_of, words_of
from exporter.engine.settings import Settings
from exporter.engine.tree import Task, Tree
from exporter.model import PartFile
from exporter.places.opening import opened
from exporter.places.readable import FileChanged
from exporter.plain import plain
from exporter.profiling.format import Advance, Found, Work
from exporter.profiling.run import check_stamp

CONNECT_SECONDS = 15.0  # for the scheduler to answer
WORKER_SECONDS = 15.0  # without a worker, after which none is expected any more
AGAIN_SECONDS = 30.0  # until an unreachable scheduler is tried again
LOOK_SECONDS = 2.0  # between checks for workers, while no result arrives
NOT_INSTALLED = "Dask is not installed: pip install 'puffy-exporter[cluster]'"


@dataclass
class Dask:
    """One client of one scheduler, for all feeds of this process."""

    settings: Settings
    _client: Any = None
    _failure: tuple[float, str] | None = None  # when, and why
    _lock: Lock = field(default_factory=Lock)
    _room: Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Reject settings that could never work."""
        if find_spec("distributed") is None:
            raise EngineError(f"engine.scheduler: {NOT_INSTALLED}")
        self._room = BoundedSemaphore(self.settings.ranges_in_flight)

    @property
    def name(self) -> str:
        """The name of the other end."""
        return f"Dask scheduler {self.settings.scheduler}"

    def abreast(self, threads: int) -> int:
        """Return how many days' files to read at a time: most are one range each."""
        return max(threads, self.settings.ranges_in_flight)

    def read(self, files: Sequence[PartFile], work: Work, threads: int, advance: Advance) -> Found:
        """Read all files of a day on the workers; this process only splits them. Raises EngineError."""
        del threads
        client = self._connected()
        expected = versions()
        cutting = Cutting(files, work)
        tasks = (Task(checked, (expected, task.work, *task.given), task.size) for task in cutting.tasks())
        try:
            return cutting.finish(Tree(_Pool(client, self.name), self._room, advance).gather(tasks))
        except EngineError as error:
            raise self._failed(client, str(error)) from None
        except (FileNotFoundError, FileChanged) as error:
            if self._is_here(files):
                name = plain(str(error.filename or files[0].path.name), 200)
                words = (
                    f"workers do not see the same {name} as this machine: is the same folder mounted there?"
                )
                raise self._failed(client, f"{self.name}: {words}") from None
            raise

    def health(self) -> Health:
        """Return whether the scheduler is available, retrying if it was not."""
        try:
            self._connected()
        except EngineError as error:
            return Health(self.name, up=False, reason=str(error))
        return Health(self.name, up=True)

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._drop()

    def _is_here(self, files: Sequence[PartFile]) -> bool:
        """Return whether all files exist here, unchanged."""
        try:
            for part in files:
                with opened(part) as file:
                    check_stamp(file, part)
        except OSError:
            return False
        return True

    def _connected(self) -> Any:
        with self._lock:
            if self._client is not None and self._client.status == "running":
                return self._client
            if self._failure is not None and time.monotonic() - self._failure[0] < AGAIN_SECONDS:
                raise EngineError(self._failure[1])
            self._drop()
            try:
                self._client = _connect(self.settings, self.name)
            except EngineError as error:
                self._failure = (time.monotonic(), str(error))
                raise
            self._failure = None
            return self._client

    def _failed(self, client: Any, reason: str) -> EngineError:
        """Discard a client, and return why: the first reason if several users of it failed."""
        with self._lock:
            if self._client is client:
                self._failure = (time.monotonic(), reason)
                self._drop()
            return EngineError(self._failure[1] if self._failure is not None else reason)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            _close(client)


def _connect(settings: Settings, name: str) -> Any:
    """Return a client of a scheduler whose workers have this process's versions. Raises EngineError."""
    try:
        security = security_of(settings.scheduler or "", settings.tls)
        reach(settings.scheduler or "", security)
    except EngineError as error:
        raise EngineError(f"{name}: {error}") from None
    distributed: Any = import_module("distributed")  # takes a second to load, and is an extra

    for logger in ("distributed", "distributed.client", "distributed.core", "distributed.comm"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)  # what matters is logged here, in one line
    warnings.filterwarnings("ignore", category=distributed.versions.VersionMismatchWarning)
    try:
        client = distributed.Client(
            settings.scheduler,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            security=security,
        )
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise EngineError(f"{name}: {words_of(error)}") from None
    try:
        _refuse_others(client, name)
    except BaseException:
        _close(client)
        raise
    return client


def _refuse_others(client: Any, name: str) -> None:
    """Raise EngineError if scheduler or workers run other versions, or there is no worker."""
    try:
        client.wait_for_workers(1, WORKER_SECONDS)
        there: Mapping[str, Versions | Exception] = {
            "the scheduler": client.run_on_scheduler(versions),
            **{f"the worker {at}": found for at, found in client.run(versions, on_error="return").items()},
        }
    except TimeoutError:
        raise EngineError(f"{name} has no workers") from None
    except Exception as error:  # noqa: BLE001  other versions may fail in any way
        raise EngineError(f"{name} cannot be used: {words_of(error)}") from None
    for who, found in there.items():
        words = words_of(found) if isinstance(found, Exception) else differences(versions(), found)
        if words:
            raise EngineError(f"{name} cannot be used: {who}: {words}")


@dataclass
class _Pool:
    """The tasks of one day's files."""

    client: Any
    name: str
    _done: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    _lonely_since: float | None = None  # without a worker

    def submit(self, work: Callable[..., Any], *given: Any) -> Any:
        name = (given[1] if work is checked else work).__name__  # its name in Dask's dashboard
        key = f"{name}-{uuid4().hex}"
        try:
            return self.client.submit(work, *given, key=key, pure=False)
        except Exception as error:  # noqa: BLE001  Dask's own kinds: closed, cancelled, not serializable
            raise EngineError(f"{self.name}: {words_of(error)}") from None

    def follow(self, handle: Any) -> None:
        handle.add_done_callback(self._done.put)

    def next_done(self) -> Any:
        """Wait; nothing comes back for long where a range takes long, or if there is no worker left."""
        while True:
            with suppress(Empty):
                done = self._done.get(timeout=LOOK_SECONDS)
                self._lonely_since = None
                return done
            self._look()

    def refuse_failed(self, handle: Any) -> None:
        if handle.status == "finished":
            return
        if handle.status != "error":
            raise self._gone()
        raise self._judged(handle.exception()) from None

    def fetch(self, handle: Any) -> Any:
        while True:
            try:
                return handle.result(timeout=LOOK_SECONDS)
            except TimeoutError:
                self._look()
            except Exception as error:  # noqa: BLE001  judged by its type
                raise self._judged(error) from None

    def cancel(self, handles: list[Any]) -> None:
        self.client.cancel(handles)

    def _look(self) -> None:
        """Raise EngineError if no result will come: no scheduler, or no worker for a while."""
        if self.client.status != "running":
            raise self._gone()
        try:
            workers = self.client.scheduler_info(n_workers=1)["workers"]
        except Exception as error:  # noqa: BLE001  Dask's own kinds
            raise EngineError(f"{self.name}: {words_of(error)}") from None
        if workers:
            self._lonely_since = None
            return
        self._lonely_since = self._lonely_since or time.monotonic()
        if time.monotonic() - self._lonely_since > WORKER_SECONDS:
            raise EngineError(f"{self.name} has no workers left")

    def _judged(self, error: BaseException) -> Exception:
        """Return a file's error unchanged, any other as EngineError."""
        if isinstance(error, (EngineError, OSError)) and not type(error).__module__.startswith("distributed"):
            return error
        if type(error).__name__ in {"CancelledError", "FutureCancelledError"}:
            return self._gone()
        return EngineError(f"{self.name}: {words_of(error)}")

    def _gone(self) -> EngineError:
        return EngineError(f"{self.name} is gone")


def _close(client: Any) -> None:
    with suppress(Exception):  # the other end may be gone
        client.close(timeout=1)


KIND = Kind("dask", ("tcp", "tls"), Dask)
