"""The page on scale shows what the model calculates, and the model calculates nothing absurd."""

import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from golden import ROOT, matches

sys.path.append(str(Path(__file__).parents[2] / "bench"))

import itertools

from scale_figures import CONTRACT, EVENTS, MEASURED, SOURCES, Kind, Measured
from scale_model import Chosen, Load, Plan, plan
from scale_tables import LOADS, main, rendered, tables

CHOSEN = Chosen()


def test_golden_scale_page_has_the_tables_of_the_model() -> None:
    """All of them, each between its two markers."""
    page = (ROOT / "docs" / "scale.md").read_text()
    assert matches("docs/scale.md", rendered(page))
    assert page.count("<!-- model: ") == page.count("<!-- end -->") == len(tables())


def test_every_figure_has_a_command_that_exists() -> None:
    """No command is left without a figure."""
    named = {field.name for kind in (Kind, Measured) for field in fields(kind)}
    assert named - {"name", "option", "reading", "serving"} == set(SOURCES)
    for source in SOURCES.values():
        for kind in (CONTRACT, EVENTS):
            program = source.command.format(kind=kind).split()[0]
            assert (ROOT / program).is_file(), program


@pytest.mark.parametrize("kind", [CONTRACT, EVENTS], ids=lambda kind: kind.option)
def test_more_feeds_or_bytes_never_need_fewer_resources(kind: Kind) -> None:
    """No component shrinks, and 30,000 feeds need more than a hundred of every component."""
    sizes = [
        plan(Load(feeds, terabytes, 1.0, kind))
        for feeds, terabytes in ((100, 0.1), (300, 0.1), (1_000, 1.0), (10_000, 10.0), (30_000, 100.0))
    ]
    for few, many in itertools.pairwise(sizes):
        for field in fields(Plan):
            assert getattr(few, field.name) <= getattr(many, field.name), field.name
    small, large = sizes[0], sizes[-1]
    assert all(getattr(small, field.name) < getattr(large, field.name) for field in fields(Plan))


def test_a_shorter_arrival_needs_more_workers_but_not_more_reading() -> None:
    """Total core hours stay the same, and so does what is stored."""
    slow, fast = plan(Load(1_000, 10.0, 24.0)), plan(Load(1_000, 10.0, 1.0))
    assert fast.workers > slow.workers
    assert fast.reading_cores == pytest.approx(24 * slow.reading_cores)
    assert (fast.series, fast.disk_gb, fast.reads) == (slow.series, slow.disk_gb, slow.reads)


def test_ten_terabytes_a_day_are_a_gigabit() -> None:
    """80 terabits in 86,400 seconds, by hand."""
    assert plan(Load(100, 10.0)).gbits == pytest.approx(0.926, abs=0.001)


def test_few_bytes_need_no_cluster_and_local_files_no_requests() -> None:
    """Local threads read them, and a single machine is enough."""
    need = plan(Load(10, 0.001, remote=False))
    assert (need.workers, need.schedulers, need.lists, need.reads) == (0, 0, 0.0, 0.0)
    assert need.exporters == need.servers == need.machines == 1


def test_a_price_changes_only_the_cost() -> None:
    """Doubling every price doubles the cost; workers that run only part of the time cost less."""
    load = Load(10_000, 10.0, 1.0)
    names = ("core_hour", "gb_hour", "disk_gb_month", "thousand_lists", "thousand_reads")
    dear = replace(CHOSEN, **{name: 2 * getattr(CHOSEN, name) for name in names})
    assert plan(load, dear) == plan(load)
    cost = plan(load).month(load, CHOSEN, always=True)
    assert plan(load).month(load, dear, always=True) == pytest.approx(2 * cost)
    assert plan(load).month(load, CHOSEN, always=False) < cost


def test_a_costlier_part_needs_more_machines() -> None:
    """Measured figures matter: ten times the memory per Prometheus series means more servers."""
    load = Load(1_000, 1.0, kind=replace(CONTRACT, server_mb=10 * CONTRACT.server_mb))
    assert plan(load).servers > plan(Load(1_000, 1.0)).servers
    slow = replace(MEASURED, scheduler_s=1000 * MEASURED.scheduler_s)
    assert plan(LOADS[5], CHOSEN, slow).schedulers > plan(LOADS[5]).schedulers


def test_a_custom_load_is_calculated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its own prices, and without the loads shown on the page."""
    monkeypatch.setattr(sys, "argv", ["scale_tables.py", "--feeds", "2000", "--core-hour", "1"])
    assert main() == 0
    said = capsys.readouterr().out
    assert "| 2,000 | 1 | 24 h |" in said
    assert "| 10,000 | 10 |" not in said
