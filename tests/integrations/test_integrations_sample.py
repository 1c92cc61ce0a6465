"""The real sample, if present: how large a push of its days is, and that it contains no row's values."""

import csv
import json
from pathlib import Path

import pytest
from integrations_world import KEY, UUID
from recorder import Peer
from running import call

pytestmark = [pytest.mark.sample, pytest.mark.xdist_group("sample")]

TELLING = ("client_id", "clientId", "event_data", "page_url", "user_agent")
SHORTEST = 12  # characters; shorter values are common words


def test_a_push_of_the_sample_is_small_and_holds_no_rows_value(
    sample: Path, tmp_path: Path, peer: Peer
) -> None:
    """Five requests for fourteen days, and no client, page, order or e-mail hash in any body."""
    places = ("--output.dir", tmp_path)
    assert call("run", "--data.dir", sample, *places, "--as-of", "2025-03-09").returncode == 0
    config, file = tmp_path / "puffy.yml", tmp_path / "events.jsonl"
    config.write_text(
        json.dumps(
            {
                "integrations": {
                    "montecarlo": {"endpoint": peer.address, "resource_uuid": UUID},
                    "openlineage": {"url": peer.address, "file": str(file)},
                }
            }
        )
    )
    done = call("push", "montecarlo", "--config.file", config, *places, **KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(peer.requests) == 5
    bodies = [json.dumps(body) for _, _, body in peer.requests]
    assert sum(map(len, bodies)) < 50_000
    assert call("push", "openlineage", "--config.file", config, *places).returncode == 0
    said = " ".join([*(json.dumps(body) for _, _, body in peer.requests), file.read_text()])
    assert not [value for value in _values(sample) if value in said]


def _values(sample: Path) -> set[str]:
    """Return the values of the identifying columns, and every string in an order's or a visitor's data."""
    values: set[str] = set()
    for path in sorted(sample.glob("events_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                values |= {row[name] for name in TELLING if row.get(name)}
                values |= set(_texts(row.get("event_data") or row.get("eventData") or ""))
    return {value for value in values if len(value) >= SHORTEST}


def _texts(text: str) -> list[str]:
    try:
        data = json.loads(text)
    except ValueError:
        return []
    return [value for value in data.values() if isinstance(value, str)] if isinstance(data, dict) else []
