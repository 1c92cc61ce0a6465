"""May downstream go on? Exit code 0: open, 3: closed."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from exporter.cli.options import ConfigFile, DataDir, OutputDir
from exporter.discover.listing import list_directory
from exporter.errors import UserError
from exporter.gate.acknowledge import acknowledge
from exporter.gate.audit import AUDIT, AuditLog, Book
from exporter.gate.days import read_days, runs_of_days
from exporter.gate.entry import Acknowledged, Entry, Held, Released
from exporter.gate.flag import gate_document, read_blindness, show_flag
from exporter.gate.gate import SINGLE_LINES, Gate, Status
from exporter.gate.line import as_fields, write_time
from exporter.gate.request import read_answer, read_partition
from exporter.model import NANOSECONDS, Partition, Stage, Stamp

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
        help="Ask about this day alone; closed as well until the exporter has judged its files.",
    ),
]
After = Annotated[
    str | None, typer.Option("--after", metavar="DATE", help="Ask about this day and those behind it.")
]


@app.command()
def status(
    *,
    partition: ForPartition = None,
    after: After = None,
    as_json: Json = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Say whether the gate is open (0) or closed (3), and why, as of the exporter's last pass."""
    where, about = Where(config_file, data_dir, output_dir), About.read(partition, after)
    return _show_status(where, about, as_json=as_json)


@app.command()
def wait(
    *,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="Give up after so long.")
    ] = "2h",
    partition: ForPartition = None,
    after: After = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Wait until the gate is open (0), or until the time is over (3)."""
    where, about = Where(config_file, data_dir, output_dir), About.read(partition, after)
    return _wait_until_open(where, about, timeout)


@app.command()
def ack(
    *,
    partition: Annotated[
        list[str],
        typer.Argument(
            metavar="PARTITION...", help="The days: 2025-03-07, or 2025-03-04..2025-03-08 for several."
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it may go on.")],
    check: Annotated[
        list[str] | None, typer.Option("--check", metavar="NAME", help="Only this check; may be repeated.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="WHEN", help="Does not count after this date or instant.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="include|exclude", help="Whether the day serves as baseline."),
    ] = None,
    content: Annotated[
        str | None,
        typer.Option("--content", metavar="ID", help="Refuse if the day holds anything else by now."),
    ] = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Acknowledge partitions: their holds end, and their alerts."""
    said = {
        "partition": " ".join(partition),
        "by": by,
        "reason": reason,
        "checks": check or None,
        "until": until,
        "baseline": baseline,
        "content": content,
    }
    return _acknowledge(Where(config_file, data_dir, output_dir), said)


