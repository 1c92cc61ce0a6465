"""What each column contributes to a tally: one function for each, from the good records of a block."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow.compute as pc

from exporter.model import Day, Stage
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.names import Names
from exporter.profiling.orders import CHECKOUT, tally_orders
from exporter.profiling.referrer import is_synthetic
from exporter.profiling.strings import Column, Flags, Octets, Strings, count_values, text_array
from exporter.profiling.tally import Tally
from exporter.profiling.times import tally_times

READ: Mapping[Stage, tuple[str, ...]] = {
    Stage.RAW: ("client_id", "referrer", "timestamp", "event_name", "event_data"),
    Stage.CLEAN: ("client_id", "referrer", "timestamp", "event_name", "event_data"),
    Stage.REJECTS: ("client_id", "referrer", "timestamp", "event_name", "event_data", "dq_reason"),
}
"""The columns that figures are made of; nothing else is parsed into values."""

Columns = Mapping[str, Column]


def tally_columns(columns: Columns, rows: int, day: Day, missing: MissingValues = NO_VALUE) -> Tally:
    """Count the good records of a block; a column that the file lacks is missing in every one of them."""
    return Tally(rows=rows).merge(
        _tally_clients(columns.get("client_id"), rows, missing),
        _tally_events(columns.get("event_name"), columns.get("event_data"), rows, missing),
        _tally_referrers(columns.get("referrer"), rows, missing),
        _tally_timestamps(columns.get("timestamp"), rows, day, missing),
        _tally_reasons(columns.get("dq_reason")),
    )


def _tally_clients(column: Column | None, rows: int, missing: MissingValues) -> Tally:
    return Tally(missing_client_id=rows if column is None else count_missing(column, missing))


def count_missing(column: Column, words: MissingValues = NO_VALUE) -> int:
    """Count missing values; only short ones and those with something odd at an edge are looked at."""
    strings = Strings.of(column)
    lengths = strings.lengths
    plain = (lengths > words.longest) & _is_graphic(strings.first()) & _is_graphic(strings.last())
    empty = lengths == 0
    missing = int(np.count_nonzero(empty))
    odd = ~(plain | empty)
    if odd.any():
        missing += sum(count for value, count in count_values(strings.where(odd)).items() if value in words)
    return missing


def _is_graphic(octets: Octets) -> Flags:
    return (octets - np.uint8(0x21)) < np.uint8(0x5E)


def _tally_events(names: Column | None, data: Column | None, rows: int, words: MissingValues) -> Tally:
    if names is None:
        return Tally(missing_event_name=rows)
    missing = 0
    events: Counter[str] = Counter()
    spelled = []  # the ways in which a checkout is written here: space around it counts for nothing
    for value, count in count_values(names).items():
        name = value.strip()
        if name in words:
            missing += count
            continue
        events[name] += count
        if name == CHECKOUT:
            spelled.append(value)
    counted = Tally(missing_event_name=missing, events=Names.bounded(events))
    if not spelled:
        return counted
    if data is None:
        return counted.merge(tally_orders([""] * events[CHECKOUT], words))
    spellings = text_array(spelled)
    plain = len(spelled) == 1  # comparing is faster than looking up
    checkouts = pc.equal(names, spellings[0]) if plain else pc.is_in(names, value_set=spellings)
    return counted.merge(tally_orders(data.filter(checkouts).to_pylist(), words))


def _tally_referrers(column: Column | None, rows: int, words: MissingValues) -> Tally:
    if column is None:
        return Tally(referrer_null=rows)
    counts = count_values(column)
    return Tally(
        referrer_null=sum(count for value, count in counts.items() if value in words),
        referrer_synthetic=sum(count for value, count in counts.items() if is_synthetic(value)),
    )


def _tally_timestamps(column: Column | None, rows: int, day: Day, words: MissingValues) -> Tally:
    return Tally(missing_timestamp=rows) if column is None else tally_times(Strings.of(column), day, words)


def _tally_reasons(column: Column | None) -> Tally:
    if column is None:
        return Tally()
    reasons: Counter[str] = Counter()
    for cell, count in count_values(column).items():
        for reason in {part.split(":", 1)[0].strip() for part in cell.split("|")} - {""}:
            reasons[reason] += count
    return Tally(reasons=Names.bounded(reasons))
