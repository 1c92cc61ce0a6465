"""One page of many feeds: merged by family, made of what is kept."""

import gzip
from dataclasses import replace

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from exporter.metrics.exposition import PartitionRenderer, merge_blocks, render_blocks, render_vitals
from exporter.metrics.vitals import vitals_families
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.server.publication import Opening, Page
from exporter.service.sheet import MergedSheet, OwnSheet


def shot(feed: str) -> Snapshot:
    """Return a snapshot of a feed without days."""
    return Snapshot(0, 0, (), (), (), feed=feed)


def test_a_page_of_one_feed_is_what_it_always_was() -> None:
    """Blocks put together give the same bytes as families rendered at once."""
    partitions = PartitionRenderer().render_blocks(shot("a"))
    text, openmetrics = OwnSheet().show(partitions, shot("a"), Vitals(passes=3))
    assert text.body.startswith(merge_blocks([partitions]).text)
    whole = render_vitals(shot("a"), Vitals(passes=3))
    vitals = merge_blocks([render_blocks(vitals_families(shot("a"), Vitals(passes=3)))])
    assert whole.text.startswith(vitals.text)
    assert whole.openmetrics.startswith(vitals.openmetrics.removesuffix(b"# EOF\n"))
    assert openmetrics.body.count(b"# EOF") == 1


def test_samples_of_all_feeds_stand_together() -> None:
    """Each family once, in both formats, compressed as it is plain."""
    sheet = MergedSheet()
    for feed in ("b", "a"):
        sheet.of(feed).show(PartitionRenderer().render_blocks(shot(feed)), shot(feed), Vitals(passes=2))
    text, openmetrics = sheet.pages({"a": True, "b": True, "c": False})
    for page, parse in ((text, text_string_to_metric_families), (openmetrics, parse_openmetrics)):
        assert gzip.decompress(page.gzip) == page.body
        families = {family.name: family for family in parse(page.body.decode())}
        passes = families["puffy_exporter_refreshes"].samples
        assert [(one.labels["feed"], one.value) for one in passes] == [("a", 2), ("b", 2)]
        up = families["puffy_feed_up"].samples
        assert {one.labels["feed"]: one.value for one in up} == {"a": 1, "b": 1, "c": 0}
        assert len(families["process_start_time_seconds"].samples) == 1


def test_a_feed_that_is_not_shown_yet_is_blind_and_one_that_is_dropped_is_gone() -> None:
    """Otherwise a restart would end its alerts."""
    sheet = MergedSheet()
    sheet.blank("a")
    assert b'puffy_exporter_blind{feed="a"} 1.0' in sheet.pages({})[0].body
    sheet.drop("a")
    assert b'feed="a"' not in sheet.pages({})[0].body


def test_what_did_not_change_is_not_joined_again() -> None:
    """The opening of the page is kept while only passes are counted."""
    sheet, partitions = MergedSheet(), PartitionRenderer().render_blocks(shot("a"))
    sheet.of("a").show(partitions, shot("a"), Vitals(passes=1))
    first = sheet.pages({})[0], sheet._joined
    sheet.of("a").show(partitions, shot("a"), Vitals(passes=2))
    assert sheet.pages({})[0].digest != first[0].digest
    assert sheet._joined is first[1]
    sheet.of("a").show(dict(partitions), replace(shot("a"), blind="gone"), Vitals(passes=2))
    sheet.pages({})
    assert sheet._joined is not first[1]


def test_an_opening_and_a_rest_are_one_gzip_member() -> None:
    """Clients that read only the first of several members lose nothing."""
    for opening, rest in ((b"", b""), (b"a" * 100_000, b"b"), (b"a", b"")):
        page = Opening.of(opening).page(rest, "text/plain")
        assert page.body == opening + rest
        assert gzip.decompress(page.gzip) == page.body
        assert page.gzip.count(Page.of(b"", "").gzip[:3]) == 1
