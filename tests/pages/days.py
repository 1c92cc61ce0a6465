"""Small feeds after a pass, for tests of the day pages."""

import threading
from pathlib import Path

from exporter.cli.places import Places
from exporter.cli.wiring import build_refresher
from exporter.config.load import load_config
from exporter.feed import Feed
from exporter.pages.site import Kind, Site, Visit


def look_at(data: Path, feed: Feed, as_of: str, *, follow_outside: bool = False) -> Site:
    """Make one pass over a folder and return the pages' input."""
    config = load_config(None, feed)
    places = Places(data, data / "monitoring")
    refresher = build_refresher(config, places, None, as_of, threading.Event())
    refresher.follow_outside = follow_outside
    outcome = refresher.refresh()
    audit = places.output / "gate_audit.jsonl"
    return Site(outcome.snapshot, refresher.vitals, data, audit, follow_outside=follow_outside)


def show(kind: Kind[Site], site: Site, day: str, **query: str) -> str:
    """Return a page of a day."""
    return kind.make(site, Visit({"day": day}, query)).body.decode()
