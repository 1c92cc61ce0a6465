"""A data directory with a report, for tests of integrations."""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from running import call
from written import write_day

LAST = date(2025, 3, 10)
UUID = "0a0a0a0a-0000-4000-8000-000000000001"
KEY = {"MCD_INGEST_ID": "key-of-the-test", "MCD_INGEST_TOKEN": "token-of-the-test"}


class Pipeline:
    """Three days, the second without a column, with a report on them."""

    def __init__(self, folder: Path) -> None:
        self.data, self.output, self.config = folder / "data", folder / "out", folder / "puffy.yml"
        for number in range(3):
            write_day(self.data, LAST - timedelta(days=number), without=("referrer",) if number == 1 else ())
        runs = self.data / "task_runs"
        runs.mkdir()
        run = {"task": "dq", "partition": "2025-03-09", "started_at": "2025-03-10T02:00:00Z"}
        run |= {"ended_at": "2025-03-10T02:10:00Z", "exit_code": 3}
        (runs / "dq.json").write_text(json.dumps(run))
        self.config.write_text("{}")
        self.run()

    def run(self) -> None:
        """Write the report."""
        places = ("--data.dir", self.data, "--output.dir", self.output)
        done = call("run", *places, "--as-of", "2025-03-11T12:00:00Z")
        assert done.returncode == 0, done.stderr

    def configure(self, **integrations: Any) -> None:
        """Write the configuration."""
        self.config.write_text(yaml.safe_dump({"integrations": integrations}))

    def push(self, peer: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Call the verb."""
        places = ("--config.file", self.config, "--output.dir", self.output)
        return call("push", peer, *places, *options, **environment)
