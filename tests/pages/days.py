"""Small feeds after a pass, for tests of the day pages."""

import threading
from pathlib import Path

from exporter.cli.places import Places
from exporter.cli.wiring import build_refresher
from exporter.config.load import load_config
from exporter.feed import Feed
from exporter.pages.site import Kind, Site, Visit


def look_at(data: Path, feed: Feed, as_of: str) -> Site:
    """Make one pass over a folder and return the pages' input."""
    config = load_config(None, feed)
    places = Places(data, data / "monitoring")
    refresher = build_refresher(config, places, None, as_of, threading.Event())
    outcome = refresher.refresh()
    return Site(outcome.snapshot, refresher.vitals, data, places.output / "gate_audit.jsonl")


def show(kind: Kind[Site], site: Site, day: str, **query: str) -> str:
    """Return a page of a day."""
    return kind.make(site, Visit({"day": day}, query)).body.decode()
