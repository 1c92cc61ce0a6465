"""Every command in the documentation, and which a test cannot run, with the reason."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from golden import ROOT

PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "exporter" / "runbooks").glob("*.md")),
)

# A pattern at the start of a command, and why it is not run here. Each must match a shown command.
NOT_RUN: Mapping[str, str] = {
    r"docker(/| )|days=\$\(docker": "needs Docker; those of the compose file are run by tests/compose",
    r"echo PUFFY_(DATA_DIR|PYTHON_IMAGE|ENGINE_SCHEDULER)": "writes .env, for Docker",
    r"([A-Z_]+=\S+ )?make ": "a target of the Makefile",
    r"puffy-exporter .*s3://|puffy-exporter serve --feed.file shop.yaml": "needs a bucket; see tests/places",
    r"puffy-exporter backfill .*--reports": "nothing is remembered as of the past; see tests/report",
    r"dask |puffy-exporter .*--engine\.scheduler": "needs a Dask scheduler; see tests/engine",
    r"\.venv/bin/pytest": "the tests themselves",
    r"(\.venv/bin/)?python trials/": "takes an hour, or attacks a server; in short in tests/trials",
    r"\.venv/bin/python grafana/source": "writes the dashboards; run by tests/grafana and tests/assets",
    r"pip install|pipx run": "needs the package's registry; the wheel is installed by tests/wheel",
    r"puffy-exporter --install-completion": "writes into the user's shell; run by tests/cli",
    r"puffy-exporter push montecarlo|export MCD": "needs an account; run by tests/integrations",
    r".*sudo |useradd |systemctl |journalctl |install -": "needs root, or systemd",
    r"cp examples/systemd": "needs root",
    r"puffy gate": "the system's own script, examples/puffy.sh; run by tests/examples",
    r"load_when_open|PYTHON=": "an example; run by tests/examples",
    r"curl .*localhost:909[03]": "needs Prometheus or Alertmanager; see tests/alerting",
    r"puffy-exporter explain \$DAY query_failed": "a check of feeds with statements in SQL alone",
    r"file -i": "a program that is not everywhere",
    r"helm |kubectl ": "needs Kubernetes; the chart is tested by tests/deploy",
    r"gh ": "needs the code host",
    r"last -x": "needs the record of the system's starts",
    r"mount \| grep": "what is mounted is the system's own",
    r"export PUFFY_DATA_DIR": "sets what the commands behind it read, as the test does",
}

# Programs that may be run. A page with any other fails the test, and it is not tried: `kubectl apply` would
# have an effect on this machine. `load` is the reader's own, behind a gate that is closed.
PROGRAMS = frozenset(
    {"puffy-exporter", "promtool", "amtool", "load"}
    | {"awk", "cat", "cp", "curl", "df", "findmnt", "grep", "head", "iconv", "ls", "mount", "python3", "sed"}
    | {"sort", "tail", "uniq", "wc", "xargs"}
)

SPLIT = re.compile(r"(?<!\|) \| | && |; ?(?=[a-z])| >")


class Shown(NamedTuple):
    """A command and its position."""

    page: Path
    text: str

    @property
    def reason(self) -> str | None:
        """Why it is not run; ``None`` if it is."""
        return next((why for start, why in NOT_RUN.items() if re.match(start, self.text)), None)

    @property
    def strangers(self) -> set[str]:
        """Programs in the line that must not be run."""
        return set(re.findall(r"(?:^| \| |; ?| && )([\w./-]+)(?= |$)", self.text)) - PROGRAMS


def commands(page: Path) -> Iterator[Shown]:
    """Yield the commands of a page's console blocks, without their comments."""
    for block in re.findall(r"^ *```console\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^ *\$ (.*)$", re.sub(r"\\\n\s*", "", block), re.MULTILINE):
            yield Shown(page, re.sub(r"\s+# .*$", "", line).strip())


def parts(text: str) -> list[str]:
    """Split a line at its first pipe, semicolon or `&&`, which stays with what follows."""
    found = SPLIT.search(text)
    return [text] if found is None else [text[: found.start()], text[found.start() :]]
