"""The rows of a healthy day.

Shares are quotas with a little noise instead of drawn row by row: a healthy pipeline's ratios vary less
than independent rows would, and a seven-day, three-sigma rule must stay quiet on them.
"""

import json
from base64 import urlsafe_b64encode
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import accumulate
from random import Random
from typing import NamedTuple

from exporter.demo.shop import (
    AGENT_DECK,
    CHECKOUT,
    LINKED_SHARE,
    PAGE_DECK,
    REFERRER_DECK,
    Item,
    basket_value,
    baskets,
    item_texts,
    query_deck,
    synthetic_deck,
)
from exporter.model import Partition

PAGE_VIEWED = "page_viewed"
CART = "product_added_to_cart"
CHECKOUT_STARTED = "checkout_started"
EMAIL = "email_filled_on_popup"
ORDER = "checkout_completed"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The composition of a healthy day. Shares are of a day's rows, 0 to 1.

    From 25 rows a day on, no default threshold is breached.
    """

    seed: int = 7
    rows: int = 3500  # mean per day; weekdays move it by 5%
    cart_share: float = 0.046
    checkout_started_share: float = 0.0165
    email_share: float = 0.011
    order_share: float = 0.0114
    missing_id_share: float = 0.0095
    null_referrer_share: float = 0.70
    synthetic_referrer_share: float = 0.085
    empty_data_share: float = 0.35  # of the carts and started checkouts, without event_data


DEFAULT_RECIPE = Recipe()


class Row(NamedTuple):
    """One raw event, as text, in the order of the raw columns."""

    client_id: str
    page_url: str
    referrer: str
    timestamp: str
    event_name: str
    event_data: str
    user_agent: str


WEEKDAY = (1.03, 0.99, 0.95, 0.97, 0.98, 1.03, 1.05)  # Monday first; a share of the mean
HOUR = (51, 60, 56, 54, 63, 36, 27, 22, 18, 17, 19, 22, 31, 39, 45, 47, 49, 52, 50, 49, 50, 48, 49, 47)
DAY_NOISE = 0.015
SHARE_NOISE = 0.03
FEWEST_ORDERS = 3  # a tiny day needs some, or revenue would be zero
SPARSE = 500  # rows; below this, times are spread evenly, or there would be silent hours by chance
EVEN_ROWS = 28  # days with so few rows have no night
DAY_MILLISECONDS = 86_400_000
RETURNING_SHARE = 0.3
RECENT_VISITORS = 40
DISCOUNTED_SHARE = 0.08
ORDER_SPREAD = 0.3


def seeded(*key: object) -> Random:
    """Return a random generator seeded by ``key``, the same on every machine."""
    return Random(":".join(str(part) for part in key))  # noqa: S311  believable, not secret


def healthy_rows(partition: Partition, recipe: Recipe) -> list[Row]:
    """Return the day's rows in order of time. The same seed, rows and partition give the same rows."""
    rng = seeded(recipe.seed, recipe.rows, partition)
    factor = WEEKDAY[partition.weekday()] * rng.uniform(1 - DAY_NOISE, 1 + DAY_NOISE)
    count = max(1, round(recipe.rows * factor))
    times = _times(rng, count)
    names = _names(rng, recipe, count)
    visitors = _visitors(rng, partition, times)
    missing = _missing_ids(rng, recipe, names)
    stamps = _stamps(partition, times)
    columns = (
        ["" if position in missing else visitor[0] for position, visitor in enumerate(visitors)],
        _pages(rng, names),
        _referrers(rng, recipe, count),
        stamps,
        names,
        _event_data(rng, recipe, partition, names),
        [visitor[1] for visitor in visitors],
    )
    return [Row(*cells) for cells in zip(*columns, strict=True)]


def _quota(rng: Random, share: float, count: int) -> int:
    return int(share * rng.uniform(1 - SHARE_NOISE, 1 + SHARE_NOISE) * count + 0.5)


def _times(rng: Random, count: int) -> list[int]:
    """Return sorted milliseconds of the day, dense in the evening and thin at night (UTC)."""
    evenness = min(1.0, EVEN_ROWS / count)
    mean = sum(HOUR) / len(HOUR)
    bounds = [0.0, *accumulate(evenness * mean + (1 - evenness) * weight for weight in HOUR)]
    if count < SPARSE:
        quantiles = [(position + 0.25 + rng.random() / 2) / count for position in range(count)]
    else:
        quantiles = sorted(rng.random() for _ in range(count))
    return [_millisecond(bounds, quantile * bounds[-1]) for quantile in quantiles]


def _millisecond(bounds: list[float], mass: float) -> int:
    hour = bisect_right(bounds, mass) - 1
    part = (mass - bounds[hour]) / (bounds[hour + 1] - bounds[hour])
    return min(int((hour + part) * 3_600_000), DAY_MILLISECONDS - 1)


