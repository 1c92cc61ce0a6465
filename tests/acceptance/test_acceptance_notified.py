"""The real sample through real servers: who is told what of it."""

import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from alertmanager_server import (
    headline,
    run_a_sink,
    run_alertmanager,
    shipped_config,
    slack_text,
    write_config,
)
from expected import Expected
from prometheus_server import run_prometheus
from running import Exporter, until
from servers import find_generation

from exporter.sink.message import Channel

ALERTABLE = ("2025-03-06", "2025-03-07", "2025-03-08")
QUIET_SECONDS = 8  # longer than a group's interval in this test: nothing more is coming


@pytest.mark.sample
@pytest.mark.server
@pytest.mark.slow
@pytest.mark.xdist_group("endtoend")
def test_the_sample_is_told_once_for_each_day_that_can_still_be_mended(
    tmp_path: Path, data: Path, expected: Expected
) -> None:
    """Exactly the expected alerts fire, none of older days; one incident a service and one message a day."""
    generation = find_generation("system")
    (tmp_path / "data").symlink_to(data)
    (tmp_path / "puffy.yml").write_text("{}\n")
    (tmp_path / "am").mkdir()
    with ExitStack() as stack:
        sink = stack.enter_context(run_a_sink())
        config = write_config(tmp_path / "am", sink)
        program = generation.program("prometheus-alertmanager")
        alertmanager = stack.enter_context(run_alertmanager(program, config))
        exporter = stack.enter_context(Exporter(tmp_path, "--as-of", "2025-03-09"))
        scraped = shipped_config(tmp_path, exporter.port, alertmanager.port)
        program, folder = generation.program("prometheus"), tmp_path / "prometheus"
        prometheus = stack.enter_context(run_prometheus(program, folder, scraped))
        wanted = {(day, *found) for day in ALERTABLE for found in expected.verdicts[day].items()}

        def firing() -> set[tuple[str, str, str]]:
            answer = prometheus.query('ALERTS{alertstate="firing",partition!=""}')
            return {(found["partition"], found["check"], found["severity"]) for found, _ in answer}

        assert until(lambda: firing() == wanted, 30), firing() ^ wanted
        assert until(lambda: len(sink.of(Channel.PAGERDUTY)) == 2 * len(ALERTABLE), 20)
        time.sleep(QUIET_SECONDS)
        assert firing() == wanted
        told = Counter(headline(message)[:23] for message in sink.of(Channel.SLACK, "Puffy events 2025"))
        assert told == Counter(f"Puffy events {day}" for day in ALERTABLE)
        incidents = {message.body["dedup_key"] for message in sink.of(Channel.PAGERDUTY)}
        assert len(sink.of(Channel.PAGERDUTY)) == 2 * len(ALERTABLE)
        assert len(incidents) == len(ALERTABLE)
        for message in sink.of(Channel.SLACK, "Puffy events 2025"):
            assert "schema_mismatch is 1, limit 1: referrer" in slack_text(message)
