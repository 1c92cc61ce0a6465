"""A few rows of a day that show what a check found, read from its file on request; always masked."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from exporter.feed import Table
from exporter.model import SourceFile, Stage, StageFacts
from exporter.pages.day_explained import find_day
from exporter.pages.html import render
from exporter.pages.site import BusyError, Document, Kind, NotFoundError, Site, Visit
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.template import ending_of, format_of
from exporter.triage.evidence import Evidence, evidence_of, rejected
from exporter.triage.explain import Json
from exporter.triage.judged import find_judged
from exporter.triage.records import Allowance
from exporter.triage.sample import sample_records

SHOWN = 5  # rows
SECONDS = 2.0  # for each read of the file
CHARACTERS = 64_000_000  # for each read
LARGEST_UNPACKED = 16_000_000  # bytes: such a file is unpacked completely before any row is read
MORE = "20"  # rows, by the command
TOO_LARGE = "The compressed file is too large to show rows here."
OF_REJECTED = "reject_ratio"  # the check that shows the same rows
REJECTED = "rejected"  # selects the rows of the rejects file, independent of checks

_reading = threading.Lock()  # one file at a time, of all feeds: requests must not slow the passes


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows found. ``why_none``: why the file was not read; ``cut``: it contains more than was read."""

    rows: tuple[Json, ...] = ()
    cut: bool = False
    why_none: str = ""

    @property
    def has_more(self) -> bool:
        """Return whether there may be more rows than these."""
        return self.cut or len(self.rows) == SHOWN or self.why_none == TOO_LARGE


def shown_by(view: PartitionView, snapshot: Snapshot) -> Mapping[str, Evidence]:
    """Return which rows of a day can be shown: by check in breach, then the rejected ones."""
    trends = {trend.name: trend for trend in snapshot.trends}
    found = {
        alert.check.name: evidence_of(alert.check, trends, alert.labels, snapshot.tables)
        for alert in view.alerts
    }
    shown = {name: evidence for name, evidence in found.items() if evidence is not None}
    rejects = snapshot.tables.get(Stage.REJECTS)
    if rejects is not None and Stage.REJECTS in view.facts.stages:
        shown[REJECTED] = rejected(rejects)
    return {name: evidence for name, evidence in shown.items() if evidence.stage in view.facts.stages}


def _make(site: Site, visit: Visit) -> Document:
    view = find_day(site.snapshot, visit.values["day"])
    choices = shown_by(view, site.snapshot)
    chosen = visit.query.get("check") or next(iter(choices), "")
    if chosen not in choices and (choices or "check" in visit.query):
        known = ", ".join(choices) or "nothing"
        raise NotFoundError(f"{view.partition}: no rows to show of {chosen!r}, only of {known}.")
    evidence = choices.get(chosen)
    sample = Sample() if evidence is None else _sample(site, view, evidence)
    return Document(
        render(
            "day_rows.html",
            site=site,
            here="../../",
            root=f"../../{site.root}",
            day=view.partition,
            choices=choices,
            chosen=chosen,
            evidence=evidence,
            sample=sample,
            command=_command(site, view, chosen) if sample.has_more else "",
        )
    )


def _command(site: Site, view: PartitionView, chosen: str) -> str:
    """Return the command that prints more of these rows, or nothing if there is none."""
    if chosen != REJECTED:
        return site.explaining(view.partition, chosen, "--rows", MORE)
    # Without a check, the command shows the rows of the worst one in breach.
    names = [check.name for check in site.snapshot.checks if check.name == OF_REJECTED]
    return "" if view.alerts and not names else site.explaining(view.partition, *names, "--rows", MORE)


def _sample(site: Site, view: PartitionView, evidence: Evidence) -> Sample:
    from exporter.triage.text import shown_record  # noqa: PLC0415  rich takes 50 ms; few ask

    table = site.snapshot.tables[evidence.stage]
    known = view.facts.stages[evidence.stage]
    source = find_source(site, table, known, view)
    if source is None:
        return Sample(why_none="The judged file is gone, has changed, or cannot be read.")
    if known.size_bytes > LARGEST_UNPACKED and not all(_is_plain(part.path.name) for part in source.files):
        return Sample(why_none=TOO_LARGE)
    if not _reading.acquire(blocking=False):
        raise BusyError("Another file is being read; reload this page in a moment.")
    try:
        made: list[Allowance] = []

        def allow() -> Allowance:
            made.append(Allowance(CHARACTERS, time.monotonic() + SECONDS))
            return made[-1]

        records = sample_records(source, evidence, view.facts.day, SHOWN, table=table, allow=allow)
        show = partial(shown_record, table=table, unmask=False)
        return Sample(tuple(map(show, records)), cut=any(allowance.spent for allowance in made))
    finally:
        _reading.release()


def find_source(site: Site, table: Table, known: StageFacts, view: PartitionView) -> SourceFile | None:
    """Return the judged file, or ``None``; see ``find_judged``."""
    tables = tuple(site.snapshot.tables.values())
    return find_judged(
        site.directory, view.partition, known, table, tables, follow_outside=site.follow_outside
    )


def _is_plain(name: str) -> bool:
    return ending_of(name) is None and format_of(name) in (None, "csv")


PAGE: Kind[Site] = Kind("partitions/{day}/rows", _make)
