"""An incident's page says what it is, the state of its days, and who acknowledged it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from incident_site import LAST, Shown, shown
from written import write_day

from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.incident import revoke
from exporter.pages import day_answer, feeds_incident, feeds_incidents, incident, incidents, postmortem
from exporter.pages.index import Index, feed_line
from exporter.pages.known import FEED_PAGES, FORMS
from exporter.pages.site import MovedError, NotFoundError, Returned, Visit

EVIL = "<script>alert('x')</script> \"&"
DAYS = (LAST - timedelta(days=1), LAST)


@pytest.fixture
def feed(tmp_path: Path) -> Shown:
    """Provide a feed whose two newest days lack a column."""
    return shown(tmp_path)


def page(feed: Shown, visit: Visit | None = None, **values: str) -> str:
    """Return the page of the lost column's incident."""
    asked = (visit or Visit()).at(id=values.get("id") or feed.lost.id)
    return incident.PAGE.make(feed.site, asked).body.decode()


def text_of(body: str) -> str:
    """Return the page's text."""
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_says_what_is_needed_to_act(feed: Shown) -> None:
    """Cause, evidence, confidence, days, checks, steps, runbook, owner, since, held loads and state."""
    body = page(feed)
    told = text_of(body)
    for words in (
        "column referrer is missing",
        "column_missing of referrer (certain)",
        f"Since {DAYS[0]}, 2 days",
        "Owner data-engineering",
        f"{DAYS[0]}..{DAYS[1]} . Downstream waits",
        "open: its bad days are not acknowledged",
        "missing referrer",
        "Find the release that dropped or renamed the column",
        "Nobody yet.",
    ):
        assert words.replace(" .", ".") in told, words
    assert '<a href="../runbooks/causes#column_missing">Runbook</a>' in body
    assert '<a href="../runbooks/checks#schema_mismatch">schema_mismatch</a>' in body
    for day in DAYS:
        assert f'<a href="../partitions/{day}">' in body
    assert "critical" in told
    assert len(body) < 20_000


def test_the_beginning_of_an_id_leads_to_the_page(feed: Shown) -> None:
    """If it is unambiguous and long enough; otherwise the page says why not."""
    with pytest.raises(MovedError, match=f"^{feed.lost.id}$"):
        page(feed, id=feed.lost.id[:4].upper())
    for bad, why in (("beefbeef", "begins with"), (feed.lost.id[:3], "at least 4"), ("../etc", "begins")):
        with pytest.raises(NotFoundError, match=why):
            page(feed, id=bad)


def test_without_users_there_is_the_command_and_no_form(feed: Shown) -> None:
    """The command can be copied, with the incident filled in."""
    body = page(feed)
    assert f"<code>puffy-exporter gate ack {feed.lost.id} --by NAME --reason TEXT</code>" in body
    assert "<form" not in body
    assert "basic_auth_users" in body


def test_a_visitor_with_a_token_has_a_form(feed: Shown) -> None:
    """With their name, which they cannot change."""
    body = page(feed, Visit(user=EVIL, token="t" * 64))
    assert f'action="../incidents/{feed.lost.id}/acknowledge#answer"' in body
    assert f'name="token" value="{"t" * 64}"' in body
    names = set(re.findall(r'<input[^>]*\bname="(\w+)"', body))
    assert names == {"token", "reason", "until", "standing"}
    assert "<script>" not in body
    assert "You acknowledge as &lt;script&gt;" in re.sub(r"</?b>", "", body)


def test_a_new_level_can_be_taken_for_the_usual_one(feed: Shown) -> None:
    """With a box ticked by default, or with the command; later days need no answer then."""
    shifted = replace(feed.lost, name="level_shift")
    feed.site = replace(feed.site, snapshot=replace(feed.site.snapshot, incidents=(shifted,)))
    body = page(feed, Visit(user="ann", token="t"), id=shifted.id)
    assert re.search(r'name="new_level" value="yes" checked>', body)
    assert 'name="standing"' not in body
    refused = page(
        feed, Visit(user="ann", token="t", returned=Returned("why", {"reason": "x"})), id=shifted.id
    )
    assert re.search(r'name="new_level" value="yes">', refused)
    assert "--by NAME --reason TEXT --new-level</code>" in page(feed, id=shifted.id)


