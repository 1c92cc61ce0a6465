"""What pages are made of, in tests: consecutive days, the last of them as a test wants it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from feeds import RULES
from made import CALENDAR, DAY, facts, profile

from exporter.incidents.ledger import Ledger
from exporter.model import PartitionFacts
from exporter.pages.site import Site
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.due import due_days
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.server.publication import Page, Publication, Shelf

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
GOOD = Vitals(passes=1, last_pass_succeeded=True)


def snapshot_of(*days: PartitionFacts, rules: Rules = RULES, ahead: int = 1) -> Snapshot:
    """Judge days, oldest first, just after the last came due, incidents included."""
    last = days[-1].partition
    now = CALENDAR.due_ns(last) + 1
    snapshot = Assembler(rules).assemble([], days, as_of_ns=now, generated_ns=now)
    incidents = Ledger().update(snapshot.feed, due_days(snapshot), now, frozenset())
    following = last + timedelta(days=ahead)
    return replace(snapshot, incidents=incidents, next_due=(following, CALENDAR.due_ns(following)))


def days_before(count: int, **changes: Any) -> list[PartitionFacts]:
    """Return healthy days before ``DAY``, oldest first, no two of the same content."""
    days = [DAY - timedelta(days=back) for back in range(count, 0, -1)]
    return [facts(day, raw=profile(fingerprint=f"raw of {day}"), **changes) for day in days]


def site_of(snapshot: Snapshot | None = None, **changes: Any) -> Site:
    """Return what pages are made of; a few healthy days where nothing else is given."""
    shown = snapshot or snapshot_of(*days_before(3), facts(DAY))
    given: Mapping[str, Any] = {
        "vitals": GOOD,
        "directory": Path("/data"),
        "audit": Path("/data/monitoring/gate_audit.jsonl"),
    }
    return Site(shown, **{**given, **changes})


def make_publication(mark: str = "one") -> Publication:
    """Make pages that differ from each other and, by ``mark``, from those of other publications."""
    return Publication(
        text=Page.of(f"text {mark}\n".encode() * 500, TEXT),
        openmetrics=Page.of(f"openmetrics {mark}\n".encode() * 500, OPENMETRICS),
        report=Page.of(f'{{"report": "{mark}"}}'.encode(), "application/json"),
        alerts=Page.of(f'{{"alerts": "{mark}"}}'.encode(), "application/json"),
        gate=Page.of(f'{{"gate": "{mark}"}}'.encode(), "application/json"),
        shelf=Shelf(lambda: site_of(name=mark)),
    )
