"""An explanation as lines for a terminal or a pipe."""

from collections.abc import Iterator, Sequence
from datetime import date

from rich.text import Text

from exporter.causes.cause import Confidence
from exporter.checks.check import State
from exporter.feed import Table
from exporter.history.detection import Method
from exporter.history.trend import WINDOW_DAYS
from exporter.triage.explain import Json
from exporter.triage.masking import mask_field, mask_row, shown
from exporter.triage.records import Record

STYLES = {"critical": "bold red", "warning": "yellow", "ok": "green"}
TOP_REASONS = 8
MOST_FIELDS = 50  # of a malformed line
SHOWN_WEEKS = 4  # the newest of the relevant ones


def explanation_lines(explanation: Json) -> Iterator[Text]:
    """Yield the lines of an explanation."""
    heading = Text(f"{explanation['partition']}  ", style="bold").append(
        explanation["status"], STYLES[explanation["status"]]
    )
    yield heading.append("" if explanation["alertable"] else f"  ({_quiet(explanation)})", "dim")
    yield from _stages(explanation)
    yield from _problems(explanation)
    if not explanation["checks"]:
        yield Text()
        yield Text("Nothing is wrong with this partition:")
        yield from (_item(f"{name}: {why}") for name, why in explanation["fine"].items())
    elif explanation["fine"]:
        yield Text()
        yield Text(f"{len(explanation['fine'])} other checks are silent.", "dim")
    yield from _reasons(explanation)
    yield from _rows(explanation)


def _problems(explanation: Json) -> Iterator[Text]:
    """Yield each cause with the checks that it explains; then the unexplained checks."""
    left = {check["check"]: check for check in explanation["checks"]}
    for problem in explanation["problems"]:
        if "confidence" in problem:
            yield Text()
            yield from _cause(problem)
        for name in problem["explains"]:
            if (check := left.pop(name, None)) is not None:
                yield Text()
                yield from _check(check)
    for check in left.values():
        yield Text()
        yield from _check(check)


def _cause(problem: Json) -> Iterator[Text]:
    about = f" of {problem['subject']}" if problem["subject"] else ""
    likely = ", probably" if problem["confidence"] == Confidence.LIKELY else ""
    line = Text(f"{problem['severity'].upper():<8} ", STYLES.get(problem["severity"], ""))
    line.append(f"{problem['cause']}{about}: {problem['title']}{likely}", "bold")
    yield line.append("" if problem["state"] == State.FIRING else f"  {problem['state']}", "dim")
    yield _item(f"{problem['seen']} {problem['impact']}")
    evidence = ", ".join(f"{name} {value}" for name, value in problem["evidence"].items() if value != "")
    if evidence:
        yield _item(f"evidence: {evidence}")
    yield _item(f"next: {problem['next_step']}")
    if problem["explains"]:
        yield _item(f"explains {', '.join(problem['explains'])}")


def _stages(explanation: Json) -> Iterator[Text]:
    for stage, known in explanation["stages"].items():
        if not known["present"]:
            yield _item(f"{stage:<8} missing (due {explanation['due_at']})")
            continue
        content = known.get("error") or _counted(known)
        if "missing_columns" in known:
            content += f", lacks {', '.join(known['missing_columns'])}"
        written = "replaced" if "arrived_at" in known else "written"
        since = f", {written} {known['updated_at']}" if "updated_at" in known else ""
        yield _item(f"{stage:<8} {content}, {_arrival(known)}{since}")
        for name, words in (
            ("malformed_lines", "malformed"),
            ("repeated_header_lines", "repeats the header"),
        ):
            if name in known:
                lines = "line" if len(known[name]) == 1 else "lines"
                yield _item(f"{words}: {lines} {', '.join(map(str, known[name]))}", 11)
    if "repaired" in explanation:
        repaired = explanation["repaired"]
        yield _item(f"content replaced, noticed {repaired['repaired_at']}:")
        yield from (_item(f"{when:<6} {_content(repaired[when])}", 4) for when in ("before", "after"))


def _quiet(explanation: Json) -> str:
    """Return why a partition does not alert; both times have the same format, so they compare as text."""
    return (
        f"not due before {explanation['due_at']}"
        if explanation["as_of"] < explanation["due_at"]
        else "no longer alertable"
    )


def _arrival(known: Json) -> str:
    if "arrived_at" not in known:
        return "arrival unknown"
    seen = " by the exporter's clock" if known["arrival_clock"] == "seen" else ""
    return f"arrived {known['arrived_at']}{seen}"