def test_a_refused_answer_is_shown_again(feed: Shown) -> None:
    """With the reason, the input, and links relative to the new URL."""
    typed = {"reason": EVIL, "until": "2020-01-01", "standing": "yes"}
    visit = Visit(user="ann", token="t", returned=Returned("until: has passed", typed))
    body = page(feed, visit)
    assert "<script>alert" not in body
    assert 'value="&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &#34;&amp;"' in body
    assert 'value="2020-01-01"' in body
    assert " checked>" in body
    assert "Not recorded. until: has passed" in body
    assert f'action="../../incidents/{feed.lost.id}/acknowledge#answer"' in body
    assert f'href="../../partitions/{LAST}"' in body
    assert not re.findall(r'(?:href|action)="\.\./(?!\.\./)', body)


def test_a_look_at_another_time_takes_no_answers_and_says_so(feed: Shown) -> None:
    """Not even from authenticated users."""
    feed.site = replace(feed.site, is_what_if=True)
    body = page(feed, Visit(user="ann", token="t"))
    assert "<form" not in body
    assert "has no effect" in body
    assert "gate ack" not in text_of(body)


def test_an_answer_is_there_before_the_next_look_and_after_it(feed: Shown) -> None:
    """Who, when, why, until when; the form is gone, since nothing is left to acknowledge."""
    feed.answer(reason=EVIL, until="2099-01-01")
    told = text_of(page(feed, Visit(user="ann", token="t")))
    assert f"{DAYS[0]}..{DAYS[1]}; until 2099-01-02 00:00 UTC" in told
    assert "Ann" in told
    assert "&lt;script&gt;" in told
    assert told.count("takes effect at the next pass") == 3
    assert "The load is held" not in told
    assert "You acknowledge as" not in told
    feed.look()
    told = text_of(page(feed))
    assert told.count("acknowledged Sun") + told.count("acknowledged Mon") == 2
    assert "It is acknowledged." in told


def test_a_standing_answer_is_shown_until_somebody_ends_it(feed: Shown) -> None:
    """Afterwards it shows who ended it and why."""
    feed.answer(standing=True)
    assert f"days after {LAST} as well; until " in text_of(page(feed))
    revoke(AuditLog(feed.site.audit), feed.lost.id, "Bob", "fixed upstream", datetime.now(UTC))
    assert re.search(r"no longer in force, ended by Bob on \S+: fixed upstream", text_of(page(feed)))


def test_an_answer_for_a_day_belongs_to_the_incident_if_it_covers_it(feed: Shown) -> None:
    """One for another check of that day does not."""
    feed.answer_day(LAST, checks=["silence"], reason="about silence")
    feed.answer_day(LAST, checks=["schema_mismatch"], reason="about columns")
    told = text_of(page(feed))
    assert "about columns" in told
    assert "about silence" not in told


def test_what_was_said_of_other_content_counts_no_more(feed: Shown) -> None:
    """Neither do expired ones."""
    feed.answer(until="2025-03-12T00:00:00Z", at=datetime(2025, 3, 11, 12, tzinfo=UTC))
    assert "no longer in force, it has expired" in text_of(page(feed))
    feed.answer_day(LAST)
    write_day(feed.folder / "data", LAST, 150, without=("referrer",))
    feed.look()
    assert "no longer in force, it was for different content" in text_of(page(feed))


def test_a_log_that_cannot_be_read_costs_only_what_it_says(feed: Shown) -> None:
    """The page is still shown, and says why nobody is named."""
    feed.site = replace(feed.site, audit=feed.folder)
    told = text_of(page(feed))
    assert "cannot be read: is a directory" in told
    assert "Nobody yet" not in told
    (feed.folder / "out" / AUDIT).write_text('{"kind":"hold"}\n')
    feed.site = replace(feed.site, audit=feed.folder / "out" / AUDIT)
    assert "line 1 cannot be read" in text_of(page(feed))


def test_the_list_has_what_is_open_answered_for_and_over(feed: Shown) -> None:
    """Each under its heading, with a link to its page."""

    def listed() -> list[str]:
        return re.split(r"<h2>", incidents.PAGE.make(feed.site, Visit()).body.decode())[1:]

    first, second, third = listed()
    assert f'<a href="{feed.lost.id}">' in first
    assert "2 days, load of 2 held, data-engineering" in first
    assert "None." in second
    feed.answer()
    feed.look()
    first, second, third = listed()
    assert feed.lost.id in second
    assert feed.lost.id not in first
    for day in DAYS:
        write_day(feed.folder / "data", day, 150)
    feed.look()
    first, second, third = listed()
    assert feed.lost.id in third
    assert "repaired 2025-03-11 12:00 UTC" in third


