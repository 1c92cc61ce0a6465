"""``postmortem``: one pass, and the document to be filled in."""

from pathlib import Path

from exporter.cli.explaining import parse_partition
from exporter.cli.once import look
from exporter.cli.options import Common
from exporter.cli.output import deliver
from exporter.errors import UserError
from exporter.triage.explain import explain, find_view
from exporter.triage.postmortem import postmortem
from exporter.triage.timeline import from_audit, from_facts, from_reports, in_order


def run(common: Common, partition: str, output: Path | None) -> int:
    """Write the postmortem of a partition to a new file, or to stdout."""
    day = parse_partition(partition)
    if output is not None and output.exists():  # somebody may have filled it in
        raise UserError(f"--output: {output} is there already")
    seen = look(common)
    view = find_view(seen.snapshot, day)
    folder = seen.places.output
    traces = (*from_facts(view.facts), *from_reports(folder, day), *from_audit(folder, day))
    told = explain(seen.snapshot, view, None, seen.config.written.links.runbooks)
    text = postmortem(told, in_order(traces))
    deliver(text, output)
    return 0
