"""The configuration file: what it changes, and what is refused with which words."""

import re
from datetime import date, time
from pathlib import Path

import pytest
from feeds import EVENTS

from exporter.checks.check import Severity
from exporter.config.load import Config, load_config
from exporter.document import InvalidFileError
from exporter.history.trend import Direction
from exporter.queries.answer import Bounds


def load(tmp_path: Path, text: str) -> Config:
    """Write and load a file."""
    path = tmp_path / "puffy.yml"
    path.write_text(text)
    return load_config(path, EVENTS)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}"])
def test_an_empty_file_means_the_defaults(tmp_path: Path, text: str) -> None:
    """Every key has a default."""
    assert load(tmp_path, text) == load_config(None, EVENTS)


def test_a_full_file_is_taken_over(tmp_path: Path) -> None:
    """One example of each section."""
    config = load(
        tmp_path,
        """
        data: {column_aliases: {cid: client_id}, known_events: [a, b], most_label_values: 5}
        calendar: {timezone: Europe/Berlin, due_time: 07:30, window_days: 10, alert_days: 2,
                   start_date: 2025-02-23}
        watch: {mode: polling, settle_seconds: 1s, rescan_seconds: 5m}
        profiling: {threads: 4}
        queries: {memory: 2GB, timeout: 90s}
        report: {history: 0}
        links: {runbooks: "https://runbooks.example.com/puffy/"}
        tasks: {max_duration: 1h, by_name: {dq: {max_duration: 15m}}}
        trends: {revenue: {sigma: 4, direction: drop, min_change: 100}}
        checks: {reject_ratio: {limits: {warning: 0.1}}}
        """,
    )
    assert config.written.queries.bounds() == Bounds(memory=2_000_000_000, timeout=90.0)
    assert (config.calendar.due_time, config.calendar.start_date) == (time(7, 30), date(2025, 2, 23))
    assert str(config.calendar.zone) == "Europe/Berlin"
    assert config.written.watch.rescan_seconds == 300
    assert config.figures.known_events == ("a", "b")
    assert config.figures.task_limits == {"dq": 900}
    revenue = next(trend for trend in config.trends if trend.name == "revenue")
    assert (revenue.band.sigma, revenue.band.direction) == (4, Direction.DROP)
    anomaly = next(check for check in config.checks if check.name == "anomaly_revenue")
    assert anomaly.band == revenue.band
    ratio = next(check for check in config.checks if check.name == "reject_ratio")
    assert ratio.limits[Severity.WARNING] == 0.1


