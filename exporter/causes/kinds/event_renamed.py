"""Events are gone, and new ones occur about as often."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exporter.causes.about import listed
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.kinds.events_spelled import gone, spelled
from exporter.profiling.order_tally import orders_of
from exporter.profiling.orders import CHECKOUT

ALIKE = 2.0  # at most this many times as many, or as few
ALIKE_IF_RARE = 3.0
CLEARLY = 1.3  # times closer than any other name
MOST_NAMES = 5  # to list
ORDERS = ("no_orders", "anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue", "revenue_gap")
NAMES = ("event_vanished", "event_appeared")
WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Renamings:
    """Old names with their new ones, and those that could be each other's by their counts."""

    pairs: Mapping[str, str]
    unsure_old: tuple[str, ...] = ()
    unsure_new: tuple[str, ...] = ()


def renamings(case: Case) -> Renamings:
    """Pair the events that are gone with the new ones, by their rows and by the words in their names."""
    changes, otherwise = case.facts.changes, spelled(case)
    if changes is None:
        return Renamings({})
    old = {name: rows for name, rows in gone(case).items() if name not in otherwise.values()}
    new = {name: float(rows) for name, rows in changes.appeared.items() if name not in otherwise}
    pairs, near = _paired(old, new, ALIKE)
    if pairs:  # others were probably renamed too, even those that are absent on some days anyway
        old = {name: rows for name, rows in {**_rare(case), **old}.items() if name not in pairs}
        new = {name: rows for name, rows in new.items() if name not in pairs.values()}
        more, near = _paired(old, new, ALIKE_IF_RARE)
        pairs |= more
    unsure_old, unsure_new = (tuple(sorted({pair[side] for pair in near})) for side in (0, 1))
    return Renamings(pairs, unsure_old, unsure_new)


def _rare(case: Case) -> dict[str, float]:
    """Return the mean daily rows of events that are absent, which occurred on most days before."""
    now, days = orders_of(case.raw), [orders.events for day in case.profiles() if (orders := orders_of(day))]
    names = set[str]().union(*days) - set(() if now is None else now.events)
    return {
        name: sum(day.get(name, 0) for day in days) / len(days)
        for name in sorted(names)
        if sum(name in day for day in days) > len(days) / 2
    }


def _paired(
    old: Mapping[str, float], new: Mapping[str, float], alike: float
) -> tuple[dict[str, str], Mapping[tuple[str, str], float]]:
    """Return the clear pairs, and what else is alike, with how many times one is the other."""
    near = {
        (one, other): max(rows, others) / min(rows, others)
        for one, rows in old.items()
        for other, others in new.items()
        if rows / alike <= others <= rows * alike
    }
    pairs: dict[str, str] = {}
    while clear := [pair for pair in near if _is_clear(pair, near)]:
        one, other = min(clear, key=lambda pair: (not _share_word(*pair), near[pair], pair))
        pairs[one] = other
        near = {pair: times for pair, times in near.items() if pair[0] != one and pair[1] != other}
    return pairs, near


def _is_clear(pair: tuple[str, str], near: Mapping[tuple[str, str], float]) -> bool:
    """Return whether no other pair with one of the names fits about as well; a word in common decides."""
    rivals = {other for other in near if other != pair and (other[0] == pair[0] or other[1] == pair[1])}
    if len({other[0] for other in (*rivals, pair)}) == 1:  # one name is gone: the nearest new one is its name
        return all((near[pair], pair) < (near[other], other) for other in rivals)
    if _share_word(*pair):
        rivals = {other for other in rivals if _share_word(*other)}
    return all(near[other] >= CLEARLY * near[pair] for other in rivals)


def _share_word(one: str, other: str) -> bool:
    """Return whether two names have a word in common, or one that begins alike: viewed, view."""
    words, others = (WORD.findall(name.casefold()) for name in (one, other))
    return any(a.startswith(b) or b.startswith(a) for a in words for b in others)


def _detect(case: Case) -> Iterator[Finding]:
    changes, found, lost = case.facts.changes, renamings(case), {**_rare(case), **gone(case)}
    if changes is None or case.raw is None or not (found.pairs or found.unsure_old):
        return
    olds = sorted((*found.pairs, *found.unsure_old), key=lambda name: (name != CHECKOUT, -lost[name], name))
    news = [*(found.pairs[name] for name in olds if name in found.pairs), *found.unsure_new]
    explains = (
        *(("event_vanished",) if changes.vanished else ()),
        *(("event_appeared",) if {*news, *spelled(case)} == set(changes.appeared) else ()),
        *(ORDERS if CHECKOUT in olds else ()),
    )
    evidence: dict[str, float | str] = {"gone": ", ".join(olds), "new": ", ".join(news)}
    if len(olds) == len(news) == 1:
        (old,), (new,) = olds, news
        usual, rows = lost[old], changes.appeared[new]
        yield Finding(
            title=f"event {old} is gone, {new} is new: renamed?",
            seen=f"No row has the event {old}, usually about {usual:,.0f} a day; {rows:,} rows have {new}, "
            "a new name.",
            subject=old,
            evidence={**evidence, "usual_rows": usual, "rows": rows},
            likely_fix=f"If {new} is the new name of {old}, have the tag changed back, or add it to the DQ "
            "step and the contract.",
            confidence=Confidence.LIKELY,
            explains=explains,
        )
        return
    rows = sum(changes.appeared[name] for name in news)
    yield Finding(
        title=f"{len(olds)} events renamed? {_listed(found, olds)}",
        seen=f"{len(olds)} events are gone; {rows:,} of {case.raw.rows:,} rows have names that are new and "
        f"about as frequent: {_listed(found, olds)}." + _unsure(found),
        subject=olds[0],
        evidence={**evidence, "rows": rows},
        likely_fix="If they were renamed, have the tag changed back, or add the new names to the DQ step and "
        "the contract.",
        confidence=Confidence.LIKELY,
        explains=explains,
    )


def _listed(found: Renamings, olds: Sequence[str]) -> str:
    """List the pairs, or the new names without any."""
    pairs = [f"{found.pairs[old]} for {old}" for old in olds if old in found.pairs]
    return listed(pairs or found.unsure_new, MOST_NAMES)


def _unsure(found: Renamings) -> str:
    """Say which new names cannot be told apart by their counts."""
    if not found.unsure_old:
        return ""
    olds, news = (listed(names, MOST_NAMES) for names in (found.unsure_old, found.unsure_new))
    return f" The counts do not tell which of {olds} became {news}."


CAUSE = Cause(
    name="event_renamed",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Figures based on the old names drop to zero.",
    resolution=("Check the tag's last release, and have the old event names restored.",),
    explains=(*NAMES, *ORDERS),
    detect=_detect,
    rank=1,
)
