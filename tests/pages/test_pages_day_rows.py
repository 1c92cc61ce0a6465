"""A day's rows are read from its file on request, a few at a time, and always masked."""

import gzip
import html
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
    page = show(day_rows.PAGE, seen, str(LAST))
    assert "is too large to show rows" in page
    assert "shows more" in page, "the command reads it"


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


def test_the_command_that_shows_more_rows_is_the_feeds(site: Site) -> None:
    """With its contract, and the time that is shown if it is another one."""
    assert (
        f"<code>puffy-exporter explain {LAST} anomaly_missing_client_id_ratio --rows 20</code> shows more"
        in show(day_rows.PAGE, site, str(LAST))
    )
    other = replace(site, contract=Path("my orders.yaml"), is_what_if=True)
    page = html.unescape(show(day_rows.PAGE, other, str(LAST), check="missing_client_id"))
    more = "missing_client_id --rows 20 --feed.file 'my orders.yaml' --as-of 2025-03-06T12:00:00Z"
    assert f"explain {LAST} {more}</code>" in page


def test_rejected_rows_are_explained_by_a_check_that_shows_them(site: Site) -> None:
    """The worst check in breach would show others."""
    rejects = content(FIRST, 9, Stage.REJECTS)
    put(site.directory, FIRST, Stage.REJECTS, rejects)
    seen = look_at(site.directory, EVENTS, "2025-03-06T12:00:00Z")
    page = show(day_rows.PAGE, seen, str(FIRST), check="rejected")
    assert f"<code>puffy-exporter explain {FIRST} reject_ratio --rows 20</code>" in page


def test_no_command_promises_rows_that_there_are_not(site: Site) -> None:
    """None of the day, all of them shown, or a file that has changed."""
    (site.directory / f"raw_rejects/events_{FIRST:%Y%m%d}_bad.csv").unlink()
    raw = site.directory / f"events_{LAST:%Y%m%d}.csv"
    put(site.directory, FIRST + timedelta(days=1), Stage.RAW, content(FIRST, 100) + "\ntoo,few")
    seen = look_at(site.directory, EVENTS, "2025-03-06T12:00:00Z")
    quiet = replace(seen.snapshot.views[0], alerts=())
    nothing = replace(seen, snapshot=replace(seen.snapshot, views=(quiet, *seen.snapshot.views[1:])))
    page = show(day_rows.PAGE, nothing, str(FIRST))
    assert ("No single row shows anything" in page, "shows more" in page) == (True, False)
    page = show(day_rows.PAGE, seen, str(FIRST + timedelta(days=1)), check="malformed_rows")
    assert ("Line 102<" in page, "shows more" in page) == (True, False)
    raw.write_text(raw.read_text() + "\nsecret")
    page = show(day_rows.PAGE, seen, str(LAST))
    assert ("has changed" in page, "shows more" in page) == (True, False)
