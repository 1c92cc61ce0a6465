"""A report that is read back: by the gate, for the history of trends, by integrations and after a restart."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from feeds import EVENTS, TRENDS
from given import Given
from made import DAY, facts, profile
from sites import days_before, snapshot_of
from target import Target, is_one_line

from exporter.errors import UserError
from exporter.gate.answer import REPORT, About, Folders, ask
from exporter.gate.files import Upstream
from exporter.gate.flag import FLAG
from exporter.integrations.reading import read_report
from exporter.links import Links
from exporter.pipeline.vitals import Vitals
from exporter.report.document import report_heading
from exporter.report.older import read_days
from exporter.report.render import ReportRenderer, decode_body

SNAPSHOT = snapshot_of(*days_before(2), facts(DAY, raw=profile(rows=10)))
HEADING = report_heading(SNAPSHOT, Vitals())
WHOLE = HEADING | json.loads(ReportRenderer(Links()).render(SNAPSHOT))
DOCUMENT = WHOLE | {"partitions": dict(list(WHOLE["partitions"].items())[-1:])}
FOLDER = TemporaryDirectory()
PATH = Path(FOLDER.name)
ABOUT = (About(), About(DAY), About(after=DAY))


def run(data: bytes) -> None:
    """Read a report as it is, or a valid one with odd values."""
    given = Given(data)
    about, is_edited = given.pick(ABOUT), given.number() % 2
    content = json.dumps(given.edited(DOCUMENT)).encode() if is_edited else given.rest
    (PATH / REPORT).write_bytes(content)
    (PATH / FLAG).write_bytes(given.rest)
    decode_body(content, HEADING)
    try:
        ask(Folders(PATH, lambda: Upstream(PATH, EVENTS)), about)
    except UserError as error:
        is_one_line(str(error), "the gate's refusal")
    try:
        read_days([PATH / REPORT], TRENDS)
        read_report(PATH)
    except UserError as error:
        is_one_line(str(error), "the refusal")


TARGET = Target(
    name="report",
    run=run,
    seeds=(
        b'\0\0{"partitions": {}}',
        b'\0\0{"partitions": {"2025-03-05": {"alerts": []}}, "gate": {"holds": []}}',
        b"\0\0[1",
        b"\0\1",
        b"\1\1\0\5\4\7",
        b"\1\1\0\x30\4\x20\1\0\4\2",
        b"\2\1\2\0\4\x20",
    ),
    words=(b'"partitions"', b'"gate"', b'"holds"', b'"alerts"', b"null", b"[]", b"{}", b'"blind"'),
    longest=300,
)
