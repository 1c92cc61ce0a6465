"""Addresses of web pages: rows by host."""

import re
from collections import Counter
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exporter.profiling.names import Names
from exporter.profiling.strings import Column, Flags, Strings, as_buffer, look
from exporter.profiling.values import basis
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import octets_of, read_cells
from exporter.profiling.values.kind import Figure, Reading
from exporter.profiling.values.limits import outside
from exporter.profiling.values.named import NamedState

WITHOUT_SCHEME = "without_scheme_rows"

# After "//" there is a host, whatever its name. Otherwise only what looks like a host counts as one.
_NAMED = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*:)?//(?:.*@)?(?P<host>\[[0-9a-f:.]+(?:%[^]]*)?\]|[\w.~%-]+)(?::[0-9]*)?",
    re.IGNORECASE | re.DOTALL,
)
_BARE = re.compile(
    r"(?P<host>(?:[\w-]+\.)+[^\W\d][\w-]*\.?|localhost|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[0-9]*)?",
    re.IGNORECASE,
)


SLASH, COLON = ord("/"), ord(":")
STOPS = b"/?#\\"
END = STOPS[0]


class Address(NamedTuple):
    """The parts of one address; an empty host if it has none."""

    host: str
    has_scheme: bool


NOWHERE = Address("", has_scheme=False)


class Url:
    """The type ``url``."""

    name = "url"
    figures = (
        *basis.FIGURES,
        Figure(WITHOUT_SCHEME, "Rows whose address names a host but no scheme, such as https."),
    )

    def tally(self, values: Column, reading: Reading) -> NamedState:
        """Count the addresses of some rows; the hosts of a personal column are not named."""
        cells, missing = read_cells(values, reading.missing)
        found: Any = pc.dictionary_encode(_fronts(cells.strings))
        codes = np.frombuffer(found.indices.buffers()[1] or b"", np.int32, len(found))
        addresses = [_read(front) for front in found.dictionary.to_pylist()]
        rows = np.zeros(len(addresses), np.int64)
        np.add.at(rows, codes, cells.counts)
        hosts: Counter[str] = Counter()
        without_scheme = 0
        for address, count in zip(addresses, rows.tolist(), strict=True):
            if address.host:
                hosts[address.host] += count
                without_scheme += 0 if address.has_scheme else count
        nowhere = np.fromiter((not address.host for address in addresses), np.bool_, len(addresses))
        invalid = nowhere[codes] | outside(cells.strings, reading.column.limits)
        return NamedState(
            self.name,
            Basis.of(cells, missing, invalid),
            Names() if reading.column.personal else Names.bounded(hosts),
            {WITHOUT_SCHEME: without_scheme},
        )


def _fronts(strings: Strings) -> Any:
    """Return what is before path, query and fragment: few values, however many addresses there are."""
    size = strings.starts.size
    if size == 0:
        return strings.array
    octets = np.append(octets_of(strings), np.full(2, END, np.uint8))
    starts, ends = strings.starts - strings.starts[0], strings.ends - strings.starts[0]
    found: Flags = octets == STOPS[0]
    for letter in STOPS[1:]:
        found |= octets == letter
    stops = np.flatnonzero(found).astype(np.int32)
    places = np.searchsorted(stops, starts)
    stop = stops[places]
    # Two slashes at the beginning, or after a colon, do not end it.
    slashed = (octets[stop] == SLASH) & (octets[stop + 1] == SLASH) & (stop + 1 < ends)
    slashed &= (stop == starts) | (octets[stop - 1] == COLON)
    stop = stops.take(places + 2 * slashed, mode="clip")
    offsets = np.append(np.column_stack((starts, np.minimum(stop, ends))).ravel(), ends[-1:])
    halves = pa.StringArray.from_buffers(2 * size, as_buffer(offsets.astype(np.int32)), as_buffer(octets))
    return look(halves).where(np.arange(2 * size) % 2 == 0)


def hosts(strings: Strings) -> list[str]:
    """Return the host of each trimmed address, empty if there is none."""
    return [_read(front).host for front in _fronts(strings).to_pylist()]


@lru_cache(maxsize=8192)
def _read(front: str) -> Address:
    match = _NAMED.fullmatch(front)
    if match is not None:
        return Address(match["host"].lower().strip("."), has_scheme=match["scheme"] is not None)
    match = _BARE.fullmatch(front)
    return NOWHERE if match is None else Address(match["host"].lower().rstrip("."), has_scheme=False)


TYPE = Url()
