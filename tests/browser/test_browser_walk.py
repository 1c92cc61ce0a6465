"""From the grid to the day, to its incident, to what to do: by mouse, by keyboard, and without scripts."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from places import BAD_DAY, LAST, has
from playwright.sync_api import Browser, Locator, Page, expect
from shown import Shown, looking

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]

DAY, INCIDENT = "partitions/{day}", "incidents/{id}"
needs_day = pytest.mark.skipif(not has(DAY), reason="there is no page of a day")
needs_both = pytest.mark.skipif(not (has(DAY) and has(INCIDENT)), reason="there is no page of an incident")
MOST_TABS = 150
PHONE = {"width": 390, "height": 844}
IN_GRID = "document.activeElement.closest('.grid') !== null"
FOCUSED = "document.activeElement.getAttribute('href')"


@pytest.fixture
def page(chromium: Browser, demo: Shown) -> Iterator[Page]:
    """Open the first page in a laptop-sized window."""
    with looking(chromium, demo) as page:
        page.goto(demo.address("/"))
        yield page


def bad_cell(page: Page) -> Locator:
    """Return the cell with the bad day's problem."""
    return page.locator(f".grid td.c a[href^='partitions/{BAD_DAY}#']").first


def link(page: Page, part: str) -> Locator:
    """Return the first link in the page's content whose address contains a string."""
    return page.locator(f"main a[href*='{part}']").first


def expect_runbook(page: Page) -> None:
    """Expect the runbook, with the section in the address visible."""
    expect(page).to_have_url(re.compile(r"/runbooks/\w+#\w+$"))
    expect(page.locator(f"[id='{page.url.partition('#')[2]}']")).to_be_in_viewport()


@needs_both
def test_clicks_lead_from_a_cell_to_what_is_to_be_done(page: Page) -> None:
    """The cell of a lost column links to its day, which links to the incident, which links to the runbook."""
    bad_cell(page).click()
    expect(page).to_have_url(re.compile(rf"/partitions/{BAD_DAY}#\w+$"))
    link(page, "incidents/").click()
    expect(page).to_have_url(re.compile(r"/incidents/\w+$"))
    link(page, "runbooks/").click()
    expect_runbook(page)


@needs_both
def test_keys_alone_lead_there_too(page: Page) -> None:
    """Tab into the grid, arrows to the day and down to what is wrong, Enter, Tab and Enter."""
    walk_to_the_bad_day(page)
    press_until(page, "ArrowDown", lambda href: f"{BAD_DAY}#" in href)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/partitions/{BAD_DAY}#\w+$"))
    press_until(page, "Tab", lambda href: "incidents/" in href)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/incidents/\w+$"))
    press_until(page, "Tab", lambda href: "runbooks/" in href)
    page.keyboard.press("Enter")
    expect_runbook(page)


def walk_to_the_bad_day(page: Page) -> None:
    """Go to the grid's first day by Tab, and on to the bad one by an arrow key."""
    press_until(page, "Tab", lambda href: "partitions/" in href and page.evaluate(IN_GRID))
    press_until(page, "ArrowRight", lambda href: href.endswith(str(BAD_DAY)))


def press_until(page: Page, key: str, arrived: Callable[[str], bool]) -> None:
    """Press a key until the focus is on a matching link."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        if arrived(page.evaluate(FOCUSED) or ""):
            return
    raise AssertionError(
        f"{key} leads nowhere, at last to {page.evaluate('document.activeElement.outerHTML')}"
    )


def test_the_first_tab_leads_past_the_head(page: Page) -> None:
    """A link visible only then skips to the content."""
    page.keyboard.press("Tab")
    skip = page.get_by_text("Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_arrows_move_about_the_grid(page: Page) -> None:
    """To neighbouring days, down to the next non-empty cell, and back up; never out of the grid."""
    walk_to_the_bad_day(page)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == f"partitions/{LAST}"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == f"partitions/{LAST}"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED).startswith(f"partitions/{BAD_DAY}")
    assert page.evaluate("document.activeElement.closest('td') !== null")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == f"partitions/{BAD_DAY}"


@needs_day
def test_p_and_n_turn_the_days_over(page: Page, demo: Shown) -> None:
    """They go to the day before and after; at the newest day n does nothing."""
    page.goto(demo.address(f"/partitions/{BAD_DAY}"))
    for key, day in (("p", BAD_DAY - timedelta(days=1)), ("n", BAD_DAY), ("n", LAST), ("n", LAST)):
        page.keyboard.press(key)
        expect(page).to_have_url(demo.address(f"/partitions/{day}"))


@needs_both
def test_what_is_typed_turns_no_page_over(chromium: Browser, guarded: Shown) -> None:
    """The letters n and p in a reason are just letters."""
    with looking(chromium, guarded) as page:
        page.goto(guarded.address("/incidents/INCIDENT"))
        address = page.url
        field = page.locator(
            "main form input:not([type=hidden]):not([type=checkbox]), main form textarea"
        ).first
        field.fill("")
        field.press_sequentially("np")
        assert field.input_value() == "np"
        assert page.url == address


@pytest.fixture
def plain_page(chromium: Browser, demo: Shown) -> Iterator[Page]:
    """Open the first page on a phone that runs no scripts."""
    with looking(chromium, demo, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(demo.address("/"))
        yield page


def test_without_scripts_the_grid_begins_at_its_newest_day(plain_page: Page) -> None:
    """On a phone the last column is visible, and the first one needs scrolling."""
    grid = plain_page.locator(".grid").first
    box, newest, oldest = (
        found.bounding_box()
        for found in (grid, grid.locator("thead th").last, grid.locator("thead th:nth-child(2)"))
    )
    assert box
    assert newest
    assert oldest
    assert box["x"] <= newest["x"] < newest["x"] + newest["width"] <= box["x"] + box["width"] + 1
    assert oldest["x"] < box["x"]
    grid.scroll_into_view_if_needed()
    expect(bad_cell(plain_page)).to_be_in_viewport()


def test_without_scripts_the_links_lead_on(plain_page: Page) -> None:
    """To the runbooks, and back to the first page."""
    plain_page.locator("footer a", has_text="Runbooks").click()
    expect(plain_page).to_have_url(re.compile("/runbooks/$"))
    plain_page.locator("nav a").first.click()
    expect(plain_page.locator("h1")).to_contain_text(str(LAST))


@needs_both
def test_without_scripts_a_cell_leads_to_what_is_to_be_done(plain_page: Page) -> None:
    """It works as with scripts."""
    bad_cell(plain_page).click()
    link(plain_page, "incidents/").click()
    link(plain_page, "runbooks/").click()
    expect_runbook(plain_page)
