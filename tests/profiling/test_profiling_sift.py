"""Records are told apart one by one where lines are not records."""

import time

import pytest

from exporter.profiling.grammar import Grammar
from exporter.profiling.sift import sift

GRAMMAR = Grammar(width=2, timestamp=1, longest_proof=40)
GOOD = b"x,2025-03-30T00:00:00Z\n"
BREAK = b'"x\ny",2025-03-30T00:00:00Z\n'


@pytest.mark.parametrize(
    ("data", "good", "malformed"),
    [
        (b"", 0, 0),
        (b"\n\r\n\r", 0, 0),
        (GOOD * 3, 3, 0),
        (GOOD + b"\n" + GOOD.strip(), 2, 0),
        (BREAK + GOOD, 2, 0),
        (b"a\na,b,c\n" + GOOD, 1, 2),
        (b'"open,b\n' + GOOD + GOOD, 2, 1),
        (b'a,"open\n' + GOOD + b'a,"closed"\n', 2, 1),
        (b'a,"open\nb,c\n' + GOOD, 1, 1),
        (GOOD + b'a,"open\nb,c\nd,e', 1, 1),
        (GOOD + b'a,"b"c"d\n', 2, 0),
    ],
)
def test_an_open_quote_ends_in_front_of_the_next_proven_line(data: bytes, good: int, malformed: int) -> None:
    """It costs its own record; lines that prove nothing before the next proven one belong to it."""
    found = sift(data, GRAMMAR, longest=1000, final=True, skipping=False)
    assert (found.good, found.malformed.count, found.consumed) == (good, malformed, len(data))


@pytest.mark.parametrize("rest", [b'a,"open\n', b'a,"open\nb,c\n', b'"a\n\n'])
def test_a_record_that_may_go_on_is_left_for_later(rest: bytes) -> None:
    """What has not ended is not consumed while more is to come."""
    found = sift(BREAK + rest, GRAMMAR, longest=1000, final=False, skipping=False)
    assert (found.good, found.malformed.count, found.consumed, found.skipping) == (1, 0, len(BREAK), False)


@pytest.mark.parametrize("final", [True, False])
def test_a_record_beyond_the_longest_lasts_to_the_next_proven_line(final: bool) -> None:  # noqa: FBT001  parametrized
    """Good lines that prove nothing are lost with it; what comes after the proven one is not."""
    data = b"a," + b"b" * 60 + b"\na,b\n" + GOOD + b"a,b\n"
    found = sift(data, GRAMMAR, longest=50, final=final, skipping=False)
    assert (found.good, found.malformed.count, found.consumed, found.skipping) == (2, 1, len(data), False)


def test_skipping_goes_on_over_blocks_and_ends_with_a_proven_line() -> None:
    """A block without a proven line is skipped whole; a later open record is a record again."""
    nothing = sift(b"a,b\nc,d\n", GRAMMAR, longest=50, final=False, skipping=True)
    assert (nothing.good, nothing.malformed.count, nothing.consumed, nothing.skipping) == (0, 0, 8, True)
    found = sift(b"a,b\n" + GOOD + b'a,"open\n', GRAMMAR, longest=50, final=False, skipping=True)
    assert (found.good, found.malformed.count, found.skipping) == (1, 0, False)
    assert (found.consumed, b"".join(found.runs)) == (4 + len(GOOD), GOOD)


def seconds(lines: int) -> float:
    """Return the processor time that it takes to tell so many malformed lines apart, at best."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        assert (
            sift(b"a\n" * lines, GRAMMAR, longest=1000, final=True, skipping=False).malformed.count == lines
        )
        taken.append(time.process_time() - start)
    return min(taken)


def test_time_grows_with_the_lines_however_many_are_malformed() -> None:
    """A block of a hundred thousand would take half an hour if each were counted from the start."""
    few = seconds(2_000)
    assert seconds(16_000) < 24 * few
