"""``explain``: one pass, and why a partition is as it is."""

import json
import sys
from datetime import date
from typing import Any

from rich.console import Console

from exporter.checks.check import Check
from exporter.cli.once import Look, look
from exporter.cli.options import Common
from exporter.discover.listing import list_directory
from exporter.errors import UserError
from exporter.model import Partition
from exporter.nearest import did_you_mean_date
from exporter.pipeline.snapshot import PartitionView
from exporter.triage.evidence import REJECTED, evidence_of
from exporter.triage.explain import explain, find_check, find_view
from exporter.triage.sample import sample_records
from exporter.triage.text import explanation_lines, shown_record


def parse_partition(text: str) -> Partition:
    """Read a partition; raises UserError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = did_you_mean_date(text) or ", write for instance 2025-03-09"
        raise UserError(f"{text!r} is no partition{hint}") from None


def run(common: Common, partition: str, check: str | None, rows: int, *, unmask: bool, as_json: bool) -> int:
    """Print the explanation of a partition, or of one check of it."""
    day = parse_partition(partition)
    seen = look(common)
    view = find_view(seen.snapshot, day)
    chosen = None if check is None else find_check(seen.snapshot.checks, check)
    told = explain(seen.snapshot, view, chosen, seen.config.written.links.runbooks)
    told["masked"] = not unmask
    told["evidence"] = _evidence(seen, view, chosen, rows, unmask=unmask)
    if as_json:
        sys.stdout.write(f"{json.dumps(told, indent=2, allow_nan=False)}\n")
        return 0
    console = Console(soft_wrap=True, highlight=False)
    for line in explanation_lines(told):
        console.print(line)
    return 0


def _evidence(
    seen: Look, view: PartitionView, chosen: Check | None, most: int, *, unmask: bool
) -> dict[str, Any] | None:
    """Return rows of the chosen check, else of the worst one that has any to show."""
    trends = {trend.name: trend for trend in seen.snapshot.trends}
    labels = {alert.check.name: alert.labels for alert in view.alerts}
    checks = [alert.check for alert in view.alerts] if chosen is None else [chosen]
    wanted = {check.name: evidence_of(check, trends, labels.get(check.name, {})) for check in checks}
    if not view.alerts and chosen is None:
        wanted = {"": REJECTED}
    files = list_directory(seen.places.data).files if most and any(wanted.values()) else {}
    aliases = seen.config.written.data.column_aliases
    for name, evidence in wanted.items():
        source = None if evidence is None else files.get((view.partition, evidence.stage))
        if evidence is None or source is None:
            continue
        found = sample_records(source.path, evidence, view.facts.day, most, aliases=aliases)
        if found or chosen is not None:
            shown = [shown_record(record, unmask=unmask) for record in found]
            return {"check": name, "stage": evidence.stage.value, "what": evidence.what, "rows": shown}
    return None
