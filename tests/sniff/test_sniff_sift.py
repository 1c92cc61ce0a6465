"""One bad day is skipped; if most are bad, there is nothing to propose."""

from pathlib import Path

import pytest
from sniff_files import FIRST, days, orders, write, write_days

from exporter.errors import UserError
from exporter.sniff.sniff import Proposal, sniff

ODD = [
    ("gzip", b"\x1f\x8b\x08abc", "compressed (gzip)"),
    ("UTF-16", orders(FIRST).encode("utf-16"), "UTF-16: only UTF-8 is read"),
    ("HTML", b"<html>Bad gateway</html>", "HTML or XML"),
    ("semicolons", orders(FIRST).replace(",", ";").encode(), "separated by semicolons, most files by commas"),
    (
        "no header",
        orders(FIRST).partition("\n")[2].encode(),
        "its header has none of the other files' columns",
    ),
]


def odd(folder: Path, content: bytes, count: int) -> Proposal:
    """Return the proposal for eight days of which the last ``count`` have odd content."""
    write_days(folder, 8)
    return sniff([write(folder, {f"orders_{day}.csv": content for day in days(8)[-count:]})])


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_an_odd_day_is_left_out_and_named(tmp_path: Path, content: bytes, said: str) -> None:
    """The columns are derived from the other days."""
    proposal = odd(tmp_path, content, 1)
    assert [column.name for column in proposal.feed.raw.columns] == [
        "order_id",
        "ordered_at",
        "country",
        "amount",
        "email",
    ]
    assert proposal.feed.raw.key == ("order_id",)
    assert proposal.looked.files == 7
    assert any(
        guess.startswith("raw: orders_2025-03-10.csv: ") and said in guess
        for guess in proposal.looked.guesses
    )


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in ODD[:3]], ids=[row[0] for row in ODD[:3]])
def test_odd_days_in_the_majority_are_an_error(tmp_path: Path, content: bytes, said: str) -> None:
    """The message says what to do about them."""
    with pytest.raises(UserError) as error:
        odd(tmp_path, content, 5)
    assert said in str(error.value)


def test_empty_days_are_days_without_rows(tmp_path: Path) -> None:
    """The other days are not affected."""
    proposal = odd(tmp_path, b"", 2)
    assert (proposal.looked.files, proposal.looked.rows) == (8, 240)


def test_a_day_whose_rows_all_miss_the_header_is_counted_as_malformed(tmp_path: Path) -> None:
    """The header is right, so the columns are known."""
    proposal = odd(tmp_path, orders(FIRST).replace("example.org", "example.org,").encode(), 1)
    assert "raw: rows with a different number of fields than the header: 40" in proposal.looked.guesses
