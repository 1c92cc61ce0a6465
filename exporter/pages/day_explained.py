"""A day's explanation as text to copy, and as JSON for programs."""

from exporter.model import Partition
from exporter.pages.day_figures import samples_of
from exporter.pages.site import Document, Kind, NotFoundError, Site, Visit
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.report.render import encode
from exporter.triage.explain import Json, explain

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


def find_day(snapshot: Snapshot, written: str) -> PartitionView:
    """Return the day in an address. Raises NotFoundError, which names the available days."""
    window = snapshot.window
    if not window:
        raise NotFoundError(snapshot.blind or "There is no day yet.")
    reach = f"The judged days run from {window[0].partition} to {window[-1].partition}."
    try:
        day = Partition.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.isoformat() != written:
        raise NotFoundError(f"{written!r} is not a date such as 2025-03-09. {reach}")
    for view in window:
        if view.partition == day:
            return view
    if not window[0].partition < day < window[-1].partition:
        raise NotFoundError(f"{day} is not one of the judged days. {reach}")
    before = max(view.partition for view in window if view.partition < day)
    after = min(view.partition for view in window if view.partition > day)
    raise NotFoundError(f"The feed has no {day}; its neighbours are {before} and {after}. {reach}")


def explained(site: Site, view: PartitionView) -> Json:
    """Return the explanation of a day, as ``puffy-exporter explain`` does, without rows."""
    return explain(site.snapshot, view, None, site.links)


def text_of(explanation: Json) -> str:
    """Format an explanation as ``puffy-exporter explain`` does."""
    from exporter.triage.text import explanation_lines  # noqa: PLC0415  rich takes 50 ms; few ask

    return "".join(f"{line.plain}\n" for line in explanation_lines(explanation))


def _make_text(site: Site, visit: Visit) -> Document:
    view = find_day(site.snapshot, visit.values["day"])
    return Document(text_of(explained(site, view)).encode("utf-8", "replace"), TEXT)


def _make_json(site: Site, visit: Visit) -> Document:
    view = find_day(site.snapshot, visit.values["day"])
    return Document(encode({**explained(site, view), "figures": samples_of(view)}), JSON)


TEXT_PAGE: Kind[Site] = Kind("partitions/{day}/explain.txt", _make_text)
JSON_PAGE: Kind[Site] = Kind("partitions/{day}.json", _make_json)
