"""How fast contracts are read: valid ones, invalid ones, and the shipped one.

python bench/reading_contracts.py --count 1000
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib.resources import files

from exporter.contract.load import parse_feed
from exporter.document import InvalidFileError

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: feed-{number}
name: Feed {number}
version: 1.0.0
status: active
servers:
- {{server: files, type: local, path: /data/feed-{number}, format: csv}}
slaProperties:
- {{property: frequency, value: 1, unit: d}}
- {{property: timeOfAvailability, value: "06:00 Europe/Berlin"}}
team: {{name: team-{team}}}
schema:
- name: rows
  physicalName: "rows_{{date:%Y%m%d}}.csv"
  customProperties: [{{property: trends, value: {{volume: {{of: rows, method: weekday}}}}}}]
  properties:
  - {{name: id, logicalType: integer, primaryKey: true}}
  - name: at
    logicalType: timestamp
    customProperties: [{{property: eventTime, value: true}}]
{columns}
  quality:
  - {{metric: rowCount, mustBeGreaterThan: 0, severity: critical}}
"""
COLUMN = (
    "  - {{name: c{number}, logicalType: number, logicalTypeOptions: {{minimum: 0}}, "
    "quality: [{{metric: nullValues, mustBeLessThan: 5, unit: percent}}]}}"
)


def contract(number: int, columns: int) -> str:
    """Return one contract; no two are equal."""
    lines = "\n".join(COLUMN.format(number=index) for index in range(columns))
    return CONTRACT.format(number=number, team=number % 7, columns=lines)


def load(text: str) -> bool:
    """Return whether a contract was read."""
    try:
        parse_feed(text, "contract.yaml")
    except InvalidFileError:
        return False
    return True


def timed(name: str, texts: list[str], wanted: Callable[[bool], bool]) -> float:
    """Read contracts and print the time."""
    started, worked = time.perf_counter(), time.process_time()
    answers = [load(text) for text in texts]
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    assert all(map(wanted, answers)), name
    size = sum(map(len, texts)) / len(texts) / 1000
    each = work / len(texts) * 1000
    took = f"{seconds:6.2f} s, {work:6.2f} s of CPU, {each:5.2f} ms each"
    print(f"{name:<25} {len(texts):>5} of {size:4.1f} kB  {took}")
    return seconds


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--columns", type=int, default=6)
    options = parser.parse_args()
    good = [contract(number, options.columns) for number in range(options.count)]
    shipped = files("exporter").joinpath("feeds", "events.yaml").read_text(encoding="utf-8")
    load(shipped)  # the schema and the catalogue are read once
    timed("good", good, bool)
    refused = [text.replace("logicalType: timestamp", "logicalType: time", 1) for text in good]
    timed("refused for what it means", refused, lambda answer: not answer)
    misspelt = [text.replace("kind: Data", "kind: Date", 1) for text in good]
    timed("refused for its shape", misspelt, lambda answer: not answer)
    torn = [text[: text.index("quality: [{") + 4] for text in good]
    timed("no YAML", torn, lambda answer: not answer)
    timed("the shipped one", [shipped] * 20, bool)
    return 0


if __name__ == "__main__":
    sys.exit(main())