@app.command()
def history(
    *,
    as_json: Json = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Print every hold and acknowledgement on record."""
    return _show_history(Where(config_file, data_dir, output_dir), as_json=as_json)


EXIT_CLOSED = 3
POLL_SECONDS = 1.0
STILL_SECONDS = 600.0
REPORT = "monitoring_report.json"
CLOCK_ROUNDING = 0.001  # seconds; the report keeps times as doubles


class Where(NamedTuple):
    """What the command line says of the folders."""

    config_file: Path | None
    data_dir: Path | None
    output_dir: Path | None


class Folders(NamedTuple):
    """The data directory, where it is known, and what the exporter writes."""

    data: Path | None
    output: Path


class About(NamedTuple):
    """Which days are asked about: one, those from one on, or all."""

    day: Partition | None = None
    after: Partition | None = None

    @classmethod
    def read(cls, partition: str | None, after: str | None) -> "About":
        """Read the options. Raises UserError."""
        if partition is not None and after is not None:
            raise UserError("--partition and --after exclude each other")
        return cls(_day(partition), _day(after))

    def covers(self, partition: Partition) -> bool:
        """Tell whether a day is asked about."""
        if self.day is not None:
            return partition == self.day
        return self.after is None or partition >= self.after


class Answer(NamedTuple):
    """What the gate says: the holds on the days asked about, and what else keeps it closed."""

    status: Status
    unjudged: str | None  # why nothing is known of the day
    blocked: tuple[str, ...] = ()  # blocking checks of the day that no hold is on record for

    @property
    def closed(self) -> bool:
        """Whether downstream must wait."""
        return bool(self.reasons)

    @property
    def reasons(self) -> tuple[object, ...]:
        """Everything that keeps it closed; two answers that say the same have equal ones."""
        return (*self.status.holds, *filter(None, [self.unjudged]), *self.blocked)


def _show_status(where: Where, about: About, *, as_json: bool) -> int:
    """Print the gate's state; 0 where it is open, 3 where it is closed."""
    answer = _look(find_folders(where), about)
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
    while (answer := _look(folders, about)).closed:
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
    """Record an acknowledgement of each day that is named and say what it ends."""
    folders = find_folders(where)
    days = read_days(str(said["partition"]).split())
    folder = folders.output
    now = datetime.now(UTC)
    report = _report(folder)
    checks = frozenset(
        alert["check"] for known in report.get("partitions", {}).values() for alert in known["alerts"]
    )
    given = {name: value for name, value in said.items() if value is not None}
    log = AuditLog(folder / AUDIT)
    try:
        for day in days:
            one = read_answer({**given, "partition": day.isoformat()}, now, checks)
            if checks.issuperset(one.acknowledgement.checks):
                _foretell(report, day, one.acknowledgement.checks)
            recorded = acknowledge(log, one, _contents(report), now)
            what = ", ".join(recorded.checks) or "all checks"
            typer.echo(f"{day} acknowledged by {recorded.by}: {what}, content {_short(recorded)}")
        answer = _look(folders, About())
        show_flag(folder, replace(answer.status, blind=read_blindness(folder)))
    except OSError as error:
        raise UserError(f"not recorded: {folder}: {(error.strerror or str(error)).lower()}") from None
    _print(answer)
    return 0


def _foretell(report: Mapping[str, Any], day: Partition, checks: tuple[str, ...]) -> None:
    """Say what an answer for single checks covers as well, and what goes on firing."""
    alerts = {alert["check"]: alert for alert in _alerts(report, day) if alert["state"] != "acknowledged"}
    if not checks:
        return
    explained = {name for check in checks if check in alerts for name in alerts[check]["explains"]}
    covered = sorted(explained & alerts.keys() - set(checks))
    if covered:
        typer.echo(f"{day}: covers {', '.join(covered)} as well, which follow from it")
    rest = [name for name in alerts if name not in {*checks, *covered}]
    if rest:
        typer.echo(f"{day}: not covered, and told of if they fire: {', '.join(rest)}")


def _alerts(report: Mapping[str, Any], day: Partition) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = report.get("partitions", {}).get(day.isoformat(), {}).get("alerts", [])
    return alerts


def _show_history(where: Where, *, as_json: bool) -> int:
    """Print the audit log."""
    book = _read(find_folders(where).output)
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
        from exporter.cli.wiring import find_places  # noqa: PLC0415  loads much; only with a configuration
        from exporter.config.load import load_config  # noqa: PLC0415

        data, output = find_places(load_config(where.config_file), data, None)
    if not (output / AUDIT).exists() and not (output / REPORT).exists():
        raise UserError(f"{output}: no report and no audit log, so nothing is known; has the exporter run?")
    return Folders(data, output)


def _look(folders: Folders, about: About) -> Answer:
    book = _read(folders.output)
    gate = Gate(book.entries, datetime.now(UTC))
    holds = tuple(held for held in gate.holds if about.covers(held.partition))
    report = _report(folders.output) if about.day is not None or holds else {}
    repaired = {
        (hold["partition"], hold["reason"], hold["content"])
        for hold in report.get("gate", {}).get("holds", ())
        if hold["repaired"]
    }
    keys = {held.key for held in holds if (held.partition.isoformat(), *held.key[1:]) in repaired}
    status = Status(holds, frozenset(keys))
    lost = _lost(_report(folders.output), book)
    blind = book.damage or lost or read_blindness(folders.output)
    if blind is not None or about.day is None:
        return Answer(status, blind)
    return Answer(status, _unjudged(report, folders, about.day, gate), _blocked(report, about.day, gate))


def _lost(report: Mapping[str, Any], book: Book) -> str | None:
    """Say which holds the report knows of and the log does not, ``None`` where the log is whole."""
    recorded = {
        (entry.partition.isoformat(), entry.check) for entry in book.entries if isinstance(entry, Held)
    }
    holds = [(hold["partition"], hold["reason"]) for hold in report.get("gate", {}).get("holds", ())]
    lost = [f"{reason} of {day}" for day, reason in holds if (day, reason) not in recorded]
    return f"{AUDIT} has lost {', '.join(lost)}, which the report knows of" if lost else None


def _blocked(report: Mapping[str, Any], day: Partition, gate: Gate) -> tuple[str, ...]:
    """Return the blocking checks of a day that are neither on record as holds nor answered for.

    A day that is not due yet is not on record, and its load waits all the same.
    """
    known = report.get("partitions", {}).get(day.isoformat(), {})
    held = {hold.check for hold in gate.holds if hold.partition == day}
    return tuple(
        alert["check"]
        for alert in _alerts(report, day)
        if alert["blocking"]
        and alert["state"] != "acknowledged"
        and alert["check"] not in held
        and not gate.is_acknowledged((day, alert["check"], known["content"]))
    )


def _unjudged(report: Mapping[str, Any], folders: Folders, day: Partition, gate: Gate) -> str | None:
    """Say why nothing is known of a day, ``None`` where the report is about the files that are there now.

    Of a day that is older than all that are judged only an answer on record counts.
    """
    known = report.get("partitions", {})
    stages = known.get(day.isoformat(), {}).get("stages", {})
    if known and day.isoformat() < min(known):
        begin = f"{day} is older than the days that are judged, which begin on {min(known)}"
        return None if day in gate.contents else f"{begin} (calendar.window_days); run --as-of shows it"
    if not stages.get("raw", {}).get("present"):
        return f"{day} has not been judged yet"
    return None if folders.data is None else _changed(folders.data, day, stages)


def _changed(directory: Path, day: Partition, stages: Mapping[str, Any]) -> str | None:
    """Say which file of a day is not the one that was judged."""
    try:
        files = list_directory(directory).files
    except OSError as error:
        raise UserError(f"{directory}: {(error.strerror or str(error)).lower()}") from None
    if (day, Stage.RAW) not in files:
        return f"{day}: the raw file is not there"
    for (partition, stage), source in files.items():
        if partition == day and not _is_judged(source.stamp, stages.get(stage, {})):
            return f"{day}: the {stage} file has changed and has not been judged yet"
    return None


def _is_judged(stamp: Stamp, stage: Mapping[str, Any]) -> bool:
    moved = abs(stamp.mtime_ns / NANOSECONDS - stage.get("updated_timestamp_seconds", 0)) > CLOCK_ROUNDING
    return not moved and stage.get("size_bytes") == stamp.size


def _read(folder: Path) -> Book:
    try:
        return AuditLog(folder / AUDIT).read()
    except OSError as error:
        raise UserError(f"{folder / AUDIT}: {(error.strerror or str(error)).lower()}") from None


def _report(folder: Path) -> Mapping[str, Any]:
    import orjson  # noqa: PLC0415  only where the report is needed

    try:
        report = orjson.loads((folder / REPORT).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / REPORT}: {error}") from None
    if not _has_shape(report):
        raise UserError(f"{folder / REPORT}: not a report")
    return dict(report)


def _has_shape(report: object) -> bool:
    """Tell whether something is a report as far as the gate reads it."""
    if not isinstance(report, dict):
        return False
    partitions, gate = report.get("partitions", {}), report.get("gate", {})
    return (
        isinstance(partitions, dict)
        and all(isinstance(known, dict) and "alerts" in known for known in partitions.values())
        and isinstance(gate, dict)
        and isinstance(gate.get("holds", []), list)
    )


def _contents(report: Mapping[str, Any]) -> Mapping[Partition, str]:
    return {read_partition(day): known["content"] for day, known in report.get("partitions", {}).items()}


def _seconds(text: str) -> float:
    from exporter.strict import parse_duration  # noqa: PLC0415  loads pydantic

    try:
        return float(text) if text.isdecimal() else float(str(parse_duration(text)))
    except ValueError as error:
        raise UserError(f"--timeout: {error}") from None


def _day(text: str | None) -> Partition | None:
    return None if text is None else read_partition(text)


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
            f"{at} end  {entry.partition} the content {entry.restored} is back, which was there before"
            f" content={','.join(entry.contents)}"
        )
    until = f" until={write_time(entry.until)}" if entry.until else ""
    baseline = f" baseline={entry.baseline}" if entry.baseline else ""
    what = ",".join(entry.checks) or "all"
    return (
        f"{at} ack  {entry.partition} {what} by={entry.by!r} reason={entry.reason!r}{until}{baseline}"
        f" content={_short(entry)}"
    )


def _short(entry: Acknowledged) -> str:
    return ",".join(entry.contents)
