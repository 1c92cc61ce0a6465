"""Strategies for very dirty files, small enough to be understood."""

import json

from hypothesis import strategies as st

DAY = "2025-03-30"  # clocks change in Berlin

TIMES = st.one_of(
    st.builds(
        "{}T{:02d}:{:02d}:{:02d}.{:03d}Z".format,
        st.sampled_from([DAY, DAY, DAY, "2025-03-29", "2025-02-30"]),
        st.integers(0, 24),
        st.integers(0, 59),
        st.integers(0, 60),
        st.integers(0, 999),
    ),
    st.builds(
        "{}{}{}{}{}".format,
        st.just(DAY),
        st.sampled_from(["T", " ", "t", "  ", ""]),
        st.sampled_from(["02:30:00", "12:00:00", "23:59:60", "23:59", "1:2:3", "00:00:00"]),
        st.sampled_from(["", "", ".5", ".", ".123456789123", ".1234567890"]),
        st.sampled_from(["", "Z", "z", "+00:00", "-05:30", "+24:00", "+0100", "+02", " Z", "+1:00"]),
    ),
    st.sampled_from(
        [
            "",
            " ",
            "NaN",
            DAY,
            f" {DAY}T01:00:00Z ",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59Z",
            "9999-12-31 23:59:59",
            "0000-01-01T00:00:00Z",
            "1650-01-01T00:00:00Z",
            f"{DAY}T12:00",
            "yesterday",
            f"{DAY}T01:02:03.4Z\u00a0",
            "1743292800",
            f"{DAY}T0\uff11:00:00Z",
        ]
    ),
)
SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        12.5,
        0.1,
        1e308,
        1e22,
        10**25,
        10**400,
        5e-324,
        "",
        " ",
        "null",
        "7",
        " 7.5 ",
        "1_0",
        "0x1f",
        "inf",
        "nan",
        "1e5",
        "1e999",
        ".5",
        "5.",
        "+3",
        "-2",
        "ORD-1",
        "ORD-2",
        1,
        "1",
        1.0,
        "1.0",
        [],
        {},
        "٣",
    ]
)
ITEMS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {},
            optional={
                "item_id": st.sampled_from(["a", None, " ", 3]),
                "item_price": st.sampled_from([1, None, "", 0]),
                "price": st.sampled_from([2, None]),
            },
        ),
        st.none(),
        st.just("x"),
    ),
    max_size=2,
)
ORDERS = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"revenue": SCALARS, "transaction_id": SCALARS, "items": st.one_of(ITEMS, SCALARS)}
    ).map(json.dumps),
    st.sampled_from(
        [
            "",
            "null",
            "{}",
            "[1]",
            "{",
            '{"revenue": NaN}',
            '{"revenue":1e999,"transaction_id":"é\\ud800"}',
            '{"transaction_id":12345678901234567890123}',
            '{"transaction_id":12345678901234567890124}',
            "3",
            ' {"revenue": 2}\n',
            '{"revenue":1,"revenue":2}',
            '{"revenue":01}',
            '{"revenue":1,}',
            '{"revenue":-7.5}',
            '{"data":{"revenue":1}}',
            '{"coupon":null}',
            '"x"',
            "\u00a0",
        ]
    ),
    st.fixed_dictionaries({"revenue": st.floats(allow_nan=False, allow_infinity=False)}).map(json.dumps),
    st.fixed_dictionaries({"revenue": st.just(3)}).map(lambda order: json.dumps(order, indent=1)),
)
REFERRERS = st.sampled_from(
    [
        "",
        "https://source-0a1b2c3d.com/",
        "HTTP://Source-0A1B2C3D.COM",
        "https://u:p@source-0a1b2c3d.com:80/x?y",
        "https://source-0a1b2c3d.com.evil/",
        "https://x/?https://source-0a1b2c3d.com",
        "source-0a1b2c3d.com",
        "https://source-0a1b2c3.com/",
        "https://shop/",
        " null ",
        "\t",
        "None",
        "\u3000",
        " https://source-ffffffff.com#a",
        "https://source-ffffffff.com:/",
        "https://xsource-ffffffff.com/",
    ]
)
CLIENTS = st.one_of(
    st.sampled_from(
        [
            "",
            "1740268798-lvfV1k5nHCN8",
            "null",
            " NaN ",
            "NULL          ",
            "       <NA>",
            "a",
            "\u2003",
            "\x00",
            "\x1f",
            "\x85",
            "é",
            "#N/A N/A",
            "nullish-but-long",
            "\x1c\x1d",
        ]
    ),
    st.text(max_size=4),
)
NAMES = st.sampled_from(
    [
        "page_viewed",
        "checkout_completed",
        "checkout_completed",
        "checkout_completed",
        " checkout_completed",
        "checkout_completed\t",
        "",
        "NA",
        "Seite\u00e4",
        "Checkout_Completed",
        "x",
    ]
)
REASONS = st.sampled_from(
    [
        "",
        "a",
        "a|b",
        "a:1|a:2",
        " a :x| b",
        "|",
        ":x",
        "schema_mismatch_missing_columns:referrer",
        "a|b:c|d",
        "é:",
    ]
)
OTHERS = st.sampled_from(
    [
        "",
        "x",
        "a b",
        "line\nbreak",
        "cr\rbreak",
        "crlf\r\nbreak",
        'say ""hi""',
        "com,ma",
        '"',
        '"open',
        f"1,{DAY}T00:00:00Z\n2,{DAY}T00:00:01Z",
    ]
)

