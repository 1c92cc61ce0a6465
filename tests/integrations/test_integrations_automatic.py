"""Pushing beside a running exporter: it works, it is reported, and it disturbs nothing."""

import threading
from pathlib import Path

import yaml
from integrations_world import KEY, LAST, UUID, Pipeline
from recorder import Peer
from running import Exporter, until
from written import write_day

from exporter.integrations.automatic import Pusher

WAITING = 'puffy_exporter_push_outbox_messages{peer="montecarlo"}'
FAILURES = 'puffy_exporter_push_failures_total{peer="montecarlo"}'


def live(pipeline: Pipeline, peer: Peer, *, automatic: bool) -> Exporter:
    """Start an exporter on the pipeline's folder."""
    montecarlo = {"automatic": automatic, "endpoint": peer.address, "resource_uuid": UUID}
    (pipeline.config.parent / "key.yml").write_text(f"id: {KEY['MCD_INGEST_ID']}\ntoken: sesame\n")
    montecarlo |= {"credentials_file": str(pipeline.config.parent / "key.yml"), "longest_wait": "0.1s"}
    config = {
        "integrations": {"montecarlo": montecarlo},
        "watch": {"rescan_seconds": 1, "shrink_grace": "0s"},
    }
    pipeline.config.write_text(yaml.safe_dump(config))
    return Exporter(pipeline.config.parent, "--as-of", "2025-03-11T12:00:00Z")


def test_a_running_exporter_pushes_once_and_tells_of_it(pipeline: Pipeline, peer: Peer) -> None:
    """Further passes within the hour send nothing."""
    exporter = live(pipeline, peer, automatic=True)
    try:
        assert until(lambda: exporter.value(WAITING) == 0, 30), exporter.said()
        assert exporter.value(FAILURES) == 0
        sent = len(peer.requests)
        assert sent == 5
        write_day(exporter.data, LAST, 50)
        assert until(lambda: exporter.rows(LAST) == 50, 30)
        assert len(peer.requests) == sent
    finally:
        assert exporter.stop() == 0


def test_a_peer_that_fails_disturbs_nothing(pipeline: Pipeline, peer: Peer) -> None:
    """The exporter keeps answering, and reports what is pending."""
    peer.answer = 500
    exporter = live(pipeline, peer, automatic=True)
    try:
        assert until(lambda: exporter.value(FAILURES) == 1, 30), exporter.said()
        assert (exporter.value(WAITING) or 0) > 0
        assert exporter.get("/-/ready")[0] == 200
        assert "sesame" not in exporter.said() + exporter.get("/metrics")[1]
    finally:
        assert exporter.stop() == 0


def test_off_means_off(pipeline: Pipeline, peer: Peer) -> None:
    """Nothing is sent unless asked for."""
    exporter = live(pipeline, peer, automatic=False)
    try:
        assert until(lambda: (exporter.value("puffy_exporter_refreshes_total") or 0) > 2, 30)
        assert peer.requests == []
        assert exporter.value(WAITING) is None
    finally:
        assert exporter.stop() == 0


def test_a_push_that_hangs_is_ended(tmp_path: Path) -> None:
    """After its timeout, and at once when the exporter stops."""
    stop = threading.Event()
    pusher = Pusher(tmp_path, {"slow": ("sleep", "60")}, most_seconds=0.3)
    thread = threading.Thread(target=pusher.run, args=(stop,))
    thread.start()
    pusher.notify()
    try:
        assert until(lambda: "slow" in pusher.health and pusher.health["slow"].failures == 1, 10)
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()
