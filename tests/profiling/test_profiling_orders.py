"""What is right and wrong with orders."""

import json
import math

import pytest

from exporter.profiling.names import Names
from exporter.profiling.order_tally import OrderTally, tally_of
from exporter.profiling.orders import read_order

ITEM = {"item_id": "bed", "item_price": 5}


def order(**fields: object) -> str:
    """Write an order that has nothing wrong with it but for ``fields``."""
    return json.dumps({"transaction_id": "ORD-1", "revenue": 5, "items": [ITEM]} | fields)


@pytest.mark.parametrize(
    ("value", "revenue"),
    [
        (5, 5),
        (-2.5, -2.5),
        (0, 0),
        ("12.50", 12.5),
        (" 1e3 ", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("+7", 7),
        (10**25, 1e25),
    ],
)
def test_numbers_and_their_texts_are_revenue(value: object, revenue: float) -> None:
    """A JSON number is revenue, and so is the text of one."""
    assert read_order(order(revenue=value)).revenue == revenue


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "",
        " ",
        "abc",
        "1_000",
        "0x10",
        "inf",
        "nan",
        "1,5",
        "1e999",
        "-1e999",
        "\u0663",
        [],
        [5],
        {},
        10**400,
    ],
)
def test_anything_else_is_no_revenue(value: object) -> None:
    """Booleans, texts that Python alone takes for numbers, and what is not finite are no revenue."""
    assert read_order(order(revenue=value)).revenue is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ORD-1", "ORD-1"),
        (" ORD-1 ", "ORD-1"),
        (7, "7"),
        (1.0, "1.0"),
        (1e2, "100.0"),
        (10**24 + 1, str(10**24 + 1)),
        (0, "0"),
        ("none", "none"),
        (False, "false"),
    ],
)
def test_transaction_ids_are_compared_as_text(value: object, text: str) -> None:
    """A number is the text that it is written as."""
    assert read_order(order(transaction_id=value)).transaction_id == text


@pytest.mark.parametrize("value", [None, "", "  ", "null", " null ", "NULL", "\\N", "N/A"])
def test_an_id_that_says_nothing_is_missing(value: object) -> None:
    """JSON's null, blanks, and the words for no value are no ids."""
    assert read_order(order(transaction_id=value)).transaction_id is None


def test_two_long_numbers_are_two_ids() -> None:
    """Numbers beyond a double's precision stay apart."""
    tally = tally_of([read_order(order(transaction_id=10**24 + last)) for last in (1, 2, 1)])
    assert (tally.with_transaction_id, len(tally.transaction_ids)) == (3, 2)


@pytest.mark.parametrize(
    "items", [[ITEM], [{"item_id": 1, "price": 0}], [ITEM, {"item_id": "x", "item_price": None, "price": 3}]]
)
def test_whole_items_name_themselves_and_their_price(items: object) -> None:
    """Either name of the price will do."""
    assert read_order(order(items=items)).items_are_whole


@pytest.mark.parametrize(
    "items",
    [
        *[
            None,
            [],
            {},
            "x",
            3,
            [None],
            [[]],
            ["x"],
            [{}],
            [{"item_id": "x"}],
            [{"item_price": 1}],
            [ITEM, {}],
        ],
        [{"item_id": None, "item_price": 1}],
        [{"item_id": " ", "item_price": 1}],
        [{"item_id": "x", "price": ""}],
        [{"item_id": "null", "price": 1}],
        [{"item_id": "x", "price": "N/A"}],
    ],
)
def test_items_with_anything_missing_are_corrupt(items: object) -> None:
    """One item that lacks its id or its price makes the order corrupt."""
    assert not read_order(order(items=items)).items_are_whole


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("{", "no JSON"),
        ("[]", "a JSON list"),
        ("3", "no JSON"),
        ('"{}"', "JSON within a JSON text"),
        ("true", "no JSON"),
        ('{"revenue": NaN}', "no JSON"),
        ('{"a": 1,}', "no JSON"),
        ('{"a": [1, {"b": 1}', "no JSON"),
        ('{"a": [1, {"b": 1', "JSON that is cut off"),
        ("{'a': 1}", "a Python dict"),
        ('{""a"": 1}', "JSON with its quotes doubled"),
        ('{\\"a\\": 1}', "JSON with its quotes escaped"),
        ("[object Object]", "[object Object]"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_is_no_json_object_is_unparseable(cell: str, shape: str) -> None:
    """Strict JSON only, and an object only; what else such an order lacks is not known."""
    assert tally_of([read_order(cell)]) == OrderTally(
        checkouts=1, unparseable_event_data=1, data_shapes=Names({shape: 1})
    )


@pytest.mark.parametrize("cell", ["", " ", "null", "NaN", "None"])
def test_an_absent_order_is_not_unparseable(cell: str) -> None:
    """Nothing cannot be misread, but neither can it say what was bought."""
    assert tally_of([read_order(cell)]) == OrderTally(
        checkouts=1,
        invalid_revenue=1,
        missing_transaction_id=1,
        corrupt_items=1,
        revenue_shapes=Names({"nothing": 1}),
    )


@pytest.mark.parametrize(
    ("revenue", "shape"),
    [
        ("$1,249.00", "$9,999.99"),
        ("n/a", "n/a"),
        (" ", "nothing"),
        (None, "nothing"),
        ("twelve", "aaaaaa"),
        ("1\u00a0249,00 \u20ac", "9 999,99 \u20ac"),
        ("\u2212\uff12\uff13", "\u2212\uff19\uff19"),  # a minus sign, and full-width digits
        ("#DIV/0!", "#DIV/0!"),
        ("-inf", "-inf"),
        (True, "true or false"),
        ([1], "a list"),
        ({"value": 1}, "an object"),
        (10**400, "a number beyond all bounds"),
    ],
)
def test_a_revenue_that_is_no_number_is_told_by_its_shape(revenue: object, shape: str) -> None:
    """Words that mean no value stay, everything else is masked."""
    tally = tally_of([read_order(order(revenue=revenue))])
    assert (tally.invalid_revenue, tally.revenue_shapes) == (1, Names({shape: 1}))


@pytest.mark.parametrize(
    "cell", ['{"revenue": 1e999}', '{"transaction_id": "\\ud800"}', ' {"a": 1}\n', '{"a":1,"a":2}']
)
def test_strict_json_is_parseable_however_odd(cell: str) -> None:
    """What RFC 8259 allows is an object, also where one parser would rather not have it."""
    assert not read_order(cell).unparseable


@pytest.mark.parametrize(
    ("revenue", "zero"), [(0, 1), (-0.0, 1), (-3, 1), ("0", 1), (0.01, 0), (None, 0), ("x", 0)]
)
def test_zero_value_is_a_number_not_above_zero(revenue: object, zero: int) -> None:
    """A revenue that is not a number is invalid, not zero; negative ones still enter the sum."""
    tally = tally_of([read_order(order(revenue=revenue))])
    assert tally.zero_value == zero
    assert tally.revenue <= 0 or not zero


def test_the_smallest_and_largest_doubles_add_up_exactly() -> None:
    """Nothing is lost between 5e-324 and 1e308: the order of summing can never matter."""
    values = [5e-324, 1.7e308, -1.7e308, 0.1, 1e-300]
    assert tally_of([read_order(order(revenue=value)) for value in values]).revenue == sum(
        int(math.ldexp(1, 0)) * (numerator << 1074) // denominator
        for numerator, denominator in (value.as_integer_ratio() for value in values)
    )
