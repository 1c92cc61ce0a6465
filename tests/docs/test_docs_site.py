"""The documentation as a site: every page has its place, in reading order.

`make docs` checks that it can be built, without broken links and anchors.
"""

from collections.abc import Iterator
from typing import Any

import yaml
from golden import ROOT

SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
PARTS = (
    "Start",
    "Your own feed",
    "What is checked",
    "When you are woken",
    "Running it",
    "Reference",
    "Inside",
)


def places(nav: Any) -> Iterator[str]:
    """Yield every page in a part of the navigation."""
    if isinstance(nav, str):
        yield nav
        return
    for entry in nav.values() if isinstance(nav, dict) else nav:
        yield from places(entry)


def test_the_parts_come_as_a_reader_needs_them() -> None:
    """From first steps to internals."""
    assert tuple(part for entry in SITE["nav"] for part in entry) == PARTS


def test_every_page_has_one_place() -> None:
    """Those in docs/, the runbooks, and those at the top of the repository."""
    wanted = {
        "index.md",
        *(path.name.lower() for path in ROOT.glob("*.md") if path.name != "README.md"),
        *(path.name for path in (ROOT / "docs").glob("*.md")),
        *(f"runbooks/{path.name}" for path in (ROOT / "exporter" / "runbooks").glob("*.md")),
    }
    found = list(places(SITE["nav"]))
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_what_leads_nowhere_is_an_error() -> None:
    """Every kind of broken link; `--quiet` would not even count them."""
    assert set(SITE["validation"]["links"].values()) == {"warn"}
    assert set(SITE["validation"]["nav"].values()) == {"warn"}
    (command,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if "mkdocs build" in line]
    assert command.endswith("mkdocs build --strict")


def test_nothing_is_fetched_from_anybody_elses_server() -> None:
    """Fonts are the reader's own; search is an index next to the pages."""
    assert SITE["theme"]["font"] is False
    assert SITE["plugins"] == ["search"]
    schemes = [entry.get("scheme") for entry in SITE["theme"]["palette"]]
    assert schemes == [None, "default", "slate"]
