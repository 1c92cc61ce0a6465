"""Values that are not text (invalid UTF-8, NUL) in formats without lines, counted by rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from exporter.profiling import utf8
from exporter.profiling.strings import Strings, text_array

SEPARATOR, LINE = b"\x1f", b"\n"


def spelled(values: Mapping[str, Any], rows: int) -> tuple[dict[str, Any], utf8.OddLines]:
    """Return arrays of strings with non-text bytes escaped, and the number of rows with any."""
    odd = [name for name, array in values.items() if rows and _is_odd(array)]
    if not odd:
        return dict(values), utf8.NO_LINES
    cells = {name: _octets(values[name]) for name in odd}
    lines = LINE.join(
        SEPARATOR.join(cells[name][row].translate(None, b"\r\n") for name in odd) for row in range(rows)
    )
    repaired = {name: text_array([utf8.repair(cell).decode() for cell in cells[name]]) for name in odd}
    return {**values, **repaired}, utf8.find_odd_lines(lines, len(lines))


def _is_odd(array: Any) -> bool:
    strings = Strings.of_array(array)
    octets = strings.octets[strings.starts[0] : strings.ends[-1]]
    if octets.size == 0:
        return False
    if octets.max() >= utf8.CONTINUES:
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            return True
    return bool(np.any(octets == 0))


def _octets(array: Any) -> list[bytes]:
    strings = Strings.of_array(array)
    data = strings.octets.tobytes()
    return [data[start:end] for start, end in zip(strings.starts, strings.ends, strict=True)]
