"""Pushing to Monte Carlo with its real SDK, against a loopback server that records."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS
from golden import matches
from integrations_world import KEY, UUID, Pipeline
from pycarlo.features.ingestion.etl import (
    EtlAsset,
    EtlRunEvent,
    build_etl_metadata_payload,
    build_etl_runs_payload,
)
from pycarlo.features.ingestion.models import (
    LineageEvent,
    RelationalAsset,
    build_lineage_payload,
    build_metadata_payload,
)
from recorder import Peer

from exporter.errors import UserError
from exporter.integrations.columns import REPORT_TABLE, columns_of, edges_of
from exporter.integrations.montecarlo.messages import MOST_BYTES, MOST_EVENTS, batches
from exporter.integrations.reading import file_name
from exporter.integrations.settings import Credentials, MonteCarlo, read_credentials
from exporter.model import Stage

PATHS = [
    "/ingest/v1/metadata",
    "/ingest/v1/lineage",
    "/ingest/v1/lineage",
    "/ingest/v1/etl/metadata",
    "/ingest/v1/etl/runs",
]
ATTEMPTS = 6  # the first and five more


def test_golden_bodies_are_what_the_sdk_sends(pushing: Pipeline, peer: Peer) -> None:
    """Five requests, to the documented paths, with a key in the headers."""
    done = pushing.push("montecarlo", **KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("13 messages accepted in 5 requests (")
    assert peer.paths == PATHS
    assert all(headers["x-mcd-token"] == KEY["MCD_INGEST_TOKEN"] for _, headers, _ in peer.requests)
    bodies = [{"path": path, "body": body} for path, _, body in peer.requests]
    assert matches("tests/integrations/montecarlo.json", json.dumps(bodies, indent=2) + "\n")


def test_bodies_are_those_of_the_sdks_own_builders(pushing: Pipeline, peer: Peer) -> None:
    """Built without the SDK, they equal what its models produce for the same events."""
    pushing.push("montecarlo", **KEY)
    metadata, lineage, columns, jobs, runs = (body for _, _, body in peer.requests)

    def resource(body: dict[str, Any]) -> tuple[str, str]:
        return body["resource"]["uuid"], body["resource"]["resource_type"]

    assets = [RelationalAsset.from_dict(event["relational_asset"]) for event in metadata["events"]]
    assert build_metadata_payload(*resource(metadata), assets) == metadata
    for body in (lineage, columns):
        edges = [LineageEvent.from_dict(event) for event in body["events"]]
        assert build_lineage_payload(*resource(body), edges) == body
    assert [lineage["event_type"], columns["event_type"]] == ["LINEAGE", "COLUMN_LINEAGE"]
    defined = [EtlAsset.from_dict(event["etl_asset"]) for event in jobs["events"]]
    assert build_etl_metadata_payload(*resource(jobs), defined) == jobs
    ran = [EtlRunEvent.from_dict(event) for event in runs["events"]]
    assert build_etl_runs_payload(*resource(runs), ran) == runs


def test_an_unchanged_report_sends_nothing(pushing: Pipeline, peer: Peer) -> None:
    """And a changed day sends only what it changes."""
    pushing.push("montecarlo", **KEY)
    peer.requests.clear()
    pushing.run()
    assert pushing.push("montecarlo").stdout.startswith("0 messages accepted in 0 requests")
    assert peer.requests == []
    (pushing.data / "task_runs" / "dq.json").unlink()
    pushing.run()
    pushing.push("montecarlo", **KEY)
    assert [(path, len(body["events"])) for path, _, body in peer.requests] == [(PATHS[3], 1), (PATHS[4], 1)]


@pytest.mark.parametrize(
    ("answer", "requests", "words"),
    [
        (400, 5, "400 Bad Request: said so"),
        (401, 1, "401 Unauthorized"),
        (413, 5, "413"),
        (429, ATTEMPTS, "429 Too Many Requests"),
        (500, ATTEMPTS, "500 Internal Server Error"),
        ("stall", ATTEMPTS, "did not answer within 0.3 s"),
        ("hang up", 1, "cannot be reached"),
    ],
)
def test_what_is_not_taken_waits_for_the_next_push(
    pushing: Pipeline, peer: Peer, answer: int | str, requests: int, words: str
) -> None:
    """With exit code 4, a line with the reason, and only as many requests as make sense; nothing is lost."""
    peer.answer, peer.said = answer, "said so"
    done = pushing.push("montecarlo", **KEY)
    assert done.returncode == 4
    assert "13 waiting" in done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(peer.requests) == requests
    assert "waiting" in pushing.push("montecarlo", "--status").stdout
    peer.answer = 202
    assert pushing.push("montecarlo", **KEY).stdout.startswith("13 messages accepted in 5 requests")


def test_a_refused_connection_is_said_at_once(pushing: Pipeline, closed_port: int) -> None:
    """Retrying a second later would not help."""
    pushing.configure(montecarlo={"endpoint": f"http://127.0.0.1:{closed_port}", "resource_uuid": UUID})
    done = pushing.push("montecarlo", **KEY)
    assert (done.returncode, done.stderr) == (
        4,
        "puffy-exporter: error: /ingest/v1/metadata: Monte Carlo cannot be reached: connection refused\n",
    )


def test_status_shows_the_invocation_of_every_message(pushing: Pipeline) -> None:
    """Monte Carlo's support can trace nothing else."""
    pushing.push("montecarlo", **KEY)
    lines = pushing.push("montecarlo", "--status").stdout.splitlines()
    assert len(lines) == 13
    assert all("11111111-1111-4111-8111-111111111111" in line and "taken 20" in line for line in lines)