REFUSED = [
    (
        "links: {runbooks: docs/runbooks/checks.md}",
        "links.runbooks: not an address such as https://",
    ),
    ("links: {exporter: localhost:10110}", "links.exporter: not an address"),
    ("links: {grafana: 'https://g/?orgId=1'}", "links.grafana: must be an address without a query"),
    ("calender: {}", "calender: unknown key"),
    ("calendar: {due: 06:00}", "calendar.due: unknown key"),
    ("calendar: 3", "calendar: input should be a valid dictionary"),
    ("calendar: {due_time: 26:00}", "calendar.due_time: not a time of day such as 06:00"),
    ("calendar: {due_time: true}", "calendar.due_time: input should be a valid time"),
    ("calendar: {timezone: Mars/Olympus}", "calendar.timezone: 'Mars/Olympus' is not an IANA timezone"),
    (
        "calendar: {timezone: ../../etc/passwd}",
        "calendar.timezone: '../../etc/passwd' is not an IANA timezone",
    ),
    ("calendar: {window_days: 0}", "calendar.window_days: input should be greater than or equal to 1"),
    ("calendar: {window_days: '35'}", "calendar.window_days: input should be a valid integer"),
    ("calendar: {window_days: true}", "calendar.window_days: input should be a valid integer"),
    ("calendar: {start_date: 2999-01-01}", "calendar: start_date 2999-01-01 is far in the future"),
    ("calendar: {due_time: '06:00+05:00'}", "calendar.due_time: must not have an offset"),
    ("calendar: {alert_days: 40}", "calendar: alert_days is larger than window_days"),
    ("watch: {settle_seconds: 2 minutes}", "watch.settle_seconds: not a duration such as 90s"),
    ("watch: {settle_seconds: .inf}", "watch.settle_seconds: input should be less than"),
    ("watch: {settle_seconds: -1}", "watch.settle_seconds: input should be greater than or equal to 0"),
    ("watch: {settle_seconds: .nan}", "watch.settle_seconds: input should be"),
    ("watch: {mode: fanotify}", "watch.mode: input should be 'auto', 'inotify' or 'polling'"),
    ("queries: {memory: 512}", "queries.memory: not a size such as 512MB or 2GB"),
    ("queries: {memory: 1MB}", "queries.memory: input should be greater than or equal to 64000000"),
    ("queries: {timeout: 0}", "queries.timeout: input should be greater than 0"),
    (
        "engine: {scheduler: 'http://host:8786'}",
        "engine.scheduler: not a scheduler's address such as tcp://host:8786 or tls://host:8786",
    ),
    (
        "engine: {scheduler: 'tcp://host'}",
        "engine.scheduler: not a scheduler's address such as tcp://host:8786 or tls://host:8786",
    ),
    (
        "engine: {scheduler: 'tcp://ann:secret@host:8786'}",
        "engine.scheduler: must be an address without user, path or query",
    ),
    ("engine: {ranges_in_flight: 0}", "engine.ranges_in_flight: input should be greater than or equal to 1"),
    ("engine: {fallback: never}", "engine.fallback: input should be 'local' or 'none'"),
    (
        "engine: {scheduler: 'tcp://host:8786', tls: {ca_file: ca.pem}}",
        "engine: tls requires a scheduler of the form tls://host:port",
    ),
    ("profiling: {threads: 0}", "profiling.threads: input should be greater than or equal to 1"),
    ("data: {known_events: page}", "data.known_events: input should be a valid list"),
    ("trends: {sales: {}}", "trends.sales: no such trend (known: events, revenue,"),
    ("trends: {revenue: {sigma: 0}}", "trends.revenue.sigma: input should be greater than 0"),
    ("trends: {revenue: {min_deviation: 0.9}}", "trends.revenue: min_deviation is larger than max_deviation"),
    (
        "trends: {revenue: {direction: up}}",
        "trends.revenue.direction: input should be 'both', 'drop' or 'rise'",
    ),
    ("tasks: {by_name: {dq: {}}}", "tasks.by_name.dq.max_duration: field required"),
    (
        "checks: {reject_ratio: {limits: {warning: .nan}}}",
        "checks.reject_ratio.limits.warning: input should be",
    ),
    ("checks: []", "checks: input should be a valid dictionary"),
    ("calendar: {}\ncalendar: {}", ":2: key 'calendar' appears twice"),
    ("calendar:\n  window_days: 5\n  window_days: 6", ":3: key 'window_days' appears twice"),
    ("a: [", ":1: expected the node content"),
    ("- a", "the file must contain a mapping of keys"),
    ("just words", "the file must contain a mapping of keys"),
    ("!!python/object/apply:os.system [id]", ":1: could not determine a constructor"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_mistake_is_one_line_with_file_key_and_reason(tmp_path: Path, text: str, words: str) -> None:
    """Nothing of a bad file is used."""
    with pytest.raises(InvalidFileError) as caught:
        load(tmp_path, text)
    (line,) = caught.value.lines
    assert "\n" not in line
    assert re.match(rf"{re.escape(str(tmp_path / 'puffy.yml'))}(:\d+)?: ", line)
    assert words in line


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Absent, a folder, not text."""
    for path, words in ((tmp_path / "no.yml", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(InvalidFileError, match=words):
            load_config(path, EVENTS)
    binary = tmp_path / "binary.yml"
    binary.write_bytes(b"a: \xff\xfe")
    with pytest.raises(InvalidFileError, match="not UTF-8 at byte 3"):
        load_config(binary, EVENTS)
