"""``explain``: one pass, and why a partition is as it is."""

import json
import sys
from datetime import date
from typing import Any

from rich.console import Console

from exporter.cli.once import Look, look
from exporter.cli.options import Common
from exporter.discover.layout import STAGES
from exporter.errors import UserError
from exporter.model import Partition, Stage
from exporter.pipeline.snapshot import PartitionView
from exporter.triage.explain import explain, find_check, find_view
from exporter.triage.masking import mask_row, shown
from exporter.triage.rejects import focus, sample_rows
from exporter.triage.text import explanation_lines


def parse_partition(text: str) -> Partition:
    """Read a partition; raises UserError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no partition, write for instance 2025-03-09") from None


def run(common: Common, partition: str, check: str | None, rows: int, *, unmask: bool, as_json: bool) -> int:
    """Print the explanation of a partition, or of one check of it."""
    day = parse_partition(partition)
    seen = look(common)
    view = find_view(seen.snapshot, day)
    chosen = None if check is None else find_check(seen.snapshot.checks, check)
    told = explain(seen.snapshot, view, chosen, seen.config.written.links.runbooks)
    told["masked"] = not unmask
    told["reject_rows"] = _rows(seen, view, chosen.name if chosen else "", rows, unmask=unmask)
    if as_json:
        sys.stdout.write(f"{json.dumps(told, indent=2, allow_nan=False)}\n")
        return 0
    console = Console(soft_wrap=True, highlight=False)
    for line in explanation_lines(told):
        console.print(line)
    return 0


def _rows(seen: Look, view: PartitionView, check: str, most: int, *, unmask: bool) -> list[dict[str, Any]]:
    if not most or Stage.REJECTS not in view.facts.stages:
        return []
    place = STAGES[Stage.REJECTS]
    name = f"events_{view.partition:%Y%m%d}_bad.csv"
    found = sample_rows(
        seen.places.data / place.folder / name,
        most,
        aliases=seen.config.written.data.column_aliases,
        wanted=focus(check),
    )
    if unmask:
        return [{column: shown(value) for column, value in row.items()} for row in found]
    return [mask_row(row) for row in found]
