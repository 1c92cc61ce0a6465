"""Column types guessed from values and names, and values that only look like a type."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sniff_files import FIRST, days, orders, table, write, write_days

from exporter.feed import Column, Feed
from exporter.sniff.sniff import Proposal, sniff
from exporter.sniff.words import is_amount, is_personal, words_of

QUOTED = '"{}"'


def column(tmp_path: Path, name: str, values: Sequence[str]) -> tuple[Column, dict[str, str]]:
    """Return what is proposed for one column, with its notes."""
    rows = [f'{number},"{value}"' for number, value in enumerate(values)]
    write_days(tmp_path, 3, content=table(f"id,{name}", *rows))
    proposal = sniff([tmp_path])
    notes = {
        str(place[-1]): text
        for place, text in proposal.notes.items()
        if place[:4] == ("schema", 0, "properties", 1)
    }
    return proposal.feed.raw.columns[1], notes


def many(form: str, count: int = 60) -> list[str]:
    """Return distinct values."""
    return [
        form.format(n=number, d=number % 28 + 1, m=number % 12 + 1, h=number % 24) for number in range(count)
    ]


TYPES: list[tuple[str, str, list[str], str, str | None]] = [
    ("whole numbers", "quantity", many("{n}"), "integer", None),
    ("negative ones", "delta", many("-{n}"), "integer", None),
    ("numbers", "weight", many("{n}.5"), "number", None),
    ("some of them whole", "weight", [*many("{n}"), "1.5"], "number", None),
    ("exponents", "weight", many("1.{n}e-05"), "number", None),
    ("truth", "active", ["true", "FALSE"] * 30, "boolean", None),
    ("yes and no", "active", ["yes", "No"] * 30, "boolean", None),
    ("one letter alone", "sex", ["f"] * 60, "category", None),
    ("flags", "is_new", ["1", "0"] * 30, "boolean", None),
    ("noughts and ones", "clicks", ["1", "0"] * 30, "integer", None),
    ("RFC 3339", "at", many("2025-03-{d:02}T{h:02}:00:00Z"), "timestamp", None),
    ("a space for the T", "at", many("2025-03-{d:02} {h:02}:00:00.{n:03}"), "timestamp", None),
    ("dates", "day", many("2025-{m:02}-{d:02}"), "date", None),
    ("German dates", "day", many("{d:02}.{m:02}.2025"), "date", "%d.%m.%Y"),
    ("British dates", "day", many("{d:02}/{m:02}/2025"), "date", "%d/%m/%Y"),
    ("American dates", "day", many("{m:02}/{d:02}/2025"), "date", "%m/%d/%Y"),
    ("dates of digits", "date", many("2025{m:02}{d:02}"), "date", "%Y%m%d"),
    ("digits that are no date", "batch", many("2025{m:02}{d:02}"), "integer", None),
    ("German times", "at", many("{d:02}.{m:02}.2025 {h:02}:15"), "timestamp", "%d.%m.%Y %H:%M"),
    ("American times", "at", many("{m:02}/{d:02}/2025 10:15:00 PM"), "timestamp", "%m/%d/%Y %I:%M:%S %p"),
    (
        "a web server's times",
        "at",
        many("{d:02}/Mar/2025:{h:02}:00:00 +0000"),
        "timestamp",
        "%d/%b/%Y:%H:%M:%S %z",
    ),
    ("ISO without separators", "at", many("2025{m:02}{d:02}T{h:02}0000Z"), "timestamp", "%Y%m%dT%H%M%S%z"),
    ("addresses", "referrer", many("https://a{n}.example/"), "url", None),
    ("few addresses", "referrer", ["https://a.example/", "app://b"] * 30, "url", None),
    ("few values", "country", ["DE", "FR", "IT"] * 20, "category", None),
    ("codes", "status_code", ["200", "404"] * 30, "category", None),
    ("many values", "city", many("town {n}"), "text", None),
    ("few values, each long", "notice", ["x" * 100, "y" * 100] * 30, "text", None),
]


@pytest.mark.parametrize(
    ("name", "values", "kind", "form"), [row[1:] for row in TYPES], ids=[row[0] for row in TYPES]
)
def test_a_column_is_what_its_values_are(
    tmp_path: Path, name: str, values: list[str], kind: str, form: str | None
) -> None:
    """All inspected values count."""
    known, _ = column(tmp_path, name, values)
    assert (known.type, known.format, known.required) == (kind, form, True)


FOOLING = [
    ("decimal commas", "price", many("{n},50"), "decimal commas"),
    ("thousands", "price", many("1,{n:03}.00"), "thousands separators"),
    ("German thousands", "price", many("1.{n:03},00"), "decimal commas"),
    ("euros", "price", many("€{n}.00"), "units"),
    ("percent", "share", many("{n}%"), "units"),
    ("leading zeros", "article", [*many("{n}"), "007"], "leading zeros"),
    ("zip codes", "zip", many("9{n:04}"), "the name says the digits are a code"),
    ("phones", "phone", many("49{n:09}"), "the name says the digits are a code"),
    ("too long numbers", "article", many("1234567890123456789{n}"), "more digits than a number keeps"),
    ("all empty", "note", [""] * 60, "no value in the inspected files"),
    ("all NULL", "note", ["NULL", "\\N", " "] * 20, "no value in the inspected files"),
    (
        "mixed",
        "size",
        [*many("{n}", 40), *many("x{n}", 20)],
        "mixed, so it is text: 67% of the values look like a number",
    ),
    (
        "times of two spellings",
        "at",
        [*many("2025-03-{d:02}T{h:02}:00:00Z", 40), *many("{d:02}.03.2025", 20)],
        "mixed",
    ),
]


@pytest.mark.parametrize(
    ("name", "values", "said"), [row[1:] for row in FOOLING], ids=[row[0] for row in FOOLING]
)
def test_what_only_looks_like_something_is_text_with_a_note(
    tmp_path: Path, name: str, values: list[str], said: str
) -> None:
    """Reading it as text loses nothing."""
    known, notes = column(tmp_path, name, values)
    assert known.type == "text"
    assert said in notes["logicalType"]


def test_a_column_without_values_is_not_required(tmp_path: Path) -> None:
    """No file has ever had a value in it."""
    assert not column(tmp_path, "note", [""] * 60)[0].required


def test_a_few_odd_values_are_reported_and_change_no_type(tmp_path: Path) -> None:
    """Up to one in a hundred may be invalid: that is reported, and the type stays."""
    known, notes = column(tmp_path, "size", [*many("{n}", 199), "n/k"])
    assert known.type == "integer"
    assert notes["logicalType"] == "3 of 600 values are not of type number"


def test_dates_that_can_be_read_either_way_are_a_guess(tmp_path: Path) -> None:
    """No day is above twelve."""
    known, notes = column(tmp_path, "day", ["01/02/2025", "03/04/2025"] * 30)
    assert known.format == "%d/%m/%Y"
    assert notes["logicalTypeOptions"] == "guessed: %m/%d/%Y would fit as well"


def test_seconds_since_1970_are_numbers_with_a_note(tmp_path: Path) -> None:
    """No format can parse them."""
    known, notes = column(tmp_path, "created_at", many("17414000{n:02}"))
    assert known.type == "integer"
    assert "since 1970" in notes["logicalType"]


def test_missing_values_make_a_column_optional(tmp_path: Path) -> None:
    """One missing value in all files is enough."""
    assert not column(tmp_path, "size", [*many("{n}"), "NA"])[0].required


PERSONAL = [
    "email",
    "E-Mail",
    "customerEmail",
    "phone",
    "first_name",
    "Last Name",
    "name",
    "customer_name",
    "address",
    "shipping_address",
    "ip",
    "client_ip",
    "ip_address",
    "client_id",
    "clientId",
    "user_id",
    "customer_id",
    "visitor_id",
    "date_of_birth",
    "passport_number",
]
OPEN = [
    "event_name",
    "product_name",
    "campaign",
    "order_id",
    "country",
    "file_name",
    "page_url",
    "timestamp",
    "description",
    "shipping_cost",
    "zip_code_count",
    "tip",
    "ship_date",
    "id",
    "tailnum",
    "mail_template",
    "email_status",
]


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_columns_are_recognised_by_name(name: str) -> None:
    """However they are spelled."""
    assert is_personal(name)


@pytest.mark.parametrize("name", OPEN)
def test_other_columns_are_not_personal(name: str) -> None:
    """Part of a word does not count."""
    assert not is_personal(name)


def test_personal_addresses_are_recognised_by_their_values_too(tmp_path: Path) -> None:
    """Whatever the column's name, and it is not a category even if it has few values."""
    known, notes = column(tmp_path, "contact", ["ann@example.org", "bob@example.org"] * 30)
    assert (known.type, known.personal) == ("text", True)
    assert "guessed from its values" in notes["classification"]
    assert column(tmp_path, "origin", many("10.0.0.{n}"))[0].personal


