"""Rows of the state database: foreign ones are skipped, valid ones are written back unchanged."""

import json
from collections.abc import Callable
from typing import Any

from given import Given
from made import DAY, facts, profile
from sites import days_before, snapshot_of
from target import Target, agree

from exporter.incidents.codec import decode_incident, encode_incident
from exporter.store.codec import decode_profile, encode_profile
from exporter.store.daybook import KeptDay, _decode, _encode

INCIDENT = snapshot_of(*days_before(2), facts(DAY, raw=profile(rows=10))).incidents[0]
KEPT = KeptDay("c", {("puffy_partition_rows", ("raw",)): 1000.0, ("puffy_partition_revenue", ()): 0.5})


def _decode_day(body: bytes) -> KeptDay | None:
    return _decode("c", None, body)


Codec = tuple[bytes, Callable[[bytes], Any], Callable[[Any], bytes]]
CODECS: tuple[Codec, ...] = (
    (encode_profile(profile()), decode_profile, encode_profile),
    (encode_incident(INCIDENT), decode_incident, encode_incident),
    (_encode(KEPT), _decode_day, _encode),
)


def run(data: bytes) -> None:
    """Decode a row as it is, or a valid one with odd values."""
    given = Given(data)
    written, decode, encode = given.pick(CODECS)
    body = given.rest
    if given.number() % 2:
        body = json.dumps(given.edited(json.loads(written))).encode()
    found = decode(body)
    if found is not None:
        again = encode(found)
        agree(encode(decode(again)), again, "a row written back")


TARGET = Target(
    name="state",
    run=run,
    seeds=(
        *(bytes([place]) + codec[0] for place, codec in enumerate(CODECS)),
        b"\0\1\0\5\4\7",
        b"\0\1\0\x20\5\x20\0\3\4\x26",
        b"\1\1\0\7\4\x08",
        b"\2\1\0\2\4\x09",
    ),
    words=(b"null", b"1e400", b"18446744073709551616", b"[]", b"{}", b'"web-orders"', b"-1"),
    longest=1200,
)
