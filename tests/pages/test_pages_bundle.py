"""The offline file holds what people need of the pages, loads nothing and has no dead links."""

import re
from dataclasses import replace
from datetime import timedelta

from made import DAY, facts, profile
from sites import days_before, site_of, snapshot_of
from test_pages_front import Reader, bare

from exporter.incidents.incident import Standing
from exporter.pages.bundle import bundle
from exporter.pages.site import Site


def bad_site() -> Site:
    """Return a site with one day that lacks columns, and an earlier truncated one."""
    cut = facts(DAY - timedelta(days=2), raw=profile(truncated=True, fingerprint="cut"))
    days = [*days_before(6)[:4], cut, *days_before(1), bare().window[-1].facts]
    return site_of(snapshot_of(*days))


def test_every_link_leads_to_a_place_in_the_file() -> None:
    """Links to pages outside it are removed; ids are unique."""
    page = Reader(bundle(bad_site()))
    assert len(page.ids) == len(set(page.ids))
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)
    assert [address for address in page.addresses if not address.startswith("#")] == []


def test_bad_days_the_newest_and_open_incidents_are_in_it() -> None:
    """Good days are not."""
    site = bad_site()
    ids = Reader(bundle(site)).ids
    days = [place for place in ids if re.fullmatch(r"partitions/[0-9-]{10}", place)]
    assert days == [f"partitions/{DAY}", f"partitions/{DAY - timedelta(days=2)}"]
    still_open = [one.id for one in site.snapshot.incidents if one.state is Standing.OPEN]
    assert [place for place in ids if re.fullmatch("incidents/[0-9a-f]+", place)] == [
        f"incidents/{known}" for known in still_open
    ]
    assert f"partitions/{DAY}" in Reader(bundle(site_of())).ids


def test_it_loads_nothing() -> None:
    """Styles are inline; there is no script, no form, nothing to fetch, no reload."""
    body = bundle(bad_site())
    page = Reader(body)
    assert page.tags.count("style") == 1
    assert not {"script", "link", "form", "iframe", "img"} & set(page.tags)
    assert b"http-equiv" not in body
    assert page.inline == []


def test_where_the_exporter_can_be_reached_the_rest_leads_there() -> None:
    """Runbooks at its root, good days below the feed."""
    addresses = Reader(bundle(bad_site(), "https://puffy.example/x")).addresses
    outside = [address for address in addresses if not address.startswith("#")]
    assert all(address.startswith("https://puffy.example/x/") for address in outside)
    assert "https://puffy.example/x/runbooks/checks#truncated" in outside
    assert any(address.startswith("https://puffy.example/x/feeds/events/partitions/") for address in outside)


def test_while_blind_it_says_so() -> None:
    """With what was last seen."""
    site = bad_site()
    blind = site_of(replace(site.snapshot, blind="the volume is gone"))
    assert "Nothing can be judged." in Reader(bundle(blind)).text
