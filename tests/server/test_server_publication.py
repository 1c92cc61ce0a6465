"""Pages are rendered once, and the board shows the newest."""

import gzip

from exporter.server.publication import Board, Page, Publication


def test_a_page_keeps_plain_and_compressed_bytes() -> None:
    """The compressed bytes are the same content, only smaller."""
    page = Page.of(b"puffy_partition_rows 1\n" * 1000, "text/plain")
    assert gzip.decompress(page.gzip) == page.body
    assert len(page.gzip) < len(page.body) / 10


def test_equal_content_makes_equal_pages() -> None:
    """A page contains no clock time, so its tag is valid as long as its content."""
    assert Page.of(b"same", "text/plain") == Page.of(b"same", "text/plain")
    assert Page.of(b"same", "text/plain").digest != Page.of(b"other", "text/plain").digest


def test_a_board_shows_the_newest(publication: Publication) -> None:
    """It is empty at first, then has whatever was posted last."""
    board = Board()
    assert board.latest is None
    board.post(publication)
    assert board.latest is publication
