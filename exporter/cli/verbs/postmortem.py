"""Write a postmortem in Markdown, with timeline, figures and runbooks filled in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.days import read_day
from exporter.cli.look import Look, look
from exporter.cli.options import (
    QUIET_LOGS,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFile,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    new_verb,
)
from exporter.cli.output import deliver
from exporter.errors import UserError
from exporter.gate.incident import find_id, is_incident
from exporter.incidents.incident import Incident
from exporter.incidents.telling import tell
from exporter.model import Partition
from exporter.pipeline.snapshot import PartitionView
from exporter.report.instant import timestamp
from exporter.triage.explain import Json, explain, find_view
from exporter.triage.postmortem import Subject
from exporter.triage.postmortem import postmortem as write_postmortem
from exporter.triage.timeline import Moment, from_answers, from_audit, from_facts, from_reports, in_order

app = new_verb()


@app.command()
def postmortem(
    *,
    partition: Annotated[
        str,
        typer.Argument(
            metavar="PARTITION|INCIDENT", help="A day, YYYY-MM-DD, or the beginning of an incident's id."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="A new file; default: stdout.")
    ] = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = QUIET_LOGS.level,
    log_format: LogFormat = QUIET_LOGS.form,
) -> int:
    """Write a postmortem in Markdown, with timeline, figures and runbooks filled in."""
    day = None if is_incident(partition) else read_day(partition)
    if output is not None and output.exists():  # somebody may have filled it in
        raise UserError(f"--output: {output} is there already")
    seen = look(Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format)))
    deliver(_of_incident(seen, partition) if day is None else _of_day(seen, day), output)
    return 0


def _of_day(seen: Look, day: Partition) -> str:
    view = find_view(seen.snapshot, day)
    folder = seen.places.output
    traces = (*from_facts(view.facts), *from_reports(folder, day), *from_audit(folder, day))
    told = _explained(seen, view)
    return write_postmortem(Subject(f"partition {day}", told["as_of"]), [told], in_order(traces))


def _of_incident(seen: Look, text: str) -> str:
    """Write of all days that an incident touched; of a day that is not judged any more the traces alone."""
    known = {one.id: one for one in seen.snapshot.incidents}
    incident = known[find_id(text, known)]
    views = {view.partition: view for view in seen.snapshot.window if view.partition in incident.days}
    names = _checks(incident, views.values())
    alerts = frozenset(check.alert for check in seen.snapshot.checks if check.name in names) or None
    folder = seen.places.output
    traces = [
        Moment(moment.at, f"{day}: {moment.what}")
        for day in incident.days
        for moment in (
            *(from_facts(views[day].facts) if day in views else ()),
            *from_reports(folder, day, alerts),
            *from_audit(folder, day),
        )
    ]
    said = tell(seen.snapshot.feed, incident)
    about = Subject(
        f"incident {incident.id}, {said.headline}",
        timestamp(seen.snapshot.as_of_ns),
        (" ".join(said.text.splitlines()),),
    )
    days = [_narrowed(_explained(seen, view), names) for view in views.values()]
    return write_postmortem(about, days, in_order([*traces, *from_answers(folder, incident.id)]))


def _explained(seen: Look, view: PartitionView) -> Json:
    return explain(seen.snapshot, view, None, seen.config.written.links.links())


def _checks(incident: Incident, views: Iterable[PartitionView]) -> frozenset[str]:
    """Return the checks that an incident is about, on whichever of its days."""
    key = (incident.name, incident.subject)
    explained = (problem.names for view in views for problem in view.problems if problem.key == key)
    return frozenset(name for names in (*explained, *incident.checks.values()) for name in names)


def _narrowed(told: Json, names: frozenset[str]) -> Json:
    """Leave out the checks in breach that other incidents are about."""
    return told | {"checks": [check for check in told["checks"] if check["check"] in names]}
