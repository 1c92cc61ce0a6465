"""From report to Monte Carlo: queue what is new, send what waits, record the results."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from exporter.errors import UserError
from exporter.feed import Feed, Owner
from exporter.integrations.delivery import Pushed, RefusedError, UnavailableError
from exporter.integrations.montecarlo.assets import count_rows
from exporter.integrations.montecarlo.client import Post, connect
from exporter.integrations.montecarlo.messages import Batch, batches, compose
from exporter.integrations.outbox import Item, Outbox, open_outbox, read_outbox
from exporter.integrations.reading import Json, read_report
from exporter.integrations.settings import MonteCarlo, read_credentials

PEER = "montecarlo"


def preview(folder: Path, feed: Feed, settings: MonteCarlo, owner: Owner) -> Iterator[Batch]:
    """Yield every request of a first push; nothing is written or sent."""
    report = read_report(folder)
    counted = read_outbox(folder, Outbox.ledger, {}) | count_rows(report)
    items = compose(report, feed, settings, counted, owner=owner.team, contact=owner.contact)
    waiting = sorted((item.subject, item.channel, item.event) for item in items)  # in the outbox's order
    yield from batches(waiting, settings)


def push(folder: Path, feed: Feed, settings: MonteCarlo, owner: Owner) -> Pushed:
    """Send what is new in the report, and what an earlier push could not. Raises UserError.

    Queued messages stay queued until they are accepted or replaced by newer ones.
    """
    if settings.resource_uuid is None:
        raise UserError("integrations.montecarlo.resource_uuid: not set; copy it from Monte Carlo")
    report = read_report(folder)
    with open_outbox(folder) as outbox:
        try:
            _queue(outbox, report, feed, settings, owner)
            if not outbox.pending(PEER):
                outbox.note(PEER, succeeded=True)
                return Pushed()
            pushed = _send(outbox, settings, connect(settings, read_credentials(settings.credentials_file)))
        except UserError:
            outbox.note(PEER, succeeded=False)
            raise
        outbox.note(PEER, succeeded=not pushed.problems)
        return pushed


def _queue(outbox: Outbox, report: Json, feed: Feed, settings: MonteCarlo, owner: Owner) -> None:
    outbox.remember(count_rows(report))
    items: list[Item] = compose(
        report, feed, settings, outbox.ledger(), owner=owner.team, contact=owner.contact
    )
    outbox.put(PEER, items)


def _send(outbox: Outbox, settings: MonteCarlo, post: Post) -> Pushed:
    pushed = Pushed()
    for batch in list(batches(outbox.pending(PEER), settings)):
        try:
            invocation = post(batch.path, batch.body)
        except (RefusedError, UnavailableError) as error:
            outbox.refuse(PEER, batch.subjects, str(error))
            pushed.problems += (f"{batch.path}: {error}",)
            if isinstance(error, UnavailableError) or error.everything:
                break  # the next request would fail the same way
            continue
        outbox.accept(PEER, batch.subjects, invocation)
        pushed.requests += 1
        pushed.events += len(batch.subjects)
        pushed.size_bytes += len(orjson.dumps(batch.body))
    pushed.waiting = len(outbox.pending(PEER))
    return pushed
