"""Every page, in a real browser: accessible, without errors, and without overflow."""

import re
from collections.abc import Iterator

import pytest
from chromium import violations
from places import EXAMPLES, PLACES, Place
from playwright.sync_api import Browser, ConsoleMessage, Page
from shown import Shown, looking

from exporter.pages.known import FEED_PAGES, INDEX_PAGES

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]

SCHEMES = {390: "light", 1280: "dark"}  # by width: each is checked once
OTHERS = (".json", ".txt", ".md")  # files that browsers only download
SHOWN = tuple(place for place in PLACES if not place.path.endswith(OTHERS))
MOST_BYTES = 150_000
UNFOLD = "document.querySelectorAll('details').forEach((box) => { box.open = true; })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(params=SHOWN, ids=lambda place: place.name)
def place(request: pytest.FixtureRequest) -> Place:
    """Provide each page in turn."""
    found: Place = request.param
    return found


@pytest.fixture
def shown(place: Place, request: pytest.FixtureRequest) -> Shown:
    """Provide the exporter that shows it."""
    found: Shown = request.getfixturevalue(place.server)
    return found


@pytest.fixture(params=SCHEMES)
def width(request: pytest.FixtureRequest) -> int:
    """Provide the widths of a phone and of a laptop."""
    found: int = request.param
    return found


def visit(page: Page, shown: Shown, place: Place) -> None:
    """Open a page and expand everything."""
    address = shown.address(place.path)
    answer = page.context.request.get(address)
    assert answer.status == place.status, answer.text()[:500]
    assert answer.headers["content-type"].startswith("text/html")
    page.goto(address)
    page.evaluate(UNFOLD)


def test_every_kind_of_page_has_an_example() -> None:
    """A new page's parameter needs a value, or that page would not be tested."""
    for kind in (*FEED_PAGES, *INDEX_PAGES):
        assert set(re.findall(r"{(\w+)", kind.path)) <= EXAMPLES.keys(), kind.path


def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    chromium: Browser, place: Place, shown: Shown, width: int
) -> None:
    """Light on a phone, dark on a laptop: axe-core's rules hold; wide content scrolls within its own box."""
    scheme = SCHEMES[width]
    window = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    with looking(chromium, shown, **window) as page:
        visit(page, shown, place)
        assert page.evaluate(OVERFLOW) == 0
        assert violations(page) == []


def test_the_browser_complains_of_nothing(chromium: Browser, place: Place, shown: Shown) -> None:
    """No error, no blocked style or script, no missing file, also after a refresh."""
    with looking(chromium, shown) as page:
        said = list[str]()
        page.on("console", lambda message: said.extend(complaint(message, place)))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.clock.install()
        visit(page, shown, place)
        page.clock.run_for(15_000)
        page.wait_for_load_state("networkidle")
        assert said == []


def complaint(message: ConsoleMessage, place: Place) -> Iterator[str]:
    """Yield errors and warnings, except the expected status of a missing page."""
    if message.type in ("error", "warning") and f"status of {place.status}" not in message.text:
        yield message.text


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_is_small(place: Place, shown: Shown) -> None:
    """It loads over a slow connection too, including downloads."""
    status, body = shown.ask(place.path)
    assert status == place.status
    assert len(body.encode()) < MOST_BYTES
