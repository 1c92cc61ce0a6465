"""A feed's front page answers the first questions, and no input becomes markup."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from feeds import CHECKS, RULES
from made import DAY, facts, profile
from sites import GOOD, days_before, site_of, snapshot_of

from exporter.links import Links
from exporter.model import NANOSECONDS, Stage
from exporter.pages.front import PAGE, trust
from exporter.pages.site import NotFoundError, Site, Visit
from exporter.pipeline.snapshot import Snapshot

EVIL = "<img src=x onerror=alert('x')> \"&"
LARGEST = 150_000  # bytes of a page


class Reader(HTMLParser):
    """Collects what a browser would see: tags, addresses, ids and text."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.text = ""
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, its link, and what a strict policy would refuse."""
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """Note the text, unescaped."""
        self.text += data


def read(site: Site, **query: str) -> Reader:
    """Return the front page as a browser sees it."""
    return Reader(PAGE.make(site, Visit(query=query)).body)


def lacking(share: int = 100) -> Snapshot:
    """Return days, the newest of which lacks client ids."""
    raw = profile(missing={"client_id": share, "timestamp": 0, "event_name": 0}, fingerprint="lacking")
    return snapshot_of(*days_before(8), facts(DAY, raw=raw))


def bare() -> Snapshot:
    """Return days, the newest of which lacks columns."""
    return snapshot_of(
        *days_before(8), facts(DAY, raw=profile(columns=("timestamp", "event_name"), fingerprint="bare"))
    )


def test_a_good_day_can_be_trusted() -> None:
    """One sentence says so, and when the next day is due."""
    said = trust(site_of().snapshot)
    assert said.status == "ok"
    assert said.sentence == f"Wednesday {DAY} can be trusted."
    assert "All 3 days before are good" in said.rest
    assert f"{DAY + timedelta(days=1)} is due in 23 h 59 min." in said.rest


def test_a_bad_day_says_what_is_wrong() -> None:
    """The worst first, with the number of others."""
    assert (
        trust(lacking()).sentence == f"Wednesday {DAY} needs a look: more rows than normal have no client id."
    )
    said = trust(bare())
    assert said.status == "critical"
    assert re.search(r"cannot be trusted: .*client_id", said.sentence)


def test_a_day_that_somebody_answers_for_is_no_alarm() -> None:
    """It is not called good either."""
    day = lacking().window[-1].facts
    answered = snapshot_of(*days_before(8), replace(day, acknowledged=frozenset({"missing_client_id"})))
    said = trust(answered)
    assert (said.status, said.sentence) == (
        "ok",
        f"Wednesday {DAY} is bad but acknowledged.",
    )


def test_a_day_without_data_is_not_trusted() -> None:
    """Whatever the reason why no check reports it."""
    checks = tuple(check for check in CHECKS if check.name != "partition_missing")
    missing = replace(facts(DAY, without=tuple(Stage)), alertable=True)
    snapshot = snapshot_of(*days_before(8), missing, rules=replace(RULES, checks=checks))
    said = trust(snapshot)
    assert (said.status, said.sentence) == (
        "waiting",
        f"Wednesday {DAY} has no data, and no check expects any.",
    )


def test_earlier_days_are_counted() -> None:
    """In singular and plural."""
    bad = facts(DAY - timedelta(days=1), raw=profile(truncated=True))
    days = [*days_before(3)[:2], bad, facts(DAY)]
    assert "1 of the 3 days before is bad." in trust(snapshot_of(*days)).rest
    assert "The day before is bad." in trust(snapshot_of(*days[2:])).rest
    assert "The day before is good." in trust(snapshot_of(*days_before(1), facts(DAY))).rest


def test_a_day_that_is_not_due_is_not_judged() -> None:
    """The newest due day is the one that counts; without any there is no answer yet."""
    snapshot = snapshot_of(*days_before(2), facts(DAY, without=tuple(Stage)))
    early = replace(snapshot, as_of_ns=snapshot.as_of_ns - NANOSECONDS)
    assert trust(early).sentence.startswith(f"Tuesday {DAY - timedelta(days=1)}")
    assert trust(replace(early, views=early.views[-1:])).sentence == "No day is due yet."


def test_while_blind_nothing_is_trusted() -> None:
    """Whatever was known before."""
    said = trust(replace(site_of().snapshot, blind="the volume is gone"))
    assert (said.status, said.sentence, said.rest) == (
        "critical",
        "Nothing can be judged.",
        "the volume is gone",
    )


def test_open_incidents_are_told_with_what_to_do() -> None:
    """With headline, owner, next step, and a link to the incident's page."""
    page = read(site_of(bare()))
    (incident,) = (one for one in bare().incidents if one.notified)
    assert f"incidents/{incident.id}" in page.addresses
    assert incident.words.next_step in page.text
    assert incident.owner in page.text
    assert "Open incidents" in page.text