def test_several_feeds_have_one_list_that_leads_to_each(feed: Shown) -> None:
    """An id redirects to its own feed's page."""
    line = feed_line(feed.site, ())
    index = Index([line, replace(line, feed="other", incidents=())])
    body = feeds_incidents.PAGE.make(index, Visit()).body.decode()
    assert f'<a href="../feeds/events/incidents/{feed.lost.id}">events {DAYS[0]} to {DAYS[1]}: ' in body
    with pytest.raises(MovedError, match=rf"^\.\./feeds/events/incidents/{feed.lost.id}$"):
        feeds_incident.PAGE.make(index, Visit({"id": feed.lost.id[:5]}))
    with pytest.raises(NotFoundError, match="begins with"):
        feeds_incident.PAGE.make(index, Visit({"id": "beefbeef"}))


def test_the_postmortem_is_markdown_with_the_whole_timeline(feed: Shown) -> None:
    """For that incident; an unknown id has none."""
    feed.answer(reason="a | b")
    made = postmortem.PAGE.make(feed.site, Visit({"id": feed.lost.id[:6]}))
    assert made.content_type.startswith("text/markdown")
    text = made.body.decode()
    assert text.startswith(f"# Postmortem: incident {feed.lost.id}, events {DAYS[0]} to {DAYS[1]}: ")
    assert r": a \| b" in text
    assert "https://puffy.example/runbooks/checks#schema_mismatch" in text
    with pytest.raises(NotFoundError):
        postmortem.PAGE.make(feed.site, Visit({"id": "beefbeef"}))


def test_a_held_day_has_a_form_of_its_own(feed: Shown) -> None:
    """Even one repaired since, which is in no incident; the form contains the digest that was seen."""
    write_day(feed.folder / "data", LAST, 150)
    feed.look()
    assert f'<a href="../partitions/{LAST}/acknowledge">acknowledge the day</a>' in page(feed)
    (view,) = (view for view in feed.site.snapshot.window if view.partition == LAST)
    visit = Visit({"day": str(LAST)}, user="ann", token="t")
    body = day_answer.PAGE.make(feed.site, visit).body.decode()
    assert "is held" in body
    assert "repaired since" in body
    assert f'action="../../partitions/{LAST}/acknowledge#answer"' in body
    assert f'name="content" value="{view.facts.content}"' in body
    assert "standing" not in body
    told = day_answer.PAGE.make(feed.site, visit.at(day="2025-03-05")).body.decode()
    assert "is not held" in told
    for bad in ("2025-13-01", "2030-01-01", "x"):
        with pytest.raises(NotFoundError):
            day_answer.PAGE.make(feed.site, visit.at(day=bad))


def test_a_form_becomes_the_fields_of_an_answer() -> None:
    """Empty fields are left out, and the user is never read from the form."""
    typed = {"reason": " known\r\n upstream ", "until": "", "by": "mallory", "token": "t"}
    assert incident.FORM.read({"id": "a1b2"}, typed) == {
        "incident": "a1b2",
        "standing": False,
        "new_level": False,
        "reason": "known upstream",
    }
    ticked = {**typed, "standing": "yes", "until": "2025-04-01"}
    assert incident.FORM.read({"id": "a1b2"}, ticked)["standing"] is True
    assert incident.FORM.read({"id": "a1b2"}, ticked)["until"] == "2025-04-01"
    assert incident.FORM.read({"id": "a1b2"}, {**typed, "new_level": "yes"})["new_level"] is True
    day = day_answer.FORM.read({"day": "2025-03-10"}, {**typed, "content": "abc"})
    assert day == {"partition": "2025-03-10", "reason": "known upstream", "content": "abc"}


def test_every_page_with_a_form_is_personal() -> None:
    """A page with one visitor's token must never be cached for another."""
    assert all(form.page.is_personal and form.page in FEED_PAGES for form in FORMS)
    assert [kind.path for kind in FEED_PAGES if kind.is_personal] == [form.page.path for form in FORMS]


def test_what_comes_from_outside_is_text(feed: Shown) -> None:
    """Subject, owner, evidence and feed name are escaped."""
    words = replace(feed.lost.words, title=EVIL, seen=EVIL, impact=EVIL, next_step=EVIL)
    one = replace(feed.lost, owner=EVIL, words=words)
    snapshot = replace(feed.site.snapshot, incidents=(one,))
    feed.site = replace(feed.site, snapshot=snapshot, name=EVIL)
    for body in (page(feed), incidents.PAGE.make(feed.site, Visit()).body.decode()):
        assert "<script>alert" not in body
        assert "&lt;script&gt;" in body
