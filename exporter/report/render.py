"""The report as bytes. An unchanged partition is not encoded again."""

from collections.abc import Mapping

import orjson

from exporter.links import Links
from exporter.model import Partition
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.report.document import Json, overview, partition_document

STEP = b"  "


class ReportRenderer:
    """Writes the report's body, the part that depends on the partitions.

    With hundreds of partitions the document has megabytes, of which an arriving file changes a few kilobytes.
    """

    def __init__(self, links: Links) -> None:
        self.links = links
        self._kept: dict[Partition, tuple[PartitionView, bytes]] = {}

    def render(self, snapshot: Snapshot) -> bytes:
        """Return the body as a JSON object, indented for readability."""
        self._kept = {
            view.partition: (view, self._partition(snapshot.feed, view)) for view in snapshot.window
        }
        members = (b'"%s": %s' % (day.isoformat().encode(), text) for day, (_, text) in self._kept.items())
        partitions = (
            _indented(b"{\n" + STEP + (b",\n" + STEP).join(members) + b"\n}") if self._kept else b"{}"
        )
        rest = encode(overview(snapshot, self.links))
        return join_objects(rest, b'{\n%s"partitions": %s\n}\n' % (STEP, partitions))

    def _partition(self, feed: str, view: PartitionView) -> bytes:
        kept = self._kept.get(view.partition)
        if kept is not None and (kept[0] is view or kept[0] == view):
            return kept[1]
        return _indented(encode(partition_document(feed, view, self.links)).rstrip())


def encode(document: Mapping[str, object]) -> bytes:
    """Encode strict JSON, indented for readability."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def join_objects(first: bytes, second: bytes) -> bytes:
    """Join two non-empty encoded objects without common members."""
    return first.removesuffix(b"\n}\n") + b",\n" + second.removeprefix(b"{\n")


def _indented(text: bytes) -> bytes:
    return text.replace(b"\n", b"\n" + STEP)  # line breaks within strings are written as \n, so they stay


def decode_body(content: bytes, heading: Mapping[str, object]) -> bytes | None:
    """Return the body of a report as written, or ``None`` for anything else."""
    try:
        document: Json = orjson.loads(content)
        return encode({key: value for key, value in document.items() if key not in heading})
    except (orjson.JSONDecodeError, AttributeError):
        return None
