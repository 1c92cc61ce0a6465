"""An open page shows what has changed without moving for the reader."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from places import BAD_DAY, NEXT, has
from playwright.sync_api import Browser, Page, Route, expect
from prometheus_server import free_port
from running import Exporter, until
from shown import Shown, looking

from exporter.demo.days import write_day

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]

A_WHILE = 10_500  # ms: a little more than the pages' refresh interval
LATER = datetime(NEXT.year, NEXT.month, NEXT.day, 6, 30, tzinfo=UTC) + timedelta(days=1)
LATE = "is missing and past due"
HEADING = "Every check, day by day"
# What a person reading the second grid sees.
BEFORE_THE_EYES = """() => {
  const headings = [...document.querySelectorAll("h2")];
  const heading = headings.find((one) => one.textContent === "Every check, day by day");
  const grid = heading.closest("section").querySelector(".grid");
  const { activeElement } = document;
  return {
    top: Math.round(heading.getBoundingClientRect().top),
    left: grid.scrollLeft,
    focus: grid.contains(activeElement) && activeElement.getAttribute("href"),
    loaded: window.loaded,
  };
}"""


@pytest.fixture
def late(days: Path, tmp_path: Path) -> Iterator[Shown]:
    """Run an exporter that misses the newest day's file."""
    shutil.copytree(days, tmp_path / "data")
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.2, rescan_seconds: 2}\n")
    with Exporter(tmp_path, "--as-of", f"{LATER:%Y-%m-%dT%H:%M:%SZ}") as exporter:
        yield Shown(exporter)


def test_a_file_that_arrives_changes_the_page_and_moves_nothing(chromium: Browser, late: Shown) -> None:
    """The verdict has changed without a reload; focus and scroll positions are as before."""
    with looking(chromium, late, viewport={"width": 600, "height": 900}) as page:
        page.clock.install()
        page.goto(late.address("/"))
        expect(page.locator("h1")).to_contain_text(LATE)
        before = settle_down(page)
        assert before["focus"] == f"partitions/{BAD_DAY}"
        assert before["left"] != 0

        write_day(late.exporter.folder / "data", NEXT, arrival=LATER - timedelta(minutes=45))
        assert until(lambda: LATE not in late.ask("/")[1].partition("</section>")[0], 40)
        page.clock.run_for(A_WHILE)
        expect(page.locator("h1")).not_to_contain_text(LATE)
        assert page.evaluate(BEFORE_THE_EYES) == before


def settle_down(page: Page) -> dict[str, object]:
    """Scroll to the second grid and back in it, focus one of its days; return what is visible."""
    page.evaluate("window.loaded = 'once'")
    section = page.locator("section", has=page.get_by_role("heading", name=HEADING))
    section.scroll_into_view_if_needed()
    section.locator(f"thead a[href='partitions/{BAD_DAY}']").focus()
    section.locator(".grid").evaluate("grid => { grid.scrollLeft = -60; }")
    before: dict[str, object] = page.evaluate(BEFORE_THE_EYES)
    return before


def test_a_page_that_has_not_changed_is_left_alone(chromium: Browser, demo: Shown) -> None:
    """It checks for changes, and all elements stay the same."""
    with looking(chromium, demo) as page:
        page.clock.install()
        page.goto(demo.address("/"))
        page.evaluate("document.querySelector('main').dataset.mark = 'mine'")
        for status in (200, 304):
            with page.expect_response(demo.address("/")) as asked:
                page.clock.run_for(A_WHILE)
            assert asked.value.status == status
        assert page.locator("main").get_attribute("data-mark") == "mine"


def test_a_waiting_page_becomes_the_first_page(chromium: Browser, days: Path, tmp_path: Path) -> None:
    """Once the data directory exists, without any action."""
    (tmp_path / "puffy.yml").write_text("")
    address = f"127.0.0.1:{free_port()}"  # it is released and bound again
    with Exporter(tmp_path, "--web.listen-address", address, begun=[503]) as exporter:
        shown = Shown(exporter)
        with looking(chromium, shown) as page:
            page.clock.install()
            page.goto(shown.address("/"))
            expect(page.locator("h1")).to_have_text("Nothing to show yet")
            (tmp_path / "data").symlink_to(days)
            assert until(lambda: listens_again(shown), 40), exporter.said()
            page.clock.run_for(A_WHILE)
            expect(page.locator("h1")).not_to_have_text("Nothing to show yet")


def listens_again(shown: Shown) -> bool:
    """Return whether there is something to show; for a moment in between nothing listens."""
    try:
        return shown.ask("/-/ready")[0] == 200
    except OSError:
        return False


@pytest.mark.skipif(not has("partitions/{day}"), reason="there is no page of a day")
def test_what_is_unfolded_stays_unfolded(chromium: Browser, demo: Shown) -> None:
    """The silent checks of a day do not collapse while they are being read."""
    with looking(chromium, demo) as page:
        page.clock.install()
        page.goto(demo.address(f"/partitions/{BAD_DAY}"))
        summary = page.locator("summary").first
        summary.click()
        page.route(page.url, add_a_word)
        page.clock.run_for(A_WHILE)
        expect(page.locator("main")).to_contain_text("another word")
        assert page.locator("details").first.evaluate("box => box.open")
        expect(summary).to_be_focused()


def add_a_word(route: Route) -> None:
    """Respond with the page plus a word, like a changed page."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("</main>", "<p>another word</p></main>"))


@pytest.mark.skipif(not has("incidents/{id}"), reason="there is no page of an incident")
def test_what_is_typed_is_not_taken_away(chromium: Browser, guarded: Shown) -> None:
    """A page with a half-written reason does not refresh, wherever the focus is."""
    with looking(chromium, guarded) as page:
        page.clock.install()
        page.goto(guarded.address("/incidents/INCIDENT"))
        field = page.locator(
            "main form input:not([type=hidden]):not([type=checkbox]), main form textarea"
        ).first
        field.fill("the tag is")
        field.blur()
        asked = list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(A_WHILE)
        assert asked == []
        assert field.input_value() == "the tag is"
