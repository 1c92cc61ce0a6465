"""A live exporter whose cluster is gone says so, and reads the files itself."""

from datetime import date
from pathlib import Path

from running import Exporter, until
from written import write_day

LAST = date(2025, 3, 10)
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")


def test_a_scheduler_that_is_gone_costs_no_figure(tmp_path: Path) -> None:
    """The metric is 0, a problem names the scheduler; without one there is no such series."""
    write_day(tmp_path / "data", LAST)
    (tmp_path / "puffy.yml").write_text("engine: {scheduler: 'tcp://127.0.0.1:9'}\n")
    with Exporter(tmp_path, *AS_OF) as exporter:
        assert until(lambda: exporter.rows(LAST) == 100)
        assert exporter.value("puffy_engine_up{}") == 0
        said = "the engine cannot be used: Dask scheduler tcp://127.0.0.1:9: connection refused"
        assert said in exporter.get("/")[1]
        exporter.configure("{}\n")
        assert exporter.get("/-/reload", "POST")[0] == 200
        assert until(lambda: exporter.value("puffy_engine_up{}") is None)
