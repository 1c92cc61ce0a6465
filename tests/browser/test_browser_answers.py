"""Acknowledging an incident from its page: logged-in users can, others cannot."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect
from running import until
from shown import Shown, looking

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]

REASON = "<b>the tag</b> is repaired & the day exported again"


def test_who_is_logged_in_answers_with_a_click(chromium: Browser, answering: Shown) -> None:
    """The page then shows who and why, as text, as does the audit log, and the load is released."""
    incident = answering.incident()
    assert incident["held"]
    with looking(chromium, answering) as page:
        page.goto(answering.address(f"/incidents/{incident['id']}"))
        expect(page.locator("#answer")).to_contain_text("You acknowledge as ann")
        page.get_by_label(re.compile("Why can the load")).fill(REASON)
        page.get_by_role("button", name="Acknowledge").click()
        expect(page).to_have_url(re.compile(rf"/incidents/{incident['id']}(#answer)?$"))
        expect(page.locator("main")).to_contain_text(REASON)
        assert page.locator("main b", has_text="the tag").count() == 0
    assert until(lambda: not set(incident["held"]) & held(answering), 20)


def held(shown: Shown) -> set[str]:
    """Return the days whose load waits."""
    return {hold["partition"] for hold in json.loads(shown.ask("/api/v1/gate")[1])["holds"]}


def test_without_a_reason_nothing_is_sent(chromium: Browser, answering: Shown) -> None:
    """The browser itself requires it."""
    with looking(chromium, answering) as page:
        report = json.loads(answering.ask("/api/v1/report")[1])
        free = next(one for one in report["incidents"] if one["state"] == "open" and not one["held"])
        page.goto(answering.address(f"/incidents/{free['id']}"))
        address = page.url
        page.get_by_role("button", name="Acknowledge").click()
        assert page.url == address
        assert page.evaluate("document.querySelector('form').checkValidity()") is False


def test_who_is_not_logged_in_is_shown_the_command(chromium: Browser, demo: Shown) -> None:
    """There is no form on a page that anybody can open."""
    with looking(chromium, demo) as page:
        page.goto(demo.address(f"/incidents/{demo.incident()['id']}"))
        assert page.locator("form").count() == 0
        expect(page.locator("#answer")).to_contain_text(
            f"puffy-exporter gate ack {demo.incident()['id']} --by NAME --reason TEXT"
        )


def test_without_a_login_there_is_no_page_at_all(chromium: Browser, answering: Shown) -> None:
    """If a login is required."""
    context = chromium.new_context()
    try:
        assert context.request.get(answering.address("/")).status == 401
    finally:
        context.close()