def test_dry_run_prints_the_exact_bodies_and_keeps_nothing(pushing: Pipeline, peer: Peer) -> None:
    """Without a key, and without the SDK."""
    done = pushing.push("montecarlo", "--dry-run")
    assert (done.returncode, done.stderr, peer.requests) == (0, "", [])
    assert not (pushing.output / "outbox.db").exists()
    printed = [json.loads(text) for text in re.split(r"^# POST .*\n", done.stdout, flags=re.MULTILINE)[1:]]
    pushing.push("montecarlo", **KEY)
    assert printed == [body for _, _, body in peer.requests]


def test_the_sdks_own_address_variable_diverts_nothing(
    pushing: Pipeline, peer: Peer, closed_port: int
) -> None:
    """It is for the other of Monte Carlo's two hosts."""
    diverted = f"http://127.0.0.1:{closed_port}/graphql"
    assert pushing.push("montecarlo", MCD_API_ENDPOINT=diverted, **KEY).returncode == 0
    assert len(peer.requests) == 5


def test_the_token_is_shown_nowhere(pushing: Pipeline, peer: Peer) -> None:
    """Not even where the peer quotes it back."""
    peer.answer, peer.said = 400, f"bad token {KEY['MCD_INGEST_TOKEN']}"
    done = pushing.push("montecarlo", **KEY)
    assert "bad token ***" in done.stderr
    kept = b"".join(path.read_bytes() for path in pushing.output.rglob("*") if path.is_file())
    assert KEY["MCD_INGEST_TOKEN"] not in done.stdout + done.stderr + kept.decode(errors="replace")
    assert "secret" not in repr(Credentials("id", "secret"))


def test_credentials_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """Half a key, or a file without one, is refused without quoting it."""
    file = tmp_path / "key.yml"
    file.write_text("id: one\ntoken: two\n")
    read = read_credentials(file, {})
    assert (read.key_id, read.token) == ("one", "two")
    assert read_credentials(file, KEY).token == KEY["MCD_INGEST_TOKEN"]
    for environment, content in (
        ({"MCD_INGEST_ID": "only"}, ""),
        ({}, "id: one"),
        ({}, "- sesame"),
        ({}, "{"),
    ):
        file.write_text(content)
        with pytest.raises(UserError) as refused:
            read_credentials(file, environment)
        assert "sesame" not in str(refused.value)
    with pytest.raises(UserError, match="no Monte Carlo key"):
        read_credentials(None, {})


def test_runs_tell_failures_and_backfills(pushing: Pipeline, peer: Peer) -> None:
    """A failed task fails the run, a blocking alert blocks it, a late repair is a back-fill."""
    pushing.push("montecarlo", **KEY)
    runs = {event["run_source_id"][-10:]: event for event in peer.requests[4][2]["events"]}
    broken = runs["2025-03-09"]
    assert broken["status"] == "failed"
    assert {run["task_source_id"]: run["status"] for run in broken["task_runs"]} == {
        "dq": "failed",
        "checks": "blocked",
    }
    assert "PuffySchemaMismatch" in broken["error"]["message"]
    assert runs["2025-03-08"]["status"] == "success"
    assert not any("backfill_id" in run for run in runs.values())


def test_volume_counts_partitions_that_left_the_report(pushing: Pipeline, peer: Peer) -> None:
    """A table that only grows must not shrink when the window moves."""
    pushing.push("montecarlo", **KEY)
    report = pushing.output / "monitoring_report.json"
    document = json.loads(report.read_text())
    del document["partitions"]["2025-03-08"]
    report.write_text(json.dumps(document))
    printed = pushing.push("montecarlo", "--dry-run").stdout
    assert '"row_count": 300' in printed


def test_batches_keep_within_the_limits() -> None:
    """A hundred events, or half a megabyte, whichever comes first; nothing is lost or doubled."""
    small = [(f"run {number}", "5-runs", {"n": number}) for number in range(250)]
    assert [len(batch.subjects) for batch in batches(small, MonteCarlo())] == [MOST_EVENTS, MOST_EVENTS, 50]
    large = [(f"run {number}", "5-runs", {"text": "x" * (MOST_BYTES // 3)}) for number in range(5)]
    made = list(batches(large, MonteCarlo()))
    assert [len(batch.subjects) for batch in made] == [2, 2, 1]
    sent = Counter(subject for batch in made for subject in batch.subjects)
    assert sent == Counter(subject for subject, _, _ in large)


def test_the_table_of_columns_agrees_with_the_model() -> None:
    """Every column that lineage names is one that its table has, and every file has its name."""
    for table, sources in edges_of(EVENTS).items():
        for source, fields in sources.items():
            origins = {origin for origins in fields.values() for origin in origins}
            assert set(fields) <= set(columns_of(EVENTS, table))
            assert origins <= set(columns_of(EVENTS, source))
    assert columns_of(EVENTS, REPORT_TABLE)
    assert file_name(EVENTS.table(Stage.REJECTS), "2025-03-04") == "raw_rejects/events_20250304_bad.csv"


def test_golden_monitors_as_code_watch_every_mandatory_field(pushing: Pipeline) -> None:
    """And the freshness, schema and volume of the warehouse table."""
    printed = pushing.push("montecarlo", "--monitors").stdout
    assert matches("tests/integrations/monitors.yml", printed)


@pytest.mark.parametrize("module", ["exporter", "exporter.cli.live", "exporter.cli.verbs.push"])
def test_the_exporter_never_loads_the_sdk(module: str) -> None:
    """Only the process of a push does."""
    names = "('pycarlo', 'openlineage', 'requests')"
    program = f"import sys, {module}; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