def _content(content: Json) -> str:
    rows = ", ".join(f"{stage} {count:,} rows" for stage, count in content["rows"].items())
    return f"{content['status']}, {rows}; in breach: {', '.join(content['checks']) or 'nothing'}"


def _check(check: Json) -> Iterator[Text]:
    severity = check.get("severity", "ok")
    line = Text(f"{severity.upper():<8} ", STYLES[severity]).append(
        f"{check['check']} ({check['alert']})", "bold"
    )
    yield line.append("" if check["state"] == "firing" else f"  {check['state']}", "dim")
    yield _item(check["why"])
    if "summary" in check:
        yield _item(f"{check['summary']} {check['impact']}")
    if "trend" in check:
        yield from _members(check["trend"])
    if check.get("held"):
        yield _item(check["held"])
    if "resolution" in check:
        yield _item(f"owner {check['owner']}" + (", blocks the load" if check["blocking"] else ""))
        yield from (_item(f"{count}. {step}", 4) for count, step in enumerate(check["resolution"], start=1))
    yield _item(f"runbook {check['runbook_url']}")


def _members(trend: Json) -> Iterator[Text]:
    """Yield a line for each relevant day; a detector's other days are in the JSON."""
    for member in _deciding(trend["members"], Method(trend["judged_by"])):
        value = f"{member['value']:>14,.4f}" if "value" in member else f"{'-':>14}"
        role = "the day itself" if member["lag"] == 0 else "baseline"
        if "excluded" in member and member["lag"]:
            role = f"left out: {member['excluded']}"
        yield _item(f"{member['partition']} {value}  {role}", 4)


def _deciding(members: Sequence[Json], method: Method) -> Iterator[Json]:
    """Yield the day itself and those it is mainly compared with: of its weekday if there are others too."""
    near = [member for member in members if member["lag"] <= SHOWN_WEEKS * WINDOW_DAYS]
    if not method.of_logarithms:
        yield from (member for member in near if member["lag"] <= WINDOW_DAYS)
        return
    days = [date.fromisoformat(member["partition"]).weekday() for member in near]
    alike = [member for member, day in zip(near, days, strict=True) if day == days[0]]
    yield from alike[: SHOWN_WEEKS + 1]


def _reasons(explanation: Json) -> Iterator[Text]:
    evidence = explanation.get("evidence")
    if evidence and not explanation["fine"] and evidence["stage"] != "rejects":
        return  # one check was requested, which is not about rejected rows
    if explanation["reject_reasons"]:
        yield Text()
        yield Text("Reject reasons (a row may have several)")
        for known in explanation["reject_reasons"][:TOP_REASONS]:
            yield _item(f"{known['rows']:>9,}  {known['share']:>6.1%}  {known['reason']}")


def shown_record(record: Record, table: Table, *, unmask: bool) -> Json:
    """Return a record in displayable form: masked unless requested; for a malformed one its fields."""
    explanation: Json = {"line": record.line} | ({"part": shown(record.part)} if record.part else {})
    if record.row is None:
        fields = [shown(cell) if unmask else mask_field(cell) for cell in record.cells]
        return explanation | {
            "fields": fields[:MOST_FIELDS],
            "count": len(fields),
            "expected": record.width,
        }
    row = (
        {column: shown(value) for column, value in record.row.items()}
        if unmask
        else mask_row(record.row, table)
    )
    return explanation | {"row": row}


def _rows(explanation: Json) -> Iterator[Text]:
    evidence = explanation.get("evidence")
    if evidence is None:
        return
    yield Text()
    if not evidence["rows"]:
        yield Text(f"No {evidence['what']} were found in the {evidence['stage']} file.")
        return
    masked = ", personal data masked (--unmask shows it)" if explanation["masked"] else ""
    of = f"{evidence['check']}: " if evidence["check"] else ""
    yield Text(f"{of}{evidence['what']}, from the {evidence['stage']} file{masked}")
    for known in evidence["rows"]:
        yield Text()
        if "row" in known:
            yield _item(_place(known))
            yield from (
                _item(f"{column:<14} {value or '(missing)'}", 4) for column, value in known["row"].items()
            )
        else:
            yield _item(f"{_place(known)}: {known['count']} fields, the header has {known['expected']}")
            yield _item(", ".join(known["fields"]), 4)


def _place(known: Json) -> str:
    return f"line {known['line']}" + (f" of {known['part']}" if "part" in known else "")


def _counted(known: Json) -> str:
    revenue = f", revenue {known['revenue']:,.2f}" if "revenue" in known else ""
    return f"{known['rows']:,} rows{revenue}"


def _item(text: str, indent: int = 2) -> Text:
    return Text(" " * indent + text)
