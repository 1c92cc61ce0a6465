"""The configuration file, as bytes and as a valid one with odd values."""

import yaml
from feeds import EVENTS
from given import ODD_OF_YAML, Given
from target import DisagreementError, Target, is_one_line

from exporter.config.load import build_config
from exporter.config.schema import ConfigSpec
from exporter.document import InvalidFileError, parse_document

FILE = "puffy.yml"
ADDED = {
    "calendar": {
        "timezone": "Europe/Berlin",
        "start_date": "2025-03-01",
        "events": [{"name": "sale", "from": "2025-03-01", "to": "2025-03-02"}],
    },
    "tasks": {"by_name": {"load": {"max_duration": "2h"}}},
    "trends": {"revenue": {"method": "weekday", "warning": 3.5, "min_change": 0.1}},
    "checks": {
        "no_rows": {"enabled": True, "severity": "warning"},
        "revenue_anomaly": {"warning": {"above": 3}},
    },
}
BASE = ConfigSpec().model_dump(mode="json", exclude_none=True) | ADDED


def run(data: bytes) -> None:
    """Parse a configuration on top of the shipped feed."""
    given = Given(data)
    if given.number() % 2:
        text = given.rest.decode("utf-8", "replace")
    else:
        document = BASE
        if given.number() % 2:
            document = {name: BASE[name] for name in ADDED}
        text = yaml.safe_dump(given.edited(document, ODD_OF_YAML), sort_keys=False)
    try:
        build_config(parse_document(text, FILE), EVENTS)
    except InvalidFileError as error:
        for line in error.lines:
            is_one_line(line, "a mistake")
            if not line.startswith(FILE):
                raise DisagreementError(f"names no file: {line!r}") from None


TARGET = Target(
    name="config",
    run=run,
    seeds=(
        b"\0\0",
        b"\0\1",
        b"\0\1\0\3\4\7\0\5\4\x10",
        b"\0\0\0\x20\4\x11\0\x32\4\x09",
        b"\1data: {missing_values: [x], column_aliases: {a: client_id}}\nlinks: {grafana: http://x}\n",
        b"\1calendar:\n  due_time: 06:00\n  timezone: Europe/Berlin\n  start_date: 2025-03-09\n",
        b"\1checks: {no_rows: {enabled: false}}\ntrends: {revenue: {min_change: 1}}\n",
        b"\1engine: {scheduler: tcp://a:1}\nplaces: {endpoint: 'https://a:9000'}\n",
    ),
    words=(
        b"!!int ",
        b"!!float ",
        b"!!timestamp ",
        b"!!bool ",
        b"!!binary ",
        b"<<: ",
        b"http://[",
        b"\\0",
        b"2h",
        b"2GB",
    ),
    longest=600,
)
