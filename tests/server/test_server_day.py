"""A day's pages over HTTP: content types, unknown days, and rows that are busy."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from days import look_at
from feeds import EVENTS
from written import write_day

from exporter.pages import day_rows
from exporter.server.publication import Board, Page, Publication, Shelf

DAY = date(2025, 3, 5)
NOTHING = Page.of(b"", "text/plain")


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """Provide a board with two days."""
    for known in (DAY, DAY - timedelta(days=1)):
        write_day(tmp_path, known)
    site = look_at(tmp_path, EVENTS, "2025-03-06T12:00:00Z")
    board = Board()
    board.post(Publication(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, shelf=Shelf(lambda: site)))
    return board


def test_a_day_is_served_in_each_type(
    board: Board, server: Callable[..., AbstractContextManager[Any]]
) -> None:
    """A page, JSON and text are served; an unknown day is 404."""
    with server(board=board) as served:
        client: httpx.Client = served.client
        answers = [client.get(f"/partitions/{DAY}{rest}") for rest in ("", ".json", "/explain.txt", "/rows")]
        missing = client.get("/partitions/2025-03-01.json")
    assert [answer.status_code for answer in answers] == [200] * 4
    types = [answer.headers["content-type"].partition(";")[0] for answer in answers]
    assert types == ["text/html", "application/json", "text/plain", "text/html"]
    assert missing.status_code == 404
    assert "2025-03-01 is not one of the judged days" in missing.text


def test_busy_rows_are_503_and_not_cached(
    board: Board, server: Callable[..., AbstractContextManager[Any]]
) -> None:
    """The response has Retry-After; the next request gets the rows."""
    with server(board=board) as served:
        with day_rows._reading:
            busy = served.client.get(f"/partitions/{DAY}/rows")
        later = served.client.get(f"/partitions/{DAY}/rows")
    assert busy.status_code == 503
    assert busy.headers["retry-after"] == "2"
    assert "One moment" in busy.text
    assert later.status_code == 200
    assert "[masked, 8 characters]" in later.text
