"""The gate's state and audit log as text."""

from datetime import datetime

import typer

from exporter.gate.answer import Decision
from exporter.gate.days import runs_of_days
from exporter.gate.entry import Acknowledged, Entry, Held, Released, Revoked, StandingAcknowledgement
from exporter.gate.gate import SINGLE_LINES
from exporter.gate.line import write_time


def print_decision(decision: Decision) -> None:
    """Print whether the gate is open, or each reason why it is closed and how to release it."""
    if not decision.closed:
        typer.echo("open")
        return
    typer.echo("closed")
    for check, holds in decision.status.group():
        partitions = {held.partition for held in holds}
        if len(partitions) > SINGLE_LINES:
            typer.echo(f"  {check} on {len(partitions)} days: {', '.join(runs_of_days(partitions))}")
            continue
        for held in holds:
            repaired = ", repaired since" if held.key in decision.status.repaired else ""
            typer.echo(
                f"  {held.partition} {held.check} since {write_time(to_the_second(held.at))}"
                f" (content {held.content}{repaired})"
            )
    for check in decision.blocked:
        typer.echo(f"  {check} blocks the day")
    if decision.unjudged is not None:
        typer.echo(f"  {decision.unjudged}")
    if decision.status.holds:
        days = " ".join(runs_of_days(held.partition for held in decision.status.holds))
        typer.echo(f"to release: puffy-exporter gate ack {days} --by NAME --reason TEXT")


def line_of(entry: Entry) -> str:
    """Return one entry of the audit log as a line."""
    at = write_time(to_the_second(entry.at))
    if isinstance(entry, Held):
        figures = f"value={entry.value:.10g} limit={entry.limit:.10g}"
        return f"{at} hold {entry.partition} {entry.check} {figures} content={entry.content}"
    if isinstance(entry, Released):
        return (
            f"{at} end  {entry.partition} the earlier content {entry.restored} is back"
            f" content={','.join(entry.contents)}"
        )
    if isinstance(entry, Revoked):
        return f"{at} end  {entry.incident} standing acknowledgement by={entry.by!r} reason={entry.reason!r}"
    until = f" until={write_time(to_the_second(entry.until))}" if entry.until else ""
    if isinstance(entry, StandingAcknowledgement):
        subject = f" {entry.subject}" if entry.subject else ""
        return (
            f"{at} stand {entry.incident} {entry.cause}{subject} up to {entry.severity}"
            f" by={entry.by!r} reason={entry.reason!r} after={entry.after}{until}"
        )
    incident = f" incident={entry.incident}" if entry.incident else ""
    baseline = f" baseline={entry.baseline}" if entry.baseline else ""
    baseline += f" new_level={entry.new_level}" if entry.new_level else ""
    what = ",".join(entry.checks) or "all"
    return (
        f"{at} ack  {entry.partition} {what} by={entry.by!r} reason={entry.reason!r}{until}{baseline}"
        f" content={contents_shown(entry)}{incident}"
    )


def contents_shown(entry: Acknowledged) -> str:
    """Return the acknowledged contents."""
    return ",".join(entry.contents)


def to_the_second(moment: datetime) -> datetime:
    """Drop fractions of a second."""
    return moment.replace(microsecond=0)
