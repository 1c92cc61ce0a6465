"""Acknowledging a held day, including one repaired since, which is in no incident any more."""

from collections.abc import Mapping

from exporter.links import PARTITIONS
from exporter.model import Partition
from exporter.pages.answer import Asking, Form, Values, read_words
from exporter.pages.html import render
from exporter.pages.site import Document, Kind, NotFoundError, Site, Visit, read_day


def _make(site: Site, visit: Visit) -> Document:
    day = read_day(visit.values["day"])
    view = next((view for view in site.snapshot.window if view.partition == day), None)
    holds = tuple(held for held in site.snapshot.gate.holds if held.partition == day)
    if view is None and not holds:
        raise NotFoundError(f"{day} is not one of the judged days, and is not held")
    here = PAGE.here
    return Document(
        render(
            "day_answer.html",
            site=site,
            here=here,
            root=here + site.root,
            day=day,
            judged=view is not None,
            holds=holds,
            problems=() if view is None else tuple(view.words[problem.key] for problem in view.problems),
            asking=asking_of_day(site, visit, day, here),
        )
    )


def asking_of_day(site: Site, visit: Visit, day: Partition, here: str) -> Asking:
    """Return the form for acknowledging a day, for any page; ``here`` leads from it to the folder."""
    contents = {view.partition: view.facts.content for view in site.snapshot.window}
    return Asking.of(
        site,
        visit,
        action=f"{here}{PARTITIONS}/{day}/acknowledge",
        name=day.isoformat(),
        content=contents.get(day, ""),
    )


def _read(values: Values, typed: Values) -> Mapping[str, object]:
    fields: dict[str, object] = {"partition": values["day"], **read_words(typed)}
    # A person who reviewed a day before its files changed has not seen what would be released.
    return fields | ({"content": typed["content"]} if typed.get("content") else {})


PAGE: Kind[Site] = Kind("partitions/{day}/acknowledge", _make, is_personal=True)
FORM = Form(PAGE.path, PAGE, _read)
