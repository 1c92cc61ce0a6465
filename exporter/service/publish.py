"""Turns a snapshot into responses: metrics at once, the rest on request."""

from dataclasses import dataclass, field
from pathlib import Path

from exporter.gate.audit import AUDIT
from exporter.gate.flag import gate_document
from exporter.metrics.exposition import Blocks, PartitionRenderer
from exporter.pages.site import Site
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.document import alerts_document, report_heading
from exporter.report.outputs import Outputs
from exporter.report.render import ReportRenderer, encode, join_objects
from exporter.server.publication import Board, Deferred, Page, Publication, Shelf
from exporter.service.sheet import OwnSheet, Sheet

JSON = "application/json"


@dataclass(slots=True)
class Publisher:
    """Posts the pages and writes the outputs; unchanged partitions are rendered only once."""

    board: Board
    outputs: Outputs
    report: ReportRenderer
    data_directory: Path
    telemetry_path: str
    sheet: Sheet = field(default_factory=OwnSheet)
    root: str = ""  # the path from the feed's first page to the exporter's own, if different
    name: str = ""  # of the feed, for people
    is_what_if: bool = False
    follow_outside: bool = False  # links out of the data directory
    contract: Path | None = None  # of the feed, ``None`` for the one that ships
    _snapshot: Snapshot | None = None
    _renderer: PartitionRenderer = field(default_factory=PartitionRenderer)
    _partitions: Blocks = field(default_factory=dict)
    _body: bytes = b""

    @property
    def snapshot(self) -> Snapshot | None:
        """The last snapshot, ``None`` before the first."""
        return self._snapshot

    def publish(self, snapshot: Snapshot, vitals: Vitals, *, writes: bool = True) -> tuple[str, ...]:
        """Post the snapshot, then write the files; return a line for each that could not be written."""
        before = self._snapshot
        if before is None or _says_something_else(snapshot, before):
            partitions, body = self._renderer.render_blocks(snapshot), self.report.render(snapshot)
            self._partitions, self._body = partitions, body
            # Not earlier: what could not be rendered must not count as published.
            self._snapshot = snapshot
        self._post(snapshot, vitals)
        self._snapshot = snapshot
        return self.outputs.write(snapshot, report_heading(snapshot, vitals), self._body) if writes else ()

    def repost(self, vitals: Vitals) -> None:
        """Publish changes to the exporter's own state, with the last good snapshot."""
        if self._snapshot is not None:
            self._post(self._snapshot, vitals)

    def site(self, snapshot: Snapshot, vitals: Vitals) -> Site:
        """Return the data of the pages for people."""
        return Site(
            snapshot=snapshot,
            vitals=vitals,
            directory=self.data_directory,
            audit=self.outputs.folder / AUDIT,
            links=self.report.links,
            telemetry_path=self.telemetry_path,
            root=self.root,
            name=self.name,
            is_what_if=self.is_what_if,
            follow_outside=self.follow_outside,
            contract=self.contract,
        )

    def _post(self, snapshot: Snapshot, vitals: Vitals) -> None:
        text, openmetrics = self.sheet.show(self._partitions, snapshot, vitals)
        body, links = self._body, self.report.links
        heading = report_heading(snapshot, vitals)
        self.board.post(
            Publication(
                text=text,
                openmetrics=openmetrics,
                report=Deferred(lambda: Page.of(join_objects(encode(heading), body), JSON)),
                gate=Deferred(lambda: Page.of(encode(gate_document(snapshot.gate)), JSON)),
                alerts=Deferred(lambda: Page.of(encode(alerts_document(snapshot, links)), JSON)),
                shelf=Shelf(lambda: self.site(snapshot, vitals)),
            )
        )


def _says_something_else(snapshot: Snapshot, before: Snapshot) -> bool:
    unchanged = snapshot.views is before.views and snapshot.checks is before.checks
    decided = (snapshot.gate, snapshot.blind, snapshot.incidents)
    return not unchanged or decided != (before.gate, before.blind, before.incidents)