def test_names_are_split_into_words() -> None:
    """Camel case, snake case and spaces are split alike."""
    assert words_of("clientId") == words_of("client_id") == words_of("Client ID") == ("client", "id")
    assert words_of("HTTPStatus") == ("http", "status")
    names = ("total_price", "unit_price", "discount_rate", "totalRevenue", "value_id")
    assert [name for name in names if is_amount(name)] == ["total_price", "totalRevenue"]


def by_day(tmp_path: Path, headers: Sequence[str]) -> Proposal:
    """Return the proposal for days with these headers and numbers in every column."""
    files = {}
    for day, header in zip(days(len(headers)), headers, strict=True):
        width = len(header.split(","))
        files[f"x_{day}.csv"] = (
            header + "\n" + "".join(",".join([f"{row}"] * width) + "\n" for row in range(30))
        )
    return sniff([write(tmp_path, files)])


def test_a_new_column_is_optional(tmp_path: Path) -> None:
    """Old files are not expected to have a new column."""
    feed = by_day(tmp_path, ["a,b"] * 4 + ["a,b,c"] * 3).feed
    assert [(known.name, known.expected, known.required) for known in feed.raw.columns] == [
        ("a", True, True),
        ("b", True, True),
        ("c", False, False),
    ]
    assert feed.raw.names == ("a", "b")


