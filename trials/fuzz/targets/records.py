"""Records of a CSV file and all their figures: the same however it is split, and as the reference."""

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import reference
from dirt import ALIASES
from feeds import TABLES
from files import PARTITION, Memory, plain, profile_of
from given import Given
from target import DisagreementError, Target, agree

from exporter.model import Stage
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.records import Sizes

HEADERS = (
    b"",  # the input has its own
    b"client_id\n",
    b"a,timestamp\n",
    b"timestamp\n",
    b"event_name,b\r\n",
    b'"event_name","client_id",timestamp\n',
    b"client_id,page_url,referrer,timestamp,event_name,event_data,user_agent\n",
    b"timestamp,event_name,event_data\r",
    b"timestamp,dq_reason\n",
)
WHOLE = Sizes()
SMALL = (
    Sizes(span=40, block=7, parse=8),
    Sizes(span=150, block=60, parse=64),
    Sizes(span=60, block=1 << 20, parse=200),
    Sizes(span=1 << 20, block=16, parse=1 << 19),
)
LONGEST = (1 << 25, 1 << 25, 25, 60)
ORDER = (
    b'2025-03-30T01:00:00Z,checkout_completed,"{""revenue"": 12.5, ""transaction_id"": ""1"", ""items"":'
    b' [{""item_id"": 1, ""price"": 2}]}"\r'
)
STAGES = (Stage.RAW, Stage.CLEAN, Stage.REJECTS)
ZONES = (UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))


def run(data: bytes) -> None:
    """Profile a file whole, in small pieces, and by the reference."""
    given = Given(data)
    stage, small, longest = given.pick(STAGES), given.pick(SMALL), given.pick(LONGEST)
    day = reference.day_of(PARTITION, given.pick(ZONES))
    file = given.pick(HEADERS) + given.rest
    proof = min(longest, 1 << 16)
    wanted = reference.profile(file, day, stage, ALIASES, longest=longest, longest_proof=proof)
    for sizes in (WHOLE, small):
        try:
            found = profile_of(
                Memory(file), "csv", day, TABLES[stage], replace(sizes, record=longest, proof=proof)
            )
        except NotCsvError as error:
            if not reference.may_be_refused(file, wanted, stage):
                raise DisagreementError(f"refused: {error}") from error
        else:
            agree(found, plain(wanted), f"figures by {sizes}")


TARGET = Target(
    name="records",
    run=run,
    seeds=(
        b"\0\0\0\0\6a,/p,,2025-03-30T01:00:00Z,page_viewed,,x\nb,/p,,2025-03-30T02:00:00Z,page_viewed,,x\n",
        b'\0\1\0\1\6a,/p,"x\n,2025-03-30T01:00:00Z,page_viewed,,x\nb,/p,,2025-03-30T03:00:00+02:00,page_viewed,,x\n',
        b"\1\2\2\2\2x,2025-03-30T01:00:00Z\r\n\r\ny,2025-03-30 01:00:00\rz\n",
        b'\0\0\3\0\0client_id,timestamp\n"a\nb",2025-03-30T01:00:00Z\nclient_id,timestamp\n\xff,\0\n',
        b"\0\0\0\0\7" + ORDER,
        b"\2\3\0\1\x082025-03-30T01:00:00Z,missing_client_id: a|b\n",
        b'\0\1\2\0\3"2025-03-30T01:00:00Z"\n"""\n"a""b"\n2025-03-30T23:59:60Z\n',
    ),
    words=(
        b'"',
        b'""',
        b",",
        b"\n",
        b"\r\n",
        b"\r",
        b"2025-03-30T01:00:00Z",
        b"2025-03-30 02:30:00",
        b"checkout_completed",
        b"\xef\xbb\xbf",
        b"client_id",
        b"timestamp",
        b"null",
        b"https://a.b/",
    ),
    longest=400,
)