def test_without_incidents_it_says_so() -> None:
    """An empty list would not be an answer."""
    assert "None." in read(site_of()).text


def test_trends_are_drawn_with_what_was_expected() -> None:
    """One chart each, the newest value in its unit, the change on the same weekday."""
    page = read(site_of(snapshot_of(*days_before(30), facts(DAY))))
    assert page.tags.count("svg") == len(RULES.trends)
    assert "1,000 rows expected" in page.text
    assert "+0.0% on last Wednesday" in page.text
    few = read(site_of(snapshot_of(facts(DAY))))
    assert "too few days for an expected range" in few.text


def test_another_page_shows_other_days() -> None:
    """The URL gives the last day; an invalid date is a 404."""
    site = site_of(snapshot_of(*days_before(60), facts(DAY)))
    older = read(site, until="2025-02-01")
    assert "partitions/2025-02-01" in older.addresses
    assert f"partitions/{DAY}" not in older.addresses
    assert any(address.startswith("?until=") for address in older.addresses)
    with pytest.raises(NotFoundError, match="is not a date"):
        read(site, until="yesterday")


def test_problems_and_holds_come_before_everything_else() -> None:
    """The exporter's own problems are shown once."""
    site = site_of(vitals=replace(GOOD, problems=("the disk is full",)))
    assert read(site).text.count("the disk is full") == 1
    assert "The gate is closed" not in read(site).text
    blind = replace(site.snapshot, gate=replace(site.snapshot.gate, blind="gone"))
    assert "The gate is closed" in read(site_of(blind)).text


def test_it_leads_only_to_relative_addresses() -> None:
    """So that it works behind a path prefix; custom runbooks are elsewhere."""
    page = read(site_of(bare(), root="../../"))
    assert not [address for address in page.addresses if address.startswith(("/", "http"))]
    assert "../../runbooks/checks#schema_mismatch" in page.addresses
    own = read(site_of(bare(), links=Links(runbooks="https://wiki.example/checks")))
    assert "https://wiki.example/checks#schema_mismatch" in own.addresses


def test_it_leads_to_grafana_where_somebody_said_where_that_is() -> None:
    """To the feed's own dashboard; without a configured URL there is no link."""
    known = Links(grafana="https://grafana.example", has_grafana=True)
    assert "https://grafana.example/d/puffy-overview?var-feed=events" in read(site_of(links=known)).addresses
    assert not [address for address in read(site_of()).addresses if "/d/" in address]


def test_nothing_given_becomes_markup() -> None:
    """All text is shown literally, and the page passes a strict content policy."""
    raw = profile(columns=("timestamp", "event_name"), fingerprint="bare")
    snapshot = replace(snapshot_of(*days_before(3), facts(DAY, raw=raw)), blind=EVIL)
    view = snapshot.window[-1]
    words = {key: replace(said, title=EVIL, seen=EVIL, next_step=EVIL) for key, said in view.words.items()}
    incidents = tuple(
        replace(one, owner=EVIL, words=replace(one.words, title=EVIL)) for one in snapshot.incidents
    )
    evil = replace(snapshot, views=(*snapshot.views[:-1], replace(view, words=words)), incidents=incidents)
    site = site_of(evil, directory=Path(EVIL), name=EVIL, vitals=replace(GOOD, problems=(EVIL,)))
    page = read(site)
    assert "img" not in page.tags
    assert page.text.count("onerror") >= 6
    assert page.inline == []
    assert page.tags.count("script") == 1  # a custom one, by its URL


def test_a_path_that_is_no_text_is_shown_as_far_as_it_is() -> None:
    """A folder's name may contain any bytes."""
    assert b"/data/?" in PAGE.make(site_of(directory=Path("/data/\udcff")), Visit()).body


def test_it_speaks_of_what_the_feed_has() -> None:
    """A feed of one stage has no clean rows, and no revenue without orders."""
    snapshot = replace(site_of().snapshot, stages=(Stage.RAW,), revenue=False)
    text = read(site_of(snapshot)).text
    assert "Clean rows" not in text
    assert "Raw revenue" not in text
    assert "Rows" in text


@pytest.mark.parametrize("days", [1, 35, 400])
def test_it_is_small_and_its_ids_are_unique(days: int) -> None:
    """However many days there are."""
    body = PAGE.make(site_of(snapshot_of(*days_before(days - 1), facts(DAY))), Visit()).body
    assert len(body) < LARGEST
    ids = Reader(body).ids
    assert len(ids) == len(set(ids))