def test_a_column_that_one_file_lost_is_still_expected(tmp_path: Path) -> None:
    """The column exists before and after: its loss is a fault to report, not part of the schema."""
    proposal = by_day(tmp_path, ["a,b"] * 4 + ["a"] + ["a,b"] * 3)
    assert proposal.feed.raw.columns[1].expected
    assert not proposal.feed.raw.columns[1].required
    assert (
        "not in the file of 2025-03-07, treated as a fault"
        in proposal.notes["schema", 0, "properties", 1, "name"]
    )


def test_a_renamed_column_is_one_with_an_alias(tmp_path: Path) -> None:
    """The spelling with underscores becomes its name."""
    known = by_day(tmp_path, ["a,client_id"] * 4 + ["a,clientId"] * 3).feed.raw.columns
    assert [(one.name, one.aliases, one.required) for one in known] == [
        ("a", (), True),
        ("client_id", ("clientId",), True),
    ]


def test_two_spellings_in_one_file_are_two_columns(tmp_path: Path) -> None:
    """They occur side by side."""
    assert by_day(tmp_path, ["clientId,client_id"] * 3).feed.raw.names == ("clientId", "client_id")


def test_the_first_of_columns_with_one_name_is_read_and_that_is_reported(tmp_path: Path) -> None:
    """The profiler does the same."""
    proposal = by_day(tmp_path, ["a,b,a"] * 3)
    assert proposal.feed.raw.names == ("a", "b")
    assert "raw: several columns are named a; the first of each is read" in proposal.looked.guesses


def key(tmp_path: Path, header: str, *rows: str, count: int = 3) -> tuple[str, ...]:
    """Return the proposed key for days with these rows."""
    return sniff([write_days(tmp_path, count, content=table(header, *rows))]).feed.raw.key


def test_the_smallest_and_likeliest_combination_is_the_key(tmp_path: Path) -> None:
    """An ID wins over a label that happens to be unique; two columns are used only if one is not enough."""
    ids = [f"n{row},{row},{row}.5" for row in range(50)]
    assert key(tmp_path / "one", "label,order_id,price", *ids) == ("order_id",)
    pairs = [f"{row // 5},{row % 5},{row}.5" for row in range(50)]
    assert key(tmp_path / "two", "order_id,line_no,price", *pairs) == ("order_id", "line_no")


def test_what_is_unique_by_chance_is_not_a_key(tmp_path: Path) -> None:
    """Amounts, texts not named like keys, columns with gaps, short files and single days are not keys."""
    assert key(tmp_path / "amount", "price,colour", *[f"{row}.5,red" for row in range(50)]) == ()
    assert key(tmp_path / "label", "label,colour", *[f"n{row},red" for row in range(50)]) == ()
    assert key(tmp_path / "gap", "order_id,colour", *[f"{row or ''},red" for row in range(50)]) == ()
    assert key(tmp_path / "few", "order_id,colour", "1,red", "2,blue") == ()
    assert key(tmp_path / "day", "order_id,colour", *[f"{row},red" for row in range(50)], count=1) == ()


def test_a_key_must_hold_on_days_that_were_not_sampled_too(tmp_path: Path) -> None:
    """The tenth of twenty days has a duplicate."""

    def content(day: date) -> str:
        rows = [f"{row}" for row in range(50)] + (["7"] if day == days(20)[9] else [])
        return "order_id,n\n" + "".join(f"{row},{number}\n" for number, row in enumerate(rows))

    assert sniff([write_days(tmp_path, 20, content=content)]).feed.raw.key == ("order_id", "n")


def test_the_demo_orders_are_understood(tmp_path: Path) -> None:
    """All of the above at once."""
    feed: Feed = sniff([write_days(tmp_path, 8)]).feed
    assert (feed.id, feed.name, feed.raw.key, feed.raw.event_time) == (
        "orders",
        "Orders",
        ("order_id",),
        "ordered_at",
    )
    assert [(one.name, one.type) for one in feed.raw.columns] == [
        ("order_id", "text"),
        ("ordered_at", "timestamp"),
        ("country", "category"),
        ("amount", "number"),
        ("email", "text"),
    ]
    assert orders(FIRST).count("\n") == 41
