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
        ("{", "broken JSON"),
        ("[]", "a JSON list"),
        ("3", "no JSON"),
        ('"{}"', "JSON within a JSON text"),
        ("true", "no JSON"),
        ('{"revenue": NaN}', "JSON with NaN or Infinity"),
        ('{"revenue": 1, "tax": -Infinity}', "JSON with NaN or Infinity"),
        ('{"a": 1,}', "JSON with a comma before a closing bracket"),
        ('{"a": [1, 2, ], "b": 1}', "JSON with a comma before a closing bracket"),
        ('{"a": None, "b": [True]}', "JSON with Python's None, True or False"),
        ('{"a": undefined}', "JSON with JavaScript's undefined"),
        ('{"a": , "b": 1}', "JSON with a field without a value"),
        ('{"a": "it\\\'s", "b": "\\""}', "JSON with an invalid escape"),
        ('{"a": "two\nlines"}', "JSON with unescaped control characters"),
        ('{"a": 1}{"a": 2}', "JSON with more text after it"),
        ('{"a": [1, {"b": 1}', "broken JSON"),
        ("{\u201ca\u201d: 1}", "JSON with typographic quotes"),
        ("{&quot;a&quot;: 1}", "JSON with &quot; for its quotes"),
        ("{&#34;a&#34;: 1}", "JSON with &quot; for its quotes"),
        ("%7B%22a%22%3A%201%7D", "URL-encoded JSON"),
        ("eyJyZXZlbnVlIjogMTI5OX0=", "Base64 of JSON"),
        ("eyAicmV2ZW51ZSI6IDEyOTkgfQ==", "Base64 of JSON"),
        ("{a: 1, b: 2}", "JSON with its keys unquoted"),
        ('{"a": [1, {"b": 1', "JSON that is cut off"),
        ("{'a': 1}", "a Python dict"),
        ('{""a"": 1}', "JSON with its quotes doubled"),
        ('{\\"a\\": 1}', "JSON with its quotes escaped"),
        ("[object Object]", "[object Object]"),
        ("[" * 100_000, "broken JSON"),
        ('{"a":' * 100_000, "JSON that is cut off"),
        ('{"a": 1,' + " " * 70_000 + "}", "broken JSON"),
        ("eyelash-extensions", "no JSON"),
        ("100%7Bcotton%7D", "no JSON"),
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
        data_shapes=Names({"nothing": 1}),
    )


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ({}, "an empty JSON object"),
        ({"coupon": "X"}, "a JSON object without revenue, transaction_id and items"),
        ({"revenue": None, "items": []}, "a JSON object without revenue, transaction_id and items"),
        ({"id": 7, "ecommerce": {"revenue": 1}}, "an object with the order in its field ecommerce"),
        ({"data": {"order": {"items": [1]}}}, "an object with the order in its field data.order"),
        (
            {"a": {"b": {"c": {"d": {"revenue": 1}}}}},
            "a JSON object without revenue, transaction_id and items",
        ),
        ({"Ann Lee, Rome": {"revenue": 1}}, "an object with the order in its field of another name"),
    ],
)
def test_an_object_without_anything_of_an_order_is_told_by_its_shape(
    data: dict[str, object], shape: str
) -> None:
    """It is JSON, so its values are missing, not unparseable; what is around it may be known."""
    tally = tally_of([read_order(json.dumps(data))])
    assert (tally.missing_transaction_id, tally.data_shapes) == (1, Names({shape: 1}))
    assert not tally.unparseable_event_data


@pytest.mark.parametrize(
    "data",
    [{"transaction_id": "A"}, {"items": [1]}, {"revenue": 0}, {"revenue": "x", "data": {"revenue": 1}}],
)
def test_an_order_that_lacks_something_is_still_an_order(data: dict[str, object]) -> None:
    """Only what has none of the three fields has a shape."""
    assert tally_of([read_order(json.dumps(data))]).data_shapes == Names()


@pytest.mark.parametrize(
    ("revenue", "size"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (1299, "1024"),
        (1024, "1024"),
        (-49.9, "-32"),
        (0.3, "0.25"),
        (1.7e308, "8.98847e+307"),
        (5e-324, "4.94066e-324"),
    ],
)
def test_orders_are_counted_by_the_size_of_their_revenue(revenue: float, size: str) -> None:
    """The power of two at or below it, with its sign."""
    assert tally_of([read_order(order(revenue=revenue))]).worths == Names({size: 1})


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
