"""Several small feeds, their contracts, and an exporter over them."""

import json
import os
import re
import signal
import subprocess
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from forking import Forked
from running import clean_environment, fetch, start, until

TODAY = (datetime.now(UTC) - timedelta(hours=6)).date()  # the first that is not yet due, by default
DAYS = [TODAY - timedelta(days=number) for number in range(3, 0, -1)]
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {feed}
name: The feed {feed}
version: 1.0.0
status: active
servers:
- {{server: files, type: local, path: {data}, format: csv}}
schema:
- name: rows
  physicalName: "rows_{{date:%Y%m%d}}.csv"
  properties:
  - {{name: id, logicalType: string, required: true}}
  - {{name: amount, logicalType: number}}
  quality:
  - {{metric: rowCount, mustBeGreaterThan: {least}, severity: critical}}
"""


def contract(feed: str, data: Path | str, least: int = 0) -> str:
    """Return a contract whose days must have more rows than ``least``."""
    return CONTRACT.format(feed=feed, data=data, least=least)


def write_rows(data: Path, day: date, rows: int) -> None:
    """Write a day's file, which arrives before it is due."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / f"rows_{day:%Y%m%d}.csv"
    path.write_text("\n".join(["id,amount", *(f"{number},{number}.5" for number in range(rows)), ""]))
    due = datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(days=1)
    then = min(due.timestamp(), datetime.now(UTC).timestamp() - 60)
    os.utime(path, (then, then))


class Feeds:
    """Contracts in ``folder/contracts`` over data in ``folder/<feed>``, and an exporter over them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.contracts, self.config = folder, folder / "contracts", folder / "puffy.yml"
        self.contracts.mkdir()
        self.log = folder / "log"
        self.config.write_text("watch: {settle_seconds: 0.2, rescan_seconds: 2}\n")
        self.process: Forked | subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def write(self, feed: str, rows: int = 10, least: int = 0) -> Path:
        """Write a feed's days and its contract, in one step; return the contract."""
        for day in DAYS:
            write_rows(self.folder / feed, day, rows)
        return self.put(feed, contract(feed, self.folder / feed, least))

    def put(self, name: str, text: str) -> Path:
        """Write a contract in one step."""
        path = self.contracts / f"{name}.yaml"
        path.with_suffix(".new").write_text(text)
        return path.with_suffix(".new").rename(path)

    def start(self, *options: str | Path) -> None:
        """Start the exporter on the folder, or on what the options name."""
        named = options if "--feed.file" in options else ("--feeds.dir", self.contracts, *options)
        with self.log.open("w") as log:
            places = ["--config.file", self.config, "--web.listen-address", "127.0.0.1:0"]
            arguments = ["serve", *map(str, places), *map(str, named)]
            self.process = start(arguments, None, log, clean_environment())
        assert until(self._listens, 90), self.said()

    def ready(self) -> None:
        """Wait until the first passes are done."""
        assert until(lambda: self.get("/-/ready")[0] == 200, 60), self.said()

    def said(self) -> str:
        """Return the log so far."""
        return self.log.read_text()

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Return status and body of an answer."""
        return fetch(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method))

    def json(self, path: str) -> Any:
        """Return a JSON document."""
        return json.loads(self.get(path)[1])

    def value(self, series: str) -> float | None:
        """Return a sample from the page, or ``None`` if it is not there."""
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.get("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else None

    def rows(self, feed: str, day: date = DAYS[-1]) -> float | None:
        """Return a day's row count on the page."""
        return self.value(f'puffy_partition_rows{{feed="{feed}",partition="{day}",stage="raw"}}')

    def stop(self) -> int:
        """Ask to stop and return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def _listens(self) -> bool:
        found = re.search(r"event=listening .*port=(\d+)", self.said())
        self.port = int(found[1]) if found else 0
        return found is not None
