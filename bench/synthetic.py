"""Realistic days of shop events of any size, from a seed."""

import itertools
import json
import random
import string
from collections.abc import Iterator
from pathlib import Path

HEADER = "client_id,page_url,referrer,timestamp,event_name,event_data,user_agent\n"
DAY = "2031-05-17"
NAMES = (
    "page_viewed",
    "product_added_to_cart",
    "checkout_started",
    "email_filled_on_popup",
    "checkout_completed",
)
WEIGHTS = (920, 46, 17, 11, 6)
CHUNK = 20_000  # rows generated between writes
ROW_BYTES = 318  # average bytes per row, close enough to choose the number of rows
ALPHABET = string.ascii_letters + string.digits


def write_day(path: Path, size: int, *, seed: int = 7) -> int:
    """Write a day of about ``size`` bytes to ``path``; return its number of rows."""
    rows = max(1, size // ROW_BYTES)
    maker = _lines(random.Random(seed), rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        while chunk := "".join(itertools.islice(maker, CHUNK)):
            file.write(chunk)
    return rows


def _lines(rng: random.Random, rows: int) -> Iterator[str]:
    pages, agents, hosts = _pages(rng), _agents(rng), _hosts(rng)
    for row in range(rows):
        draw = rng.random()
        name = rng.choices(NAMES, WEIGHTS)[0] if draw < 0.5 else NAMES[0] if draw < 0.97 else NAMES[1]
        data = _event_data(rng, name, row)
        client = (
            ""
            if draw < 0.008
            else f"{1_900_000_000 + row % 86_400}-{agents[row % 97][2]}{row % 99_991:05d}kQ"
        )
        yield (
            f"{client},{pages[int(draw * 1e6) % len(pages)]},{hosts[int(draw * 1e7) % len(hosts)]},"
            f"{_moment(row, rows)},{name},{data},{agents[row % len(agents)][0]}\n"
        )


def _moment(row: int, rows: int) -> str:
    milliseconds = row * 86_400_000 // rows
    seconds, fraction = divmod(milliseconds, 1000)
    return f"{DAY}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:03d}Z"


def _event_data(rng: random.Random, name: str, row: int) -> str:
    if name == "checkout_completed":
        price = rng.choice((229, 245, 128.5, 1149, 2128, 0))
        items = [
            {"item_id": f"SKU-{n}", "item_name": 'Topper 60"W x 80"L', "quantity": 1, "item_price": price}
            for n in range(rng.randint(1, 3))
        ]
        order = {
            "transaction_id": f"ORD-{row}",
            "revenue": price * len(items),
            "items": items,
            "user_email": f"{rng.getrandbits(256):064x}",
        }
    elif name == "email_filled_on_popup":
        order = {"user_email": f"{rng.getrandbits(256):064x}"}
    else:
        return ""
    return '"' + json.dumps(order, separators=(",", ":")).replace('"', '""') + '"'


def _word(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(ALPHABET, k=length))


def _pages(rng: random.Random) -> list[str]:
    paths = (
        "",
        "products/bed",
        "blogs/sleep/why-does-my-pillow-sing",
        "pages/reviews",
        "cart",
        "checkouts/cn",
    )
    return [
        f"https://shop.example/{rng.choice(paths)}?utm_source={_word(rng, 6)}&utm_medium={_word(rng, 6)}"
        + "".join(f"&{_word(rng, 5)}={_word(rng, 6)}" for _ in range(rng.randint(0, 8)))
        for _ in range(4999)
    ]


def _agents(rng: random.Random) -> list[tuple[str, int, str]]:
    systems = (
        "iPhone; CPU iPhone OS 18_3_1 like Mac OS X",
        "Windows NT 10.0; Win64; x64",
        "Linux; Android 10; K",
    )
    return [
        (
            f'"Mozilla/5.0 ({rng.choice(systems)}) AppleWebKit/605.{n} (KHTML, like Gecko) Safari/{n % 10}"',
            n,
            _word(rng, 5),
        )
        for n in range(349)
    ]


def _hosts(rng: random.Random) -> list[str]:
    synthetic = [f"https://source-{rng.getrandbits(32):08x}.com/" for _ in range(228)]
    known = ["https://www.search.example/"] * 200 + ["https://shop.example/"] * 100
    return [""] * 560 + known + [rng.choice(synthetic) for _ in range(197)]
