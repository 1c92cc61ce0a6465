"""The demo's days read from a bucket, on a stand-in for the gateway that verifies signatures."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

import pytest
from running import until
from stack import Stack, copy_checkout

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.xdist_group("docker")]
PROFILES = ("--profile", "demo", "--profile", "storage")
IN_CONTAINER = ("exec", "-T", "exporter")
HISTORY = 33  # days that the simulator writes before the exporter starts


@pytest.fixture(scope="module")
def stack(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start what the bucket needs, with the line in .env that the page names."""
    stack = Stack(copy_checkout(tmp_path_factory.mktemp("storage")), docker)
    with (stack.checkout / ".env").open("a") as file:
        file.write("PUFFY_DATA_ADDRESS=s3://puffy\n")
    try:
        stack.compose("build")
        stack.compose(*PROFILES, "up", "-d", "--wait", "--wait-timeout", "240", "exporter", "storage")
        yield stack
    finally:
        stack.run("docker", "compose", *PROFILES, "down", "-v", "--timeout", "3")


def figures(stack: Stack, path: str) -> Mapping[str, object]:
    """Return what each day of the history holds by a report: the name of its content, and rows by stage."""
    partitions = json.loads(stack.compose(*IN_CONTAINER, "cat", f"{path}/monitoring_report.json"))[
        "partitions"
    ]
    return {
        day: (
            partitions[day]["content"],
            {stage: known.get("rows") for stage, known in partitions[day]["stages"].items()},
        )
        for day in sorted(partitions)[:HISTORY]
    }


def test_the_days_of_the_bucket_have_the_figures_of_the_folder(stack: Stack) -> None:
    """All files of the history, read by HTTP with the only user's signature."""
    assert until(lambda: len(figures(stack, "/output")) == HISTORY, 60)
    once = ("puffy-exporter", "run", "--data.dir", "/data", "--output.dir", "/tmp/local")
    stack.run("docker", "compose", *IN_CONTAINER, *once)
    local, remote = figures(stack, "/tmp/local"), figures(stack, "/output")
    assert remote.keys() == local.keys()
    for day, known in remote.items():
        assert known == local[day], day
    log = stack.compose(*PROFILES, "logs", "--no-log-prefix", "storage")
    assert re.search(r'"GET /puffy/events_\d+\.csv HTTP/1\.1" 20[06]', log)
    assert re.search(r'"GET /puffy\?\S*list-type=2\S* HTTP/1\.1" 200', log)


def test_nobody_without_the_secret_reads_and_nobody_writes(stack: Stack) -> None:
    """Not even from this host."""
    for method in ("GET", "PUT"):
        address = f"http://127.0.0.1:{stack.ports['storage']}/puffy/x"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(address, method=method), timeout=10)
        assert refused.value.code == 403
        refused.value.close()
    touched = stack.run("docker", "compose", *PROFILES, "exec", "-T", "storage", "touch", "/buckets/puffy/x")
    assert "Read-only file system" in touched.stderr
