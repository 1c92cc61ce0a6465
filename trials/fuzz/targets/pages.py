"""Requests of any kind to the exporter's own pages, forms and interfaces."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from asking import Asked, ask, examine, printable
from given import Given
from made import DAY, facts, profile
from sites import days_before, make_publication, site_of, snapshot_of
from starlette.applications import Starlette
from target import Target

from exporter.gate.acknowledge import refuse_bad_words
from exporter.gate.incident import incidents_of, touched_by
from exporter.gate.line import as_fields
from exporter.gate.request import read_acknowledgement, read_incident, read_incident_acknowledgement
from exporter.incidents.incident import Incident
from exporter.pages.known import FEED_PAGES
from exporter.report.incidents import incidents_report
from exporter.server.app import create_app
from exporter.server.auth import USER
from exporter.server.control import Reloaded
from exporter.server.publication import Board, Shelf

ANN = {USER: "ann"}
SESSION = ((b"cookie", b"puffy_session=" + b"s" * 43),)
SNAPSHOT = snapshot_of(*days_before(3), facts(DAY, raw=profile(rows=10)))
INCIDENT: Incident = SNAPSHOT.incidents[0]
CHECKS = frozenset({"stage_missing"})
METHODS = ("GET", "GET", "POST", "HEAD", "PUT")
NAMES = (
    b"accept",
    b"accept-encoding",
    b"if-none-match",
    b"origin",
    b"sec-fetch-site",
    b"content-type",
    b"cookie",
    b"x-forwarded-for",
)
DAY_FORM = f"/partitions/{DAY}/acknowledge".encode()
INCIDENT_FORM = f"/incidents/{INCIDENT.id}/acknowledge".encode()
JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"


async def _reload() -> Reloaded:
    return Reloaded()


async def _acknowledge(fields: Mapping[str, object], user: str | None) -> Mapping[str, object]:
    """Validate an acknowledgement as the service does, but record nothing."""
    now = datetime.now(UTC)
    report = incidents_report(SNAPSHOT)
    fields = {**fields, "by": user}
    if "incident" in fields:
        known = incidents_of(report)
        chosen = read_incident(fields, known)
        read_incident_acknowledgement(fields, touched_by(report, known[chosen]))
        return {"incident": chosen}
    said = read_acknowledgement(fields, now, CHECKS).entry
    refuse_bad_words(said, now)
    return as_fields(said)


def _app(folder: Path) -> Starlette:
    site = site_of(SNAPSHOT, directory=folder, audit=folder / "audit.jsonl")
    board = Board()
    board.post(replace(make_publication(), shelf=Shelf(lambda: site)))
    return create_app(board, reload=_reload, acknowledge=_acknowledge, feed=lambda: "events")


FOLDER = TemporaryDirectory()
APP = _app(Path(FOLDER.name))
FOUND = re.search(
    rb'name="token" value="([^"]+)"', ask(APP, Asked("GET", DAY_FORM, b"", SESSION, b"", ANN)).body
)
TOKEN = b"" if FOUND is None else FOUND[1]


def run(data: bytes) -> None:
    """Request a page, or send an acknowledgement."""
    given = Given(data)
    match given.number() % 4:
        case 0:
            examine(ask(APP, _any(given)))
        case 1:
            examine(
                ask(APP, Asked("POST", b"/api/v1/gate/ack", b"", ((b"content-type", JSON),), given.rest, ANN))
            )
        case 2:
            fields = {
                "partition": DAY.isoformat(),
                "by": "Ann",
                "reason": "known",
                "checks": ["a"],
                "until": "2025-04-01",
            }
            body = json.dumps(given.edited(fields)).encode()
            examine(ask(APP, Asked("POST", b"/api/v1/gate/ack", b"", ((b"content-type", JSON),), body, ANN)))
        case _:
            path = given.pick((DAY_FORM, INCIDENT_FORM))
            body = b"token=" + TOKEN + b"&" + given.rest
            examine(ask(APP, Asked("POST", path, b"", (*SESSION, (b"content-type", FORM)), body, ANN)))


def _any(given: Given) -> Asked:
    method, name = given.pick(METHODS), given.pick(NAMES)
    path, _, rest = given.rest.partition(b"\n")
    query, _, rest = rest.partition(b"\n")
    header, _, body = rest.partition(b"\n")
    headers = ((name, printable(header)), *(((b"content-type", FORM),) if method == "POST" else ()))
    return Asked(method, b"/" + path, printable(query), headers, body, ANN)


def _look(path: str, query: str = "", header: str = "") -> bytes:
    return f"\0\0\0{path}\n{query}\n{header}\n".encode()


TARGET = Target(
    name="pages",
    run=run,
    seeds=(
        *(
            _look(path)
            for path in (
                "",
                "incidents/",
                "metrics",
                "-/ready",
                "api/v1/report",
                "runbooks/",
                "feeds/events/",
            )
        ),
        *(_look(kind.path.format(day=DAY, id=INCIDENT.id)) for kind in FEED_PAGES),
        _look("", "days=3&until=2025-03-04&check=a&stage=raw&state=all", "text/html;q=0.1"),
        _look(f"partitions/{DAY}/rows", "check=a&column=b&stage=raw&limit=5"),
        b"\0\2\3\xff\n%ff\nhttp://127.0.0.1:9109\na=b",
        b"\0\0\1\n\ngzip;q=0.5, *;q=0",
        b'\0\0\2\n\nW/"x", *',
        b'\1{"partition": "2025-03-05", "reason": "x", "until": "2025-04-01T00:00:00Z", "content": "x"}',
        b"\2\0\1\4\5",
        b"\3\0reason=known&until=2025-04-01&content=x",
        b"\3\1reason=known&baseline=include&standing=on&until=&new_level=on",
    ),
    words=(
        b"partitions/",
        b"incidents/",
        b"2025-03-05",
        b"feeds/events/",
        b"%2e%2e",
        b"&",
        b"until=",
        b"http://[",
        b"[[[[",
        b"\\ud800",
    ),
    longest=300,
)
