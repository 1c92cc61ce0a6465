"""The real sample's figures are those that an independent program computed."""

import os
from datetime import date
from pathlib import Path

import pytest
from feeds import TABLES, orders
from reference import day_of
from test_profiling_run import find

from exporter.model import Profile, SourceFile, Stage
from exporter.profiling.order_tally import Defect
from exporter.profiling.run import profile_file

SAMPLE = Path(os.environ.get("PUFFY_SAMPLE", Path(__file__).parents[3] / "shared/data/puffy-2025"))
EXPECTED = SAMPLE.parent / "expected-2025.md"
ALIASES = {"clientId": "client_id", "eventData": "event_data", "ts": "timestamp"}
FILES = {Stage.RAW: "{}.csv", Stage.CLEAN: "raw_clean/{}_clean.csv", Stage.REJECTS: "raw_rejects/{}_bad.csv"}

pytestmark = [
    pytest.mark.sample,
    pytest.mark.skipif(not EXPECTED.exists(), reason="the real sample is not here"),
]


def expected() -> dict[date, dict[str, float]]:
    """Read the first table of the expectations: a row per partition, figures by column."""
    lines = [
        line.strip("| ").split(" | ") for line in EXPECTED.read_text().splitlines() if line.startswith("| ")
    ]
    header = lines[0][1:]
    rows = [cells for cells in lines if cells[0].startswith("2025-") and len(cells) == len(lines[0])]
    return {
        date.fromisoformat(day): dict(zip(header, map(float, cells), strict=True)) for day, *cells in rows
    }


def profile(partition: date, stage: Stage) -> Profile:
    """Profile one file of the sample."""
    path = SAMPLE / FILES[stage].format(f"events_{partition:%Y%m%d}")
    source = find(path, stage)
    source = SourceFile(partition, stage, path, source.stamp)
    return profile_file(source, day_of(partition), table=TABLES[stage], threads=2)


def figures(raw: Profile, clean: Profile, rejects: Profile) -> dict[str, float]:
    """Name a day's figures as the expectations do."""
    return {
        "raw": raw.rows,
        "clean": clean.rows,
        "rejects": rejects.rows,
        "missing client_id": raw.missing["client_id"],
        "null referrer": orders(raw).referrer_null,
        "synthetic referrer": orders(raw).referrer_synthetic,
        "checkouts": orders(raw).checkouts,
        "raw revenue": round(orders(raw).revenue, 2),
        "clean revenue": round(orders(clean).revenue, 2),
        "zero value": orders(raw).defects[Defect.ZERO_VALUE],
        "corrupt items": orders(raw).defects[Defect.CORRUPT_ITEMS],
        "duplicate ids": orders(raw).defects[Defect.DUPLICATE_TRANSACTION_ID],
        "silence s": raw.longest_silence_seconds or 0,
    }


def test_the_samples_figures_are_the_expected_ones() -> None:
    """All 14 days agree in rows, defects, revenue and silence."""
    table = expected()
    found = {day: figures(*(profile(day, stage) for stage in Stage)) for day in table}
    assert len(table) == 14
    assert found == table


def test_rejects_of_the_sample_name_their_reasons() -> None:
    """From the day on which the referrer is gone, every reject says so, and the clean file is a header."""
    rejects = profile(date(2025, 3, 4), Stage.REJECTS)
    clean = profile(date(2025, 3, 4), Stage.CLEAN)
    assert rejects.reasons["schema_mismatch_missing_columns"] == rejects.rows
    assert (clean.rows, orders(clean).revenue, clean.longest_silence_seconds) == (0, 0.0, None)
