"""Pages are made once, and the board shows the newest."""

import gzip

from exporter.server.publication import Board, Page, Publication


def test_a_page_holds_its_bytes_twice() -> None:
    """The compressed bytes are the plain ones, smaller."""
    page = Page.of(b"puffy_partition_rows 1\n" * 1000, "text/plain")
    assert gzip.decompress(page.gzip) == page.body
    assert len(page.gzip) < len(page.body) / 10


def test_equal_content_makes_equal_pages() -> None:
    """Nothing of the clock gets into a page, so that its tag lasts as long as its content."""
    assert Page.of(b"same", "text/plain") == Page.of(b"same", "text/plain")
    assert Page.of(b"same", "text/plain").digest != Page.of(b"other", "text/plain").digest


def test_a_board_shows_the_newest(publication: Publication) -> None:
    """It is empty at first; then it has what was posted last."""
    board = Board()
    assert board.latest is None
    board.post(publication)
    assert board.latest is publication
