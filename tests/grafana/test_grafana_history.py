"""History that was backfilled is read at its own time, day by day."""

import subprocess
import time
from pathlib import Path

import pytest
from boards import panel_queries
from prometheus_server import run_prometheus

DAY = 86_400
DAYS = 5


@pytest.mark.server
def test_backfilled_days_are_drawn_at_their_own_time(prometheus: str, promtool: str, tmp_path: Path) -> None:
    """Where no exporter ran, each moment shows the one day whose sample came last."""
    newest = int(time.time()) - DAY
    moments = [newest - DAY * back for back in reversed(range(DAYS))]
    series = "partition:puffy_trend:value"
    labels = 'feed="events",metric="revenue"'
    lines = [
        f'{series}{{{labels},partition="2025-03-0{number}"}} {100 * (DAYS - number)} {moment}'
        for number, moment in enumerate(moments, start=1)
    ]
    written = tmp_path / "history.om"
    written.write_text("\n".join([f"# TYPE {series} gauge", *lines, "# EOF", ""]))
    made = [promtool, "tsdb", "create-blocks-from", "openmetrics", written, tmp_path / "tsdb"]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    (query,) = (q for q in panel_queries() if "as it was known (A)" in q.where)
    expression = query.expression.replace("$metric", "revenue").replace("$feed", "events")
    with run_prometheus(prometheus, tmp_path, {"scrape_configs": []}) as server:
        for number, moment in enumerate(moments, start=1):
            for later in (0, DAY // 2, DAY - 120):
                answer = server.query(expression, time=str(moment + later))
                assert answer == [({"metric": "revenue"}, 100.0 * (DAYS - number))], (number, later)
