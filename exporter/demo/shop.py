"""An invented shop: its products, pages, visitors' browsers and the sites that send them.

The pools are made once, from fixed seeds; a day only draws from them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from random import Random

SITE = "https://dozewell.example"
CHECKOUT = "https://checkout.dozewell.example/checkouts"

Item = Mapping[str, str | float | int | None]

# Name, item prefix, the price of a Queen, and whether it comes in sizes. Values give orders like a mattress
# shop's: a quarter below 260, half below 800, a quarter above 1450, a few near 5000.
PRODUCTS = (
    ("Dozewell Drift Mattress", "DRF", 949.0, True),
    ("Dozewell Tide Mattress", "TID", 1449.0, True),
    ("Dozewell Summit Mattress", "SMT", 2149.0, True),
    ("Dozewell Lull Topper", "LUL", 259.0, True),
    ("Dozewell Anchor Bed Frame", "ANC", 879.0, True),
    ("Dozewell Tilt Base", "TLT", 1199.0, True),
    ("Dozewell Linen Sheets", "LIN", 139.0, True),
    ("Dozewell Shield Protector", "SHD", 112.0, True),
    ("Dozewell Plume Pillow", "PLM", 95.0, False),
    ("Dozewell Harbor Blanket", "HRB", 149.0, False),
)
# The inch marks test nested quotes: JSON within a CSV field.
SIZES = (
    ("T", 'Twin, 38" x 75"', 0.74),
    ("F", 'Full, 54" x 75"', 0.89),
    ("Q", 'Queen, 60" x 80"', 1.0),
    ("K", 'King, 76" x 80"', 1.24),
)
SINGLE_SHARE = 0.86  # of orders hold one item
BASKETS = 400

PAGES = (
    ("/products/dozewell-drift-mattress", 180),
    ("/", 146),
    ("/products/dozewell-tide-mattress", 112),
    ("/cart", 64),
    ("/products/dozewell-summit-mattress", 40),
    ("/products/lull-topper", 29),
    ("/pages/compare-mattresses", 25),
    ("/products/anchor-bed-frame", 22),
    ("/products/tilt-base", 19),
    ("/pages/showrooms", 12),
    ("/collections/bedding", 10),
    ("/products/linen-sheets", 9),
    ("/products/plume-pillow", 8),
    ("/blogs/night-notes/why-naps-work", 7),
    ("/blogs/night-notes/how-to-wash-a-duvet", 6),
    ("/pages/returns", 5),
    ("/pages/contact#form", 4),
)
PARAMETERS = ("utm_medium", "utm_campaign", "utm_content", "aff", "click", "device_id", "size")
LINKED_SHARE = 0.52  # of pages are reached through a link with parameters

REFERRERS = (
    (f"{SITE}/", 25),
    ("https://checkout.dozewell.example/", 28),
    ("https://www.lookup.example/", 82),
    ("https://find.example/", 6),
    ("app://com.lookup.quicksearch/", 8),
    ("https://mail.example/", 4),
)
SYNTHETIC_HOSTS = 24

AGENTS = (
    (
        "Mozilla/5.0 (Lumen Phone; CPU OS 9_2_1 like Desk) WebLoom/705.1 (KHTML, like Loom) Drift/9.2 Mobile",
        34,
    ),
    ("Mozilla/5.0 (Kite 14; K) WebLoom/637.4 (KHTML, like Loom) Comet/141.0 Mobile Drift/637.4", 24),
    ("Mozilla/5.0 (Pane OS 12.0; Pane64; x64) WebLoom/637.4 (KHTML, like Loom) Comet/141.0 Drift/637.4", 15),
    ("Mozilla/5.0 (Pane OS 12.0; Pane64; x64) WebLoom/637.4 (KHTML, like Loom) Comet/141.0 Rim/141.0", 9),
    ("Mozilla/5.0 (Lumen Desk; OS 15_3) WebLoom/705.1 (KHTML, like Loom) Version/9.3 Drift/705.1", 8),
    ("Mozilla/5.0 (Kite 6; Spider) Comet/141.0 (KHTML, like Loom) (compatible; LookupBot/3.1)", 5),
    ("Mozilla/5.0 (compatible; SiteWalk/6.1; +https://sitewalk.example/bot)", 5),
)


class Deck:
    """Weighted values to draw from, many at a time."""

    __slots__ = ("_cumulated", "_values")

    def __init__(self, weighted: Sequence[tuple[str, int]]) -> None:
        self._values = [value for value, _ in weighted]
        self._cumulated = list(accumulate(weight for _, weight in weighted))

    def draw(self, rng: Random, count: int) -> list[str]:
        """Return ``count`` values in proportion to their weights."""
        return rng.choices(self._values, cum_weights=self._cumulated, k=count)


PAGE_DECK = Deck([(SITE + path, weight) for path, weight in PAGES])
REFERRER_DECK = Deck(REFERRERS)
AGENT_DECK = Deck(AGENTS)


@cache
def synthetic_deck() -> Deck:
    """Return the anonymised referrers, the first ones far more frequent than the last."""
    rng = Random("dozewell sources")  # noqa: S311  believable, not secret
    hosts = (f"https://source-{rng.getrandbits(32):08x}.com/" for _ in range(SYNTHETIC_HOSTS))
    return Deck([(host, 240 // rank) for rank, host in enumerate(hosts, 1)])


@cache
def query_deck() -> Deck:
    """Return query strings with hashed values, as in campaign links."""
    rng = Random("dozewell links")  # noqa: S311  believable, not secret
    return Deck([(_query(rng), 1) for _ in range(200)])


@cache
def items() -> tuple[Item, ...]:
    """Return everything on sale, one entry per product and size."""
    return tuple(_on_sale())


@cache
def item_texts() -> Deck:
    """Return a cart event's item as JSON."""
    return Deck([(json.dumps(dict(item), separators=(",", ":")), 1) for item in items()])


@cache
def baskets() -> tuple[tuple[Item, ...], ...]:
    """Return typical orders, cheapest first, so that a quantile picks one."""
    rng = Random("dozewell baskets")  # noqa: S311  believable, not secret
    return tuple(sorted((_basket(rng) for _ in range(BASKETS)), key=basket_value))


def basket_value(basket: Sequence[Item]) -> float:
    """Return the sum of a basket's prices, in the shop's currency."""
    return sum(float(item["item_price"] or 0) for item in basket)


def _query(rng: Random) -> str:
    names = rng.sample(PARAMETERS, k=rng.randint(1, 6))
    return "".join(f"&{name}={rng.getrandbits(24):06X}" for name in names)


def _on_sale() -> Iterator[Item]:
    for name, prefix, price, sized in PRODUCTS:
        for code, variant, factor in SIZES if sized else (("1", "One size", 1.0),):
            yield {
                "item_id": f"{prefix}-{code}-7",
                "item_name": name,
                "item_variant": variant,
                "quantity": 1,
                "item_price": round(price * factor),
            }


def _basket(rng: Random) -> tuple[Item, ...]:
    size = 1 if rng.random() < SINGLE_SHARE else rng.choice((2, 2, 2, 3, 4))
    return tuple(rng.sample(items(), k=size))
