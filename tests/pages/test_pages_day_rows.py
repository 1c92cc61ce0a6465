"""A day's rows are read from its file on request, a few at a time, and always masked."""

import gzip
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from days import look_at, show
from feeds import EVENTS
from written import content, put, write_day

from exporter.model import Stage
from exporter.pages import day_rows
from exporter.pages.site import BusyError, NotFoundError, Site

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 5)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Provide five days; on the last, rows lack a client."""
    for number in range(5):
        write_day(tmp_path, FIRST + timedelta(days=number))
    lost = content(LAST, 100)
    for number in range(60):
        lost = lost.replace(f"client-{number},", ",")
    put(tmp_path, LAST, Stage.RAW, lost)
    return look_at(tmp_path, EVENTS, "2025-03-06T12:00:00Z")


def test_rows_of_the_worst_check_are_shown_masked(site: Site) -> None:
    """With line numbers, without clients; other rows that can be shown are linked."""
    page = show(day_rows.PAGE, site, str(LAST))
    assert "rows without client_id" in page
    assert "Line 2<" in page
    assert "(missing)" in page
    assert "client-" not in page
    assert 'href="rows?check=rejected"' in page
    assert page.count("<article") == day_rows.SHOWN


def test_rejected_rows_can_be_asked_for_on_a_fine_day_too(site: Site) -> None:
    """Their client is masked."""
    page = show(day_rows.PAGE, site, str(FIRST), check="rejected")
    assert "[masked, 8 characters]" in page
    assert "client-" not in page


def test_rows_that_nothing_found_are_refused(site: Site) -> None:
    """The message lists what there is."""
    with pytest.raises(
        NotFoundError, match=r"no rows to show of '<b>', only of anomaly_missing_client_id_ratio, missing_"
    ):
        show(day_rows.PAGE, site, str(LAST), check="<b>")


def test_a_file_that_is_not_the_one_that_was_judged_is_not_read(site: Site) -> None:
    """Neither changed content, nor a link that leads elsewhere, nor a pipe, which would block."""
    path = site.directory / "events_20250305.csv"
    path.write_text(path.read_text() + "\nsecret")
    assert "The judged file is gone, has changed" in show(day_rows.PAGE, site, str(LAST))
    path.unlink()
    os.mkfifo(path)
    assert "The judged file is gone, has changed" in show(day_rows.PAGE, site, str(LAST))
    path.unlink()
    path.symlink_to("/etc/passwd")
    assert "root:" not in show(day_rows.PAGE, site, str(LAST))


def test_a_look_is_bounded_and_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bounded in bytes and in time."""
    assert "Only the beginning" not in show(day_rows.PAGE, site, str(LAST))
    monkeypatch.setattr(day_rows, "CHARACTERS", 400)
    page = show(day_rows.PAGE, site, str(LAST))
    assert "Only the beginning of the file was read" in page
    assert 0 < page.count("<article") < day_rows.SHOWN
    monkeypatch.setattr(day_rows, "SECONDS", -1.0)
    assert "None were found in the part that was read" in show(day_rows.PAGE, site, str(LAST))


def test_one_file_is_read_at_a_time(site: Site) -> None:
    """Concurrent requests are told to retry and do not wait."""
    with day_rows._reading, pytest.raises(BusyError, match="in a moment"):
        show(day_rows.PAGE, site, str(LAST))
    assert "Line 2<" in show(day_rows.PAGE, site, str(LAST))


def test_a_compressed_file_is_read_unless_it_is_large(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is decompressed whole before a row is read."""
    path = site.directory / "events_20250305.csv"
    status = path.stat()
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    os.utime(packed, ns=(status.st_atime_ns, status.st_mtime_ns))
    seen = look_at(site.directory, EVENTS, "2025-03-06T12:00:00Z")
    assert "Line 2<" in show(day_rows.PAGE, seen, str(LAST))
    monkeypatch.setattr(day_rows, "LARGEST_UNPACKED", 10)
    assert "is too large to show rows" in show(day_rows.PAGE, seen, str(LAST))


def test_rows_behind_a_link_to_outside_are_shown_only_if_the_passes_follow_it(tmp_path: Path) -> None:
    """The page reads what the pass has judged, and nothing else."""
    data = tmp_path / "data"
    write_day(data, LAST)
    put(data, LAST, Stage.RAW, content(LAST, 100) + "\ntoo,few").rename(tmp_path / "away.csv")
    (data / "events_20250305.csv").symlink_to(tmp_path / "away.csv")
    followed = look_at(data, EVENTS, "2025-03-06T12:00:00Z", follow_outside=True)
    assert "Line 102<" in show(day_rows.PAGE, followed, str(LAST), check="malformed_rows")
    refused = replace(followed, follow_outside=False)
    assert "The judged file is gone" in show(day_rows.PAGE, refused, str(LAST), check="malformed_rows")