def _stamps(partition: Partition, times: list[int]) -> list[str]:
    minutes = [f"{partition}T{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]
    return [f"{minutes[moment // 60_000]}:{moment // 1000 % 60:02d}.{moment % 1000:03d}Z" for moment in times]


def _names(rng: Random, recipe: Recipe, count: int) -> list[str]:
    rare = [ORDER] * max(FEWEST_ORDERS, _quota(rng, recipe.order_share, count))
    rare += [CART] * _quota(rng, recipe.cart_share, count)
    rare += [CHECKOUT_STARTED] * _quota(rng, recipe.checkout_started_share, count)
    rare += [EMAIL] * _quota(rng, recipe.email_share, count)
    names = (rare + [PAGE_VIEWED] * count)[:count]
    rng.shuffle(names)
    return names


def _visitors(rng: Random, partition: Partition, times: list[int]) -> list[tuple[str, str]]:
    """Return a client id and a browser per row; some visitors return for a while."""
    midnight = int(datetime.combine(partition, time(), UTC).timestamp())
    agents = AGENT_DECK.draw(rng, len(times))
    known: list[tuple[str, str]] = []
    visitors: list[tuple[str, str]] = []
    for moment, agent in zip(times, agents, strict=True):
        if known and rng.random() < RETURNING_SHARE:
            recent = min(len(known), RECENT_VISITORS)
            visitors.append(known[-1 - int(rng.random() * recent)])
            continue
        token = urlsafe_b64encode(rng.getrandbits(72).to_bytes(9, "big")).decode()
        known.append((f"{midnight + moment // 1000}-{token}", agent))
        visitors.append(known[-1])
    return visitors


def _missing_ids(rng: Random, recipe: Recipe, names: list[str]) -> frozenset[int]:
    """Return the rows that lost their client id; page views only, as script blockers leave them."""
    views = [position for position, name in enumerate(names) if name == PAGE_VIEWED]
    noise = rng.uniform(1 - SHARE_NOISE, 1 + SHARE_NOISE)
    wanted = int(
        recipe.missing_id_share * noise * len(names)
    )  # rounded down: one row of forty is above the limit
    return frozenset(rng.sample(views, k=min(wanted, len(views))))


def _pages(rng: Random, names: list[str]) -> list[str]:
    pages = PAGE_DECK.draw(rng, len(names))
    queries = query_deck().draw(rng, len(names))
    for position, name in enumerate(names):
        if name in (CHECKOUT_STARTED, ORDER):
            token = urlsafe_b64encode(rng.getrandbits(240).to_bytes(30, "big")).decode()
            pages[position] = f"{CHECKOUT}/{token}/{'done' if name == ORDER else 'address'}"
        elif rng.random() < LINKED_SHARE and "#" not in pages[position]:
            pages[position] += f"?utm_source={rng.getrandbits(24):06X}{queries[position]}"
    return pages


def _referrers(rng: Random, recipe: Recipe, count: int) -> list[str]:
    nulls = min(count, _quota(rng, recipe.null_referrer_share, count))
    synthetic = min(count - nulls, _quota(rng, recipe.synthetic_referrer_share, count))
    referrers = [""] * nulls
    referrers += synthetic_deck().draw(rng, synthetic)
    referrers += REFERRER_DECK.draw(rng, count - nulls - synthetic)
    rng.shuffle(referrers)
    return referrers


def _event_data(rng: Random, recipe: Recipe, partition: Partition, names: list[str]) -> list[str]:
    started = [position for position, name in enumerate(names) if name in (CART, CHECKOUT_STARTED)]
    empty = set(rng.sample(started, k=round(recipe.empty_data_share * len(started))))
    texts = dict(zip(started, item_texts().draw(rng, len(started)), strict=True))
    orders = iter(_orders(rng, partition, names.count(ORDER)))
    data = [""] * len(names)
    for position, name in enumerate(names):
        if name == ORDER:
            data[position] = next(orders)
        elif name == EMAIL:
            data[position] = json.dumps({"user_email": _hashed_email(rng)}, separators=(",", ":"))
        elif position in texts and position not in empty:
            data[position] = texts[position]
    return data


def _orders(rng: Random, partition: Partition, count: int) -> list[str]:
    """Return orders spread over all values, so that daily revenue does not vary much by chance."""
    stock = baskets()
    numbers = rng.sample(range(1000, max(10_000, 1000 + count)), k=count)
    orders = []
    for rank, number in enumerate(numbers):
        quantile = (rank + 0.5 + rng.uniform(-ORDER_SPREAD, ORDER_SPREAD)) / count
        basket = stock[int(quantile * len(stock))]
        orders.append(_order(rng, f"DW-{partition:%Y%m%d}-{number}", basket))
    rng.shuffle(orders)
    return orders


def _order(rng: Random, transaction: str, basket: tuple[Item, ...]) -> str:
    value = basket_value(basket)
    order = {
        "transaction_id": transaction,
        "revenue": round(value * 0.9, 2) if rng.random() < DISCOUNTED_SHARE else round(value),
        "items": [dict(item) for item in basket],
        "user_email": _hashed_email(rng),
    }
    return json.dumps(order, separators=(",", ":"))


def _hashed_email(rng: Random) -> str:
    return f"{rng.getrandbits(256):064x}"
