"""What is shown of a row: enough to see the fault, nothing personal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.triage.masking import LONGEST, mask_cell, mask_url, shown

HASH = "e7857d0b42e4e961927cae0ce05380b03f43b00df64c3086e393f65c7ba036c0"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://shop.example/a/b", "https://shop.example/a/b"),
        ("https://shop.example/a?x=1&y=&z", "https://shop.example/a?x=*&y=*&z=*"),
        ("https://user:secret@shop.example:8443/a#part", "https://shop.example/a#*"),
        (
            "https://shop.example/cn/Z2NwLXVzLWVhc3QxOjAx/pay",
            "https://shop.example/cn/[masked, 20 characters]/pay",
        ),
        ("/only/a/path?q=1", "[masked, 16 characters]"),
        ("https://[broken", "[masked, 15 characters]"),
        ("https://source-1a2b3c4d.com/", "https://source-1a2b3c4d.com/"),
    ],
)
def test_a_url_keeps_where_it_leads_and_loses_what_it_carries(url: str, wanted: str) -> None:
    """Query values, users, fragments and ids in the path are gone; names of parameters help."""
    assert mask_url(url) == wanted


def test_event_data_keeps_its_shape_its_amounts_and_the_names_of_things() -> None:
    """So that a null price or a revenue of zero can be seen."""
    data = {
        "transaction_id": "ORD-20250303-390",
        "revenue": 0,
        "items": [{"item_id": None, "item_name": "Mattress", "item_price": "99.50"}],
        "user_email": HASH,
        "customer_id": 123456,
        "note": "Jane",
    }
    masked = json.loads(mask_cell("event_data", json.dumps(data)))
    assert masked == {
        "transaction_id": "[masked, 16 characters]",
        "revenue": 0,
        "items": [{"item_id": None, "item_name": "Mattress", "item_price": "99.50"}],
        "user_email": "[masked, 64 characters]",
        "customer_id": "[masked, 6 characters]",
        "note": "[masked, 4 characters]",
    }


@pytest.mark.parametrize(
    ("text", "shape"),
    [('{"id": "Ab1', '{"aa": "aa9'), ("[" * 100_000, f"{'[' * 40}..."), (r"{\"a\":1}", r"{\"a\":9}")],
)
def test_event_data_that_is_no_json_shows_its_length_and_how_it_begins(text: str, shape: str) -> None:
    """A cut-off value is recognised by the one, quotes that are escaped wrongly by the other."""
    assert mask_cell("event_data", text) == f"[not JSON, {len(text)} characters: {shape}]"


def test_an_amount_that_is_no_number_shows_how_it_is_written() -> None:
    """That is what is wrong with it."""
    masked = json.loads(mask_cell("event_data", json.dumps({"revenue": "1.299,00 EUR", "total_tax": "5"})))
    assert masked == {"revenue": "9.999,99 aaa", "total_tax": "5"}
    assert json.loads(mask_cell("event_data", '{"revenue": "N/A"}')) == {"revenue": "N/A"}


def test_a_missing_value_stays_visibly_missing() -> None:
    """It is what most rows are rejected for."""
    assert [mask_cell("client_id", value) for value in ("", " ", "null")] == ["", "", "null"]


def test_an_unknown_column_is_masked_whole() -> None:
    """Nobody knows what upstream adds next."""
    assert mask_cell("phone", "555") == "[masked, 3 characters]"


def test_text_columns_lose_addresses_and_hashes() -> None:
    """Wherever they ended up."""
    assert mask_cell("user_agent", f"Bot jane@shop.example {HASH}") == (
        "Bot [masked, 17 characters] [masked, 64 characters]"
    )
    assert mask_cell("timestamp", "2025-03-07T00:00:55.553Z") == "2025-03-07T00:00:55.553Z"
    assert HASH not in mask_cell("timestamp", HASH)


def test_what_is_shown_cannot_drive_a_terminal() -> None:
    """Rows come from the outside."""
    assert shown("a\x1b[2Jb\u202ec\n") == "a?[2Jb?c?"
    assert len(shown("x" * 10_000)) == LONGEST


@given(
    st.sampled_from(
        ["client_id", "page_url", "referrer", "event_data", "user_agent", "event_name", "timestamp"]
    ),
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_a_hash_survives_nowhere(column: str, before: str, after: str) -> None:
    """In no column, whatever stands around it."""
    assert HASH not in mask_cell(column, f"{before} {HASH} {after}")
    assert HASH not in mask_cell(column, f"https://shop.example/{before}?{after}={HASH}")
    assert HASH not in mask_cell("event_data", json.dumps({before: [HASH, {HASH: after}]}))
