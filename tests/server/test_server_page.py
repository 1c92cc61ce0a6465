"""The status page says what it is given, and nothing that it is given becomes markup."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from exporter.server.page import STYLE, AlertLine, PartitionLine, StatusPage, status_page, waiting_page

EVIL = "<script>alert('x')</script> \"&"
ALERT = AlertLine(
    "critical", "PuffyZeroRevenue", date(2024, 5, 2), "2 h 53 min, limit 2 h", "ada", "No revenue"
)
LINE = PartitionLine(date(2024, 5, 2), "ok", 1234, None, 0, 0.0625, 98765.4321, 0)
MODEL = StatusPage(
    title="puffy-exporter",
    version="1.2.3",
    status="warning",
    as_of=datetime(2024, 5, 3, 6, tzinfo=UTC),
    feed="events",
    data_directory="/data",
    refreshed_at=datetime(2024, 5, 3, 6, 0, 1, tzinfo=UTC),
    refresh_seconds=0.25,
    partitions=(LINE,),
    alerts=(ALERT,),
)


class Reader(HTMLParser):
    """Collects what a browser would see: tags, addresses and text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and where it leads."""
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        """Note the text, with its escapes undone."""
        self.text += data


def test_nothing_given_becomes_markup() -> None:
    """Every text field is shown as it is written."""
    model = replace(
        MODEL,
        title=EVIL,
        version=EVIL,
        status=EVIL,
        feed=EVIL,
        data_directory=EVIL,
        partitions=(replace(LINE, status=EVIL),),
        alerts=(replace(ALERT, severity=EVIL, alert=EVIL, figures=EVIL, owner=EVIL, summary=EVIL),),
        problems=(EVIL,),
    )
    page = status_page(model)
    assert b"<script" not in page
    assert Reader(page).text.count(EVIL) == 14  # the title and the status twice, everything else once
    assert not re.search(rb'class="[^"]*alert\(', page)


@pytest.mark.parametrize("page", [status_page(MODEL), waiting_page("The first pass is running.")])
def test_a_page_loads_and_runs_nothing(page: bytes) -> None:
    """There are no scripts, images or addresses of other hosts."""
    reader = Reader(page)
    assert not {"script", "img", "link", "iframe", "object"} & set(reader.tags)
    assert not [address for address in reader.addresses if ":" in address or address.startswith("/")]
    assert b"url(" not in page
    assert b"@import" not in page


def test_figures_are_readable() -> None:
    """Counts are grouped, ratios are per cent, and what is not known is a dash."""
    text = re.sub(rb"<[^>]+>", b" ", status_page(MODEL)).decode()
    assert "2024-05-02" in text
    assert re.search(r"1,234\s+\N{EN DASH}\s+0\s+6\.2%\s+98,765\.43\s+\N{EN DASH}", text)
    assert "2 h 53 min, limit 2 h, owner ada" in text
    assert "2024-05-03 06:00:01+00:00, took 0.25 s" in text


def test_the_newest_partition_stands_first() -> None:
    """Whatever the order given."""
    lines = tuple(replace(LINE, partition=date(2024, 5, day)) for day in (2, 9, 5))
    text = status_page(replace(MODEL, partitions=lines, alerts=())).decode()
    assert re.findall(r"<td>(2024-05-\d\d)</td>", text) == ["2024-05-09", "2024-05-05", "2024-05-02"]


def test_no_news_is_said() -> None:
    """Without alerts and partitions the page says so, and problems have no heading."""
    text = status_page(
        replace(MODEL, partitions=(), alerts=(), refreshed_at=None, refresh_seconds=None)
    ).decode()
    assert "None." in text
    assert "None found yet." in text
    assert "Problems" not in text


def test_the_links_follow_the_telemetry_path() -> None:
    """They are relative, so that they work behind a path prefix."""
    addresses = Reader(status_page(replace(MODEL, telemetry_path="/probe/puffy"))).addresses
    api = ["api/v1/report", "api/v1/alerts", "api/v1/gate"]
    assert addresses == ["probe/puffy", *api, "-/healthy", "-/ready", "runbooks/"]


def test_a_closed_gate_is_said_and_an_open_one_is_not() -> None:
    """With every hold, and with the command that ends it."""
    held = status_page(replace(MODEL, holds=("2025-03-07 <check>",))).decode()
    assert "The gate is closed (1)" in held
    assert "2025-03-07 &lt;check&gt;" in held
    assert "gate" not in status_page(MODEL).decode().replace("api/v1/gate", "").replace("Gate</a>", "")


def test_a_path_that_is_not_unicode_does_not_matter() -> None:
    """A file name of stray bytes is shown with a mark in their place."""
    assert b"/data/?" in status_page(replace(MODEL, data_directory="/data/\udcff"))


def test_nothing_is_cut_off_on_a_narrow_screen() -> None:
    """A column that may not shrink, or text that may not wrap, would hide under a day's rounded corners."""
    narrow, wide = STYLE.split("@media (min-width: 40rem)")
    assert "white-space: nowrap" in wide
    rules = [rule for rule in narrow.split("}") if rule.strip().startswith(".day")]
    assert len(rules) >= 5
    assert not [rule for rule in rules if "nowrap" in rule or " 1fr" in rule.replace("minmax(0, 1fr)", "")]


def test_a_feed_of_one_stage_has_one_count_and_no_revenue() -> None:
    """Columns that could only ever hold a dash are left out."""
    text = status_page(replace(MODEL, feed="flights", stages=("raw",), revenue=False)).decode()
    assert re.findall(r'<th scope="col">([^<]+)', text) == ["Partition", "Status", "Rows", "Firing"]
    assert "<dt>Feed</dt><dd>flights</dd>" in text
    assert len(re.findall(r"<td>", text)) == 4
