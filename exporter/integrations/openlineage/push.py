"""From report to a collector or a file: new events, each once."""

import http
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from exporter.checks.check import Check
from exporter.durable import replace_file
from exporter.errors import UserError, reason_of
from exporter.feed import Feed, Owner
from exporter.integrations.delivery import Pushed, RefusedError, UnavailableError
from exporter.integrations.openlineage.events import partition_event
from exporter.integrations.outbox import Item, Outbox, open_outbox
from exporter.integrations.reading import Json, read_report
from exporter.integrations.settings import OpenLineage

PEER = "openlineage"

Emit = Callable[[Mapping[str, Any]], None]


def compose(
    folder: Path, feed: Feed, settings: OpenLineage, checks: Iterable[Check], owner: Owner
) -> list[Item]:
    """Return an event for each partition that has a readable file."""
    checks = tuple(checks)
    events: list[tuple[str, Json]] = [
        (partition, partition_event(feed, partition, document, checks, settings=settings, owner=owner.team))
        for partition, document in sorted(read_report(folder)["partitions"].items())
    ]
    return [Item(f"run {partition}", "events", event) for partition, event in events if event["inputs"]]


def push(folder: Path, feed: Feed, settings: OpenLineage, checks: Iterable[Check], owner: Owner) -> Pushed:
    """Send the events that are new, and those that an earlier push could not. Raises UserError."""
    if settings.url is None and settings.file is None:
        raise UserError("integrations.openlineage: neither url nor file is set")
    items = compose(folder, feed, settings, checks, owner)
    with open_outbox(folder) as outbox:
        outbox.put(PEER, items)
        waiting = outbox.pending(PEER)
        try:
            pushed = _send(outbox, settings, waiting) if waiting else Pushed()
        except UserError:
            outbox.note(PEER, succeeded=False)
            raise
        outbox.note(PEER, succeeded=not pushed.problems)
        return pushed


def _send(outbox: Outbox, settings: OpenLineage, waiting: list[tuple[str, str, Mapping[str, Any]]]) -> Pushed:
    pushed = Pushed()
    if settings.url is not None:
        emit = connect(settings, settings.url)
        taken = [
            (subject, event) for subject, _, event in waiting if _try(emit, subject, event, outbox, pushed)
        ]
    else:
        taken = [(subject, event) for subject, _, event in waiting]
    if settings.file is not None and taken:
        _append(settings.file, [event for _, event in taken])
    for subject, event in taken:
        outbox.accept(PEER, (subject,), event["run"]["runId"])
        pushed.requests += 1
        pushed.events += 1
        pushed.size_bytes += len(orjson.dumps(event))
    pushed.waiting = len(outbox.pending(PEER))
    return pushed


def _try(emit: Emit, subject: str, event: Mapping[str, Any], outbox: Outbox, pushed: Pushed) -> bool:
    if pushed.problems and pushed.waiting:  # the collector does not answer: the next would fail the same way
        return False
    try:
        emit(event)
    except (RefusedError, UnavailableError) as error:
        outbox.refuse(PEER, (subject,), str(error))
        pushed.problems += (f"{subject}: {error}",)
        pushed.waiting += isinstance(error, UnavailableError) or error.everything
        return False
    return True


def connect(settings: OpenLineage, url: str) -> Emit:
    """Return a function that posts one event with the official client."""
    try:
        import requests  # noqa: PLC0415  comes with the client
        from openlineage.client.transport.http import HttpConfig, HttpTransport  # noqa: PLC0415  an extra
    except ImportError:
        raise UserError(
            "the OpenLineage client is not installed: pip install 'puffy-exporter[openlineage]'"
        ) from None
    key = os.environ.get("OPENLINEAGE_API_KEY")
    transport = HttpTransport(
        HttpConfig.from_dict(
            {
                "url": url,
                "timeout": settings.timeout_seconds,
                "auth": {"type": "api_key", "apiKey": key} if key else {},
            }
        )
    )

    emit_json: Callable[[Any], object] = transport.emit  # it takes plain JSON, too

    def emit(event: Mapping[str, Any]) -> None:
        try:
            emit_json(dict(event))
        except requests.HTTPError as error:
            raise _explain(error.response) from None
        except requests.Timeout:
            raise UnavailableError(f"{url} did not answer within {settings.timeout_seconds:g} s") from None
        except requests.RequestException as error:
            raise UnavailableError(f"{url} cannot be reached: {type(error).__name__}") from None

    return emit


def _explain(response: Any) -> UserError:
    status = response.status_code
    line = f"the collector answered {status} {response.reason}"
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or status == http.HTTPStatus.TOO_MANY_REQUESTS:
        return UnavailableError(line)
    return RefusedError(line, everything=status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN})


def _append(path: Path, events: list[Mapping[str, Any]]) -> None:
    """Append lines to a file, atomically even in a crash."""
    lines = b"".join(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in events)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
        replace_file(path, before + lines)
    except OSError as error:
        raise UserError(f"{path}: {reason_of(error)}") from None
