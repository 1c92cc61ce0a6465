"""The index of several feeds: the worst first, each with links to its pages."""

from dataclasses import replace

from made import DAY, facts, profile
from sites import days_before, site_of, snapshot_of
from test_pages_front import EVIL, Reader

from exporter.pages.index import PAGE, FeedLine, Index, feed_line
from exporter.pages.site import Site, Visit


def bad_site() -> Site:
    """Return a feed whose newest day is truncated."""
    raw = profile(truncated=True, fingerprint="cut")
    return site_of(replace(snapshot_of(*days_before(20), facts(DAY, raw=raw)), feed="bad"), name="Bad feed")


def read(index: Index) -> Reader:
    """Return the index as a browser sees it."""
    return Reader(PAGE.make(index, Visit()).body)


def test_a_line_says_how_a_feed_is() -> None:
    """Two weeks of days, open incidents, and the sentence about the newest day."""
    line = feed_line(bad_site(), ())
    assert (line.status, line.feed, line.name) == ("critical", "bad", "Bad feed")
    assert len(line.days) == 14
    assert line.trust is not None
    assert "cannot be trusted" in line.trust.sentence
    assert [card.severity for card in line.cards] == ["critical"]


def test_a_problem_of_the_contract_is_a_warning() -> None:
    """For a feed that is otherwise good."""
    assert feed_line(site_of(), ()).status == "ok"
    line = feed_line(site_of(), ("the contract on disk is no good",))
    assert (line.status, line.problems) == ("warning", ("the contract on disk is no good",))


def test_the_worst_feed_comes_first() -> None:
    """The page says how bad it is."""
    good, bad = feed_line(site_of(), ()), feed_line(bad_site(), ())
    index = Index([good, bad])
    assert [line.feed for line in index.worst_first] == ["bad", "events"]
    assert index.status == "critical"
    page = read(index)
    assert page.addresses.index("feeds/bad/") < page.addresses.index("feeds/events/")
    assert any(address.startswith("feeds/bad/incidents/") for address in page.addresses)
    assert f"feeds/bad/partitions/{DAY}" in page.addresses


def test_contracts_that_cannot_be_used_are_named() -> None:
    """With the reason; so is a refused configuration."""
    index = Index([], refused=[("flights", "line 3: no such type")], problem="puffy.yml: no such key")
    text = read(index).text
    assert "flights is not watched: line 3: no such type" in text
    assert "Configuration not reloaded: puffy.yml: no such key" in text
    assert index.status == "critical"
    assert Index([]).status == "ok"
    assert "None yet." in read(Index([])).text


def test_a_feed_that_waits_says_for_what() -> None:
    """There is nothing else to show."""
    index = Index([FeedLine("flights", "Flights", "waiting", problems=("The data directory is not there.",))])
    assert "The data directory is not there." in read(index).text
    assert index.status == "waiting"


def test_nothing_given_becomes_markup() -> None:
    """Names and reasons come from other people's files."""
    line = replace(feed_line(bad_site(), (EVIL,)), name=EVIL)
    page = read(Index([line], refused=[(EVIL, EVIL)], problem=EVIL))
    assert "img" not in page.tags
    assert page.text.count("onerror") == 5
    assert page.inline == []
