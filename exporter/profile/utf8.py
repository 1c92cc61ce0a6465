"""Invalid UTF-8: found fast, replaced like everybody replaces it."""

import numpy as np
import pyarrow as pa

from exporter.profile.strings import as_buffer

CONTINUES = 0b1000_0000  # the two highest bits of a byte within a character
HIGHEST_TWO = 0b1100_0000


def is_valid(data: memoryview | bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    octets = np.frombuffer(data, np.uint8)
    offsets = np.array([0, octets.size], np.int32)
    whole = pa.StringArray.from_buffers(1, as_buffer(offsets), as_buffer(octets))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def repair(data: memoryview | bytes) -> bytes:
    """Replace what is no UTF-8 by U+FFFD; ASCII bytes, and with them all structure, stay."""
    return str(data, "utf-8", "replace").encode()


def char_start(data: memoryview | bytes, position: int) -> int:
    """Return the last place at or before ``position`` where no valid character would be cut in two."""
    for back in range(min(4, position + 1)):
        if data[position - back] & HIGHEST_TWO != CONTINUES:
            return position - back
    return position
