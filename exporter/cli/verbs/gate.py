"""Check whether downstream may load; exit code 0: open, 3: closed."""

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from exporter.cli.options import ConfigFile, DataDir, FeedFile, OutputDir
from exporter.errors import UserError
from exporter.feed import Feed
from exporter.gate.acknowledge import acknowledge
from exporter.gate.answer import (
    REPORT,
    About,
    Answer,
    Folders,
    alerts_of,
    ask,
    contents_of,
    read_book,
    read_report,
)
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.days import read_days, runs_of_days
from exporter.gate.entry import Acknowledged, Entry, Held, Released, Revoked, StandingAnswer
from exporter.gate.flag import gate_document, show_flag
from exporter.gate.gate import SINGLE_LINES, Gate
from exporter.gate.incident import acknowledge_incident, find_id, incidents_of, is_incident, touched_by
from exporter.gate.incident import revoke as revoke_answer
from exporter.gate.line import as_fields, write_time
from exporter.gate.request import read_answer, read_incident_answer
from exporter.model import Partition

EXIT_CLOSED = 3
POLL_SECONDS = 1.0
STILL_SECONDS = 600.0

app = typer.Typer(
    add_completion=False,
    help=__doc__,
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ForPartition = Annotated[
    str | None,
    typer.Option(
        "--partition",
        metavar="DATE",
        help="Only this day; closed also until the exporter has judged its files.",
    ),
]
After = Annotated[str | None, typer.Option("--after", metavar="DATE", help="This day and later ones.")]


@app.command()
def status(
    *,
    partition: ForPartition = None,
    after: After = None,
    as_json: Json = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Say whether the gate is open (0) or closed (3), and why, as of the exporter's last pass."""
    where, about = Where(config_file, feed_file, data_dir, output_dir), About.read(partition, after)
    return _show_status(where, about, as_json=as_json)


@app.command()
def wait(
    *,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="Give up after this time.")
    ] = "2h",
    partition: ForPartition = None,
    after: After = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Wait until the gate is open (0), or until the timeout expires (3)."""
    where, about = Where(config_file, feed_file, data_dir, output_dir), About.read(partition, after)
    return _wait_until_open(where, about, timeout)


@app.command()
def ack(
    *,
    partition: Annotated[
        list[str],
        typer.Argument(
            metavar="PARTITION|INCIDENT...",
            help="Days, 2025-03-07 or 2025-03-04..2025-03-08; ids of incidents, or their beginnings.",
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Your name, for the record.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The reason, for the record.")],
    check: Annotated[
        list[str] | None, typer.Option("--check", metavar="NAME", help="Only this check; may be repeated.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="WHEN", help="Expires after this date or instant.")
    ] = None,
    standing: Annotated[
        bool,
        typer.Option(
            "--standing",
            help="Acknowledge the incident's later days too, until --until, by default for 30 days.",
        ),
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="include|exclude", help="Whether the day is in the baseline."),
    ] = None,
    new_level: Annotated[
        bool,
        typer.Option("--new-level", help="The level is permanent: later days are compared with it."),
    ] = False,
    content: Annotated[
        str | None,
        typer.Option("--content", metavar="ID", help="Refuse if the day's content has changed since."),
    ] = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Acknowledge partitions, or an incident's bad days: this ends their holds and alerts."""
    said = {
        "partition": " ".join(partition),
        "by": by,
        "reason": reason,
        "checks": check or None,
        "until": until,
        "standing": standing or None,
        "baseline": baseline,
        "content": content,
        "new_level": new_level or None,
    }
    return _acknowledge(Where(config_file, feed_file, data_dir, output_dir), said)


@app.command()
def revoke(
    *,
    incident: Annotated[
        str, typer.Argument(metavar="INCIDENT", help="The incident whose later days are acknowledged.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who ends it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """End a standing acknowledgement: later days are held again, released ones stay released."""
    return _revoke(Where(config_file, feed_file, data_dir, output_dir), incident, by, reason)


@app.command()
def history(
    *,
    as_json: Json = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Print every hold, its end, and every acknowledgement on record."""
    return _show_history(Where(config_file, feed_file, data_dir, output_dir), as_json=as_json)


class Where(NamedTuple):
    """What the command line says of the folders."""

    config_file: Path | None
    feed_file: Path | None
    data_dir: Path | None
    output_dir: Path | None


def _show_status(where: Where, about: About, *, as_json: bool) -> int:
    """Print the gate's state; 0 where it is open, 3 where it is closed."""
    answer = ask(find_folders(where), about)
    if as_json:
        document = gate_document(answer.status) | {
            "closed": answer.closed,
            "unjudged": answer.unjudged,
            "blocked": list(answer.blocked),
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        _print(answer)
    return EXIT_CLOSED if answer.closed else 0


def _wait_until_open(where: Where, about: About, timeout: str) -> int:
    """Wait until the gate is open; 3 where that takes too long. Says now and then that it still waits."""
    folders = find_folders(where)
    begun = time.monotonic()
    deadline, said_at = begun + _seconds(timeout), begun
    said: Answer | None = None
    while (answer := ask(folders, about)).closed:
        now = time.monotonic()
        if said is None or said.reasons != answer.reasons:
            _print(answer)
            said, said_at = answer, now
        elif now - said_at >= STILL_SECONDS:
            typer.echo(f"still waiting after {round((now - begun) / 60)} minutes")
            said_at = now
        rest = deadline - now
        if rest <= 0:
            typer.echo(f"still closed after {timeout}", err=True)
            return EXIT_CLOSED
        time.sleep(min(POLL_SECONDS, rest))
    typer.echo("open")
    return 0


def _acknowledge(where: Where, said: Mapping[str, object]) -> int:
    """Record an acknowledgement of each day and incident that is named and say what it ends."""
    folders = find_folders(where)
    words = str(said["partition"]).split()
    days = read_days([word for word in words if not is_incident(word)])
    folder = folders.output
    now = datetime.now(UTC)
    report = read_report(folder)
    checks = frozenset(
        alert["check"] for known in report.get("partitions", {}).values() for alert in known["alerts"]
    )
    given = {name: value for name, value in said.items() if value is not None}
    incidents = incidents_of(report)
    ids = [find_id(word, incidents) for word in words if is_incident(word)]
    _refuse_mixed(given, ids)
    log = AuditLog(folder / AUDIT)
    try:
        for known in dict.fromkeys(ids):
            _acknowledge_incident(log, report, incidents[known], given, now)
        for day in days:
            of_day = {name: value for name, value in given.items() if name != "standing"}
            one = read_answer({**of_day, "partition": day.isoformat()}, now, checks)
            if checks.issuperset(one.acknowledgement.checks):
                _foretell(report, day, one.acknowledgement.checks)
            recorded = acknowledge(log, one, contents_of(report), now)
            what = ", ".join(recorded.checks) or "all checks"
            typer.echo(f"{day} acknowledged by {recorded.by}: {what}, content {_short(recorded)}")
        answer = ask(folders, About())
        show_flag(folder, replace(answer.status, blind=answer.unjudged))
    except OSError as error:
        raise UserError(f"not recorded: {folder}: {(error.strerror or str(error)).lower()}") from None
    _print(answer)
    return 0


def _refuse_mixed(given: Mapping[str, object], ids: Sequence[str]) -> None:
    """Refuse options that say nothing of what is named."""
    if "standing" in given and not ids:
        raise UserError("--standing: only for an incident, as it covers later days")
    for name, option in (("checks", "--check"), ("content", "--content")):
        if name in given and ids:
            raise UserError(f"{option}: not with an incident, which has its own; acknowledge the days")


def _acknowledge_incident(
    log: AuditLog,
    report: Mapping[str, Any],
    incident: Mapping[str, Any],
    given: Mapping[str, object],
    now: datetime,
) -> None:
    """Record an answer for an incident; say what it covers of its days, and what of them it does not."""
    touched = touched_by(report, incident)
    fields = {name: value for name, value in given.items() if name != "partition"}
    answer = read_incident_answer(fields | {"incident": touched.id}, touched)
    recorded = acknowledge_incident(log, answer, contents_of(report), now)
    typer.echo(f"incident {touched.id} ({touched.severity}): {incident['headline']}")
    covered: defaultdict[tuple[str, ...], list[Partition]] = defaultdict(list)
    rest: defaultdict[tuple[str, ...], list[Partition]] = defaultdict(list)
    for day, names in touched.days.items():
        follows, others = _reach(report, day, names)
        covered[*names, *follows].append(day)
        if others:
            rest[tuple(others)].append(day)
    for names, days in covered.items():
        typer.echo(f"{' '.join(runs_of_days(days))}: covers {', '.join(names)}")
    for names, days in rest.items():
        typer.echo(
            f"{' '.join(runs_of_days(days))}: not covered, and reported if they fire: {', '.join(names)}"
        )
    for entry in recorded:
        if isinstance(entry, StandingAnswer):
            typer.echo(
                f"later days are acknowledged until {write_time(_to_the_second(entry.until))},"
                f" if they are no worse than {entry.severity};"
                f" to end that: puffy-exporter gate revoke {entry.incident} --by NAME --reason TEXT"
            )
        else:
            typer.echo(f"{entry.partition} acknowledged by {entry.by}: content {_short(entry) or 'unknown'}")
    standing = Gate(log.read().entries, now).standing_answers
    if touched.id not in {answer.incident for answer in standing}:
        typer.echo("its later days need an acknowledgement of their own; --standing covers them too")


def _revoke(where: Where, incident: str, by: str, reason: str) -> int:
    """Record the end of a standing answer."""
    folder = find_folders(where).output
    try:
        log = AuditLog(folder / AUDIT)
        ended = revoke_answer(log, incident, by.strip(), reason.strip(), datetime.now(UTC))
    except OSError as error:
        raise UserError(f"not recorded: {folder}: {(error.strerror or str(error)).lower()}") from None
    subject = f" of {ended.subject}" if ended.subject else ""
    typer.echo(
        f"the acknowledgement by {ended.by} for incident {ended.incident} ({ended.cause}{subject}) has ended:"
        " its next day needs a new one"
    )
    return 0


def _foretell(report: Mapping[str, Any], day: Partition, checks: tuple[str, ...]) -> None:
    """Say what an answer for single checks covers as well, and what goes on firing."""
    if not checks:
        return
    covered, rest = _reach(report, day, checks)
    if covered:
        typer.echo(f"{day}: covers {', '.join(covered)} as well, which follow from it")
    if rest:
        typer.echo(f"{day}: not covered, and reported if they fire: {', '.join(rest)}")


def _reach(report: Mapping[str, Any], day: Partition, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the breaches of a day that follow from those that are named, and those that do not."""
    alerts = {alert["check"]: alert for alert in alerts_of(report, day) if alert["state"] != "acknowledged"}
    explained = {name for check in names if check in alerts for name in alerts[check]["explains"]}
    covered = sorted(explained & alerts.keys() - set(names))
    return covered, [name for name in alerts if name not in {*names, *covered}]


def _show_history(where: Where, *, as_json: bool) -> int:
    """Print the audit log."""
    book = read_book(find_folders(where).output)
    if as_json:
        typer.echo(json.dumps([as_fields(entry) for entry in book.entries], indent=2))
    else:
        for entry in book.entries:
            typer.echo(_line(entry))
    if book.broken:
        typer.echo(f"{book.broken} lines cannot be read", err=True)
    return 0


def find_folders(where: Where) -> Folders:
    """Return where the exporter writes and reads. Raises UserError where it has never run."""
    data, output = where.data_dir, where.output_dir
    if output is None and data is not None and where.config_file is None:
        output = data / "monitoring"
    if output is None:
        from exporter.cli.feeds import read_config  # noqa: PLC0415  loads much; only with a configuration
        from exporter.cli.wiring import find_places  # noqa: PLC0415

        data, output = find_places(read_config(where.config_file, where.feed_file), data, None)
    if not (output / AUDIT).exists() and not (output / REPORT).exists():
        raise UserError(f"{output}: no report and no audit log; has the exporter run?")
    return Folders(data, output, lambda: _feed(where.feed_file))


def _feed(path: Path | None) -> Feed:
    from exporter.cli.feeds import read_feed  # noqa: PLC0415  loads much; only where files are looked at

    return read_feed(path)


def _seconds(text: str) -> float:
    from exporter.strict import parse_duration  # noqa: PLC0415  loads pydantic

    try:
        return float(text) if text.isdecimal() else float(str(parse_duration(text)))
    except ValueError as error:
        raise UserError(f"--timeout: {error}") from None


def _print(answer: Answer) -> None:
    if not answer.closed:
        typer.echo("open")
        return
    typer.echo("closed")
    for check, holds in answer.status.group():
        partitions = {held.partition for held in holds}
        if len(partitions) > SINGLE_LINES:
            typer.echo(f"  {check} on {len(partitions)} days: {', '.join(runs_of_days(partitions))}")
            continue
        for held in holds:
            repaired = ", repaired since" if held.key in answer.status.repaired else ""
            typer.echo(
                f"  {held.partition} {held.check} since {write_time(_to_the_second(held.at))}"
                f" (content {held.content}{repaired})"
            )
    for check in answer.blocked:
        typer.echo(f"  {check} blocks the day")
    if answer.unjudged is not None:
        typer.echo(f"  {answer.unjudged}")
    if answer.status.holds:
        days = " ".join(runs_of_days(held.partition for held in answer.status.holds))
        typer.echo(f"to release: puffy-exporter gate ack {days} --by NAME --reason TEXT")


def _to_the_second(moment: datetime) -> datetime:
    """Leave the fractions of a second out."""
    return moment.replace(microsecond=0)


def _line(entry: Entry) -> str:
    at = write_time(_to_the_second(entry.at))
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
    until = f" until={write_time(_to_the_second(entry.until))}" if entry.until else ""
    if isinstance(entry, StandingAnswer):
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
        f" content={_short(entry)}{incident}"
    )


def _short(entry: Acknowledged) -> str:
    return ",".join(entry.contents)
