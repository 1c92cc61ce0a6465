"""The real sample through real servers: who is notified of what."""

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
    write_config,
)
from expected import Expected
from prometheus_server import run_prometheus
from running import Exporter, until
from servers import find_generation

from exporter.sink.message import Channel, Message

ALERTABLE = ("2025-03-06", "2025-03-07", "2025-03-08")
MOST_TOLD = 9
QUIET_SECONDS = 8  # longer than a group's interval in this test: nothing more will arrive


@pytest.mark.sample
@pytest.mark.server
@pytest.mark.slow
@pytest.mark.xdist_group("endtoend")
def test_the_sample_is_told_once_for_each_incident(tmp_path: Path, data: Path, expected: Expected) -> None:
    """Exactly the expected verdicts fire, none for older days; notifications are the exporter's incidents."""
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
        prometheus = stack.enter_context(
            run_prometheus(program, folder, scraped, "--rules.alert.resend-delay=1s")
        )
        wanted = {(day, *found) for day in ALERTABLE for found in expected.verdicts[day].items()}

        def firing() -> set[tuple[str, str, str]]:
            answer = prometheus.query('ALERTS{alertstate="firing",partition!=""}')
            return {(found["partition"], found["check"], found["severity"]) for found, _ in answer}

        assert until(lambda: firing() == wanted, 60), firing() ^ wanted
        told = {labels["incident"]: labels for labels, _ in prometheus.query("puffy_incident_notifiable")}
        grave = {name for name, labels in told.items() if labels["severity"] == "critical"}
        assert len(told) <= MOST_TOLD
        assert {told[name]["cause"] for name in grave} == {"column_missing"}
        assert until(lambda: len(sink.of(Channel.SLACK)) == len(told), 20)
        time.sleep(QUIET_SECONDS)
        assert firing() == wanted
        assert Counter(map(incident_of, sink.of(Channel.SLACK))) == Counter(list(told))
        assert len(sink.of(Channel.PAGERDUTY)) == 2 * len(grave)
        assert len({message.body["dedup_key"] for message in sink.of(Channel.PAGERDUTY)}) == len(grave)
        assert len(sink.of(Channel.EMAIL)) == len(grave)
        (lost,) = sink.of(Channel.SLACK, "2025-03-04 to 2025-03-08: column referrer is missing")
        assert headline(lost).startswith("CRITICAL events ")
        assert not prometheus.query('ALERTS{alertname=~"PuffyReportDisagrees|PuffyIncidentsDisagree"}')


def incident_of(message: Message) -> str:
    """Return which incident a Slack message is about, from its last line."""
    return str(message.body["attachments"][0]["footer"]).rpartition("incident ")[2]