CELLS = {
    "client_id": CLIENTS,
    "clientId": CLIENTS,
    "page_url": OTHERS,
    "referrer": REFERRERS,
    "timestamp": TIMES,
    "ts": TIMES,
    "event_name": NAMES,
    "event_data": ORDERS,
    "user_agent": OTHERS,
    "dq_reason": REASONS,
}
USUAL = [
    "client_id",
    "page_url",
    "referrer",
    "timestamp",
    "event_name",
    "event_data",
    "user_agent",
    "dq_reason",
]
ALIASES = {"clientId": "client_id", "eventData": "event_data", "ts": "timestamp"}
END = st.sampled_from(["\n"] * 8 + ["\r\n", "\r", "\n\n", "\r\n\r\n", "\n\r"])


@st.composite
def headers(draw: st.DrawFn) -> list[str]:
    """Draw a file's columns: the usual ones, some of them, or others, in any order."""
    return draw(
        st.one_of(
            st.just(USUAL),
            st.permutations(USUAL),
            st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=6),
            st.sampled_from(
                [["timestamp"], ["client_id"], ["ts", "timestamp"], ["clientId", "client_id", "timestamp"]]
            ),
        )
    )


def write_cell(cell: str, style: str) -> str:
    """Write a cell with correct quoting, or as is."""
    if style == "raw":
        return cell
    if style == "quoted" or any(letter in cell for letter in '",\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a file."""
    columns = draw(headers())
    text = [draw(st.sampled_from(["", "", "", "\ufeff", "\n", "\ufeff\r\n"]))]
    text.append(
        ",".join(draw(st.sampled_from(["{}", "{}", " {} ", '"{}"'])).format(column) for column in columns)
    )
    text.append(draw(END))
    for _ in range(draw(st.integers(0, 12))):
        style = draw(st.sampled_from(["right", "right", "right", "quoted", "raw"]))
        cells = [write_cell(draw(CELLS[column]), style) for column in columns]
        dirt = draw(st.sampled_from(["", "", "", "", "", "", "extra", "short", "open", "stray", "open last"]))
        if dirt == "extra":
            cells.append("more")
        elif dirt == "short":
            cells.pop()
        elif dirt == "open":
            place = draw(st.integers(0, len(cells) - 1))
            cells[place] = '"' + cells[place].strip('"')
        elif dirt == "open last" and cells:
            cells[-1] = '"open'
        elif dirt == "stray" and cells:
            cells[0] += 'x"y'
        text += [",".join(cells), draw(END)]
    if draw(st.booleans()):
        text.pop()
    data = "".join(text).encode()
    if draw(st.integers(0, 4)) == 0 and data:
        place = draw(st.integers(0, len(data) - 1))
        data = (
            data[:place]
            + draw(
                st.sampled_from(
                    [
                        b"\xff",
                        b"\xe2\x82",
                        b"\xc3",
                        b"\x00",
                        b"\xed\xa0\x80",
                        b"\xf0\x9f\x98",
                        b'"',
                        b"\n",
                        b"\r",
                    ]
                )
            )
            + data[place:]
        )
    return data


SOUP = st.lists(
    st.sampled_from(
        [
            b"a",
            b",",
            b'"',
            b"\n",
            b"\r",
            b"\r\n",
            b"2025-03-30T00:00:00Z",
            b"x,2025-03-30T00:00:00Z\n",
            b"\xff",
            b" ",
        ]
    ),
    max_size=40,
).map(b"".join)
