"""Faults in practice on generated days, and on real ones if available: each is reported by its cause."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from faults import KINDS, SHARED, Fault, Healthy, How
from golden import matches
from incidents_told import text_of

from exporter.cli import main
from exporter.demo.plan import write_pipeline
from exporter.demo.rows import Recipe

FAULTS = (*SHARED.values(), *KINDS)
DAYS = 10
RECIPE = Recipe(rows=1500, order_share=0.02)
GENERATED, REAL = date(2025, 3, 5), date(2025, 3, 3)


@dataclass(frozen=True)
class Base:
    """Healthy days on disk, up to one, and their report."""

    folder: Path
    healthy: Healthy
    said: dict[str, Any]


def say(folder: Path, output: Path, day: date) -> dict[str, Any]:
    """Return the report of one pass on the morning after the day."""
    as_of = (day + timedelta(days=1)).isoformat()
    arguments = ["--data.dir", str(folder), "--output.dir", str(output), "--as-of", f"{as_of}T09:00:00Z"]
    assert main(["run", *arguments]) == 0
    report: dict[str, Any] = json.loads((output / "monitoring_report.json").read_text())
    return report


def base_of(folder: Path, output: Path, day: date) -> Base:
    """Judge healthy days."""
    raw, before = (
        (folder / f"events_{one:%Y%m%d}.csv").read_bytes() for one in (day, day - timedelta(days=1))
    )
    return Base(folder, Healthy(day, raw, before), say(folder, output, day))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Provide ten generated days."""
    folder = tmp_path_factory.mktemp("generated")
    write_pipeline(folder, GENERATED, DAYS, RECIPE, plan={})
    return base_of(folder, tmp_path_factory.mktemp("output"), GENERATED)


@pytest.fixture(scope="module")
def real(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Provide the real days up to one."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(sample, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for path in list(folder.rglob("events_*.csv")):
        if path.name[7:15] > f"{REAL:%Y%m%d}":
            path.unlink()
            continue
        arrived = datetime.combine(date.fromisoformat(path.name[7:15]), time(5), UTC) + timedelta(days=1)
        os.utime(path, (arrived.timestamp(),) * 2)
    return base_of(folder, tmp_path_factory.mktemp("output"), REAL)


def check(fault: Fault, base: Base, folder: Path) -> list[dict[str, Any]]:
    """Inject the fault and return what is new."""
    data = folder / "data"
    shutil.copytree(base.folder, data, copy_function=shutil.copy2)
    raw = data / base.healthy.name
    arrived = raw.stat().st_mtime
    raw.unlink()
    for name, content in fault.make(base.healthy).items():
        path = data / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (arrived, arrived))
    said = say(data, folder / "out", base.healthy.day)
    known = {key(incident) for incident in base.said["incidents"]}
    new = [incident for incident in said["incidents"] if key(incident) not in known]
    told = [incident for incident in new if incident["notifiable"] and incident["severity"] != "info"]
    shown = [(incident["cause"], incident["headline"], incident["text"]) for incident in new]
    if fault.how is not How.NAMED:
        assert not told, shown
        if fault.how is How.READ:
            assert figures(said, base) == figures(base.said, base)
        return new
    assert len(told) <= fault.most, shown
    of = said["incidents"] if fault.cause == "missing_client_id" else told if fault.notified else new
    words = [f"{incident['cause']} {incident['headline']} {incident['text']}" for incident in of]
    assert any(all(word in text for word in (fault.cause, *fault.words)) for text in words), shown
    return new


def key(incident: dict[str, Any]) -> tuple[str, ...]:
    """Return what identifies an incident."""
    return incident["cause"], incident["subject"], incident["since"]


def figures(report: dict[str, Any], base: Base) -> dict[str, Any]:
    """Return the figures of the day's raw file, without size and times."""
    raw: dict[str, Any] = report["partitions"][f"{base.healthy.day}"]["stages"]["raw"]
    aside = ("size_bytes", "fingerprint", "columns", "arrival", "updated")
    return {name: value for name, value in raw.items() if not name.startswith(aside)}


@pytest.fixture(autouse=True)
def _quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    capsys.readouterr()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_generated_days_is_told_by_its_cause(
    fault: Fault, generated: Base, tmp_path: Path
) -> None:
    """The text is exactly this, with little else; all of it is saved to a file for review."""
    text = (
        text_of(sorted(check(fault, generated, tmp_path), key=lambda one: one["id"])) or "Nothing is told.\n"
    )
    assert matches(f"tests/acceptance/words/{re.sub(r'[^a-z0-9]+', '-', fault.name.lower())}.txt", text)


@pytest.mark.sample
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_real_days_is_told_by_its_cause(fault: Fault, real: Base, tmp_path: Path) -> None:
    """The text is exactly this, with little else."""
    check(fault, real, tmp_path)
