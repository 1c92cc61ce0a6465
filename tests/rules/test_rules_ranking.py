"""Incidents are sorted by the real PromQL engine: worst first, then oldest first."""

import subprocess
from pathlib import Path

import pytest
import yaml

from exporter.rules.ranking import RANK_SECONDS, SEVERITIES, worst_first

LATEST = 4_102_444_800  # 2100: later than any incident's first day
# The id of an incident, its severity, and its first day in seconds; the oldest has left the window.
INCIDENTS = [
    ("a", "critical", None),
    ("b", "critical", 100),
    ("c", "critical", LATEST),
    ("d", "warning", None),
    ("e", "warning", 50),
    ("f", "info", 1),
]


def expected(since: int | None, severity: str) -> float:
    """Return the value that sorts an incident."""
    return SEVERITIES.index(severity) * RANK_SECONDS + (since or 0)


@pytest.mark.server
def test_the_worst_is_first_and_the_oldest_of_those(promtool: str, tmp_path: Path) -> None:
    """The order of the table is that of the values; an incident without a first day is the oldest."""
    values = [expected(since, severity) for _, severity, since in INCIDENTS]
    assert values == sorted(values)
    assert len(set(values)) == len(values)
    series = {f'open{{id="{one}",severity="{severity}"}}': 1 for one, severity, _ in INCIDENTS}
    series |= {
        f'puffy_incident_since_timestamp_seconds{{id="{one}"}}': since
        for one, _, since in INCIDENTS
        if since is not None
    }
    query = worst_first(lambda severity: f'max by (id, severity) (open{{severity="{severity}"}})', "id")
    samples = [
        {"labels": f'{{id="{one}",severity="{severity}"}}', "value": value}
        for (one, severity, _), value in zip(INCIDENTS, values, strict=True)
    ]
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": f"{value}x3"} for name, value in series.items()],
        "promql_expr_test": [{"expr": query, "eval_time": "1m", "exp_samples": samples}],
    }
    written = tmp_path / "ranking_test.yml"
    written.write_text(yaml.safe_dump({"rule_files": [], "evaluation_interval": "1m", "tests": [test]}))
    found = subprocess.run([promtool, "test", "rules", written], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
