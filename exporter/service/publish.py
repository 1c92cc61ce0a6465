"""A snapshot becomes ready bytes: everything that a request can ask for, made once."""

from dataclasses import dataclass, field
from pathlib import Path

from exporter.gate.flag import gate_document
from exporter.metrics.exposition import Blocks, PartitionRenderer
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.document import alerts_document, report_heading
from exporter.report.outputs import Outputs
from exporter.report.render import ReportRenderer, encode, join_objects
from exporter.server.page import status_page
from exporter.server.publication import Board, Page, Publication
from exporter.service.sheet import OwnSheet, Sheet
from exporter.service.status import status_model

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(slots=True)
class Publisher:
    """Posts the pages and writes the outputs; renders partitions that stayed the same only once."""

    board: Board
    outputs: Outputs
    report: ReportRenderer
    data_directory: Path
    telemetry_path: str
    sheet: Sheet = field(default_factory=OwnSheet)
    root: str = ""  # the way from the status page to the exporter's own, where that is another
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
            # Not earlier: what could not be rendered must not pass for what was published.
            self._snapshot = snapshot
        self._post(snapshot, vitals)
        self._snapshot = snapshot
        return self.outputs.write(snapshot, report_heading(snapshot, vitals), self._body) if writes else ()

    def repost(self, vitals: Vitals) -> None:
        """Post what changed about the exporter itself, beside the last good snapshot."""
        if self._snapshot is not None:
            self._post(self._snapshot, vitals)

    def _post(self, snapshot: Snapshot, vitals: Vitals) -> None:
        text, openmetrics = self.sheet.show(self._partitions, snapshot, vitals)
        status = status_model(snapshot, vitals, self.data_directory, self.telemetry_path, self.root)
        self.board.post(
            Publication(
                text=text,
                openmetrics=openmetrics,
                report=Page.of(join_objects(encode(report_heading(snapshot, vitals)), self._body), JSON),
                gate=Page.of(encode(gate_document(snapshot.gate)), JSON),
                alerts=Page.of(encode(alerts_document(snapshot, self.report.links)), JSON),
                status=Page.of(status_page(status), HTML),
            )
        )


def _says_something_else(snapshot: Snapshot, before: Snapshot) -> bool:
    unchanged = snapshot.views is before.views and snapshot.checks is before.checks
    told = (snapshot.gate, snapshot.blind, snapshot.incidents)
    return not unchanged or told != (before.gate, before.blind, before.incidents)
