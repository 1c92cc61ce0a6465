"""A partition's content has a name that follows from its figures, and from nothing else."""

import re
from dataclasses import replace

import pytest
from feeds import EXPECTED_COLUMNS
from made import profile, stage_facts

from exporter.gate.content import NOTHING, content_by_bytes, content_of, identify
from exporter.model import ColumnFigures, Stage

WHOLE = profile()
COLUMN = {"city": ColumnFigures("category", {"missing_rows": 0}, {"Rome": 5})}


def test_what_is_not_there_has_no_content() -> None:
    """So an acknowledgement of a missing day ends with its file."""
    assert content_of({}) == content_by_bytes({}) == NOTHING


def test_a_content_is_sixteen_digits() -> None:
    """They fit into a line and a label."""
    name = content_of({Stage.RAW: stage_facts(WHOLE)})
    assert re.fullmatch("[0-9a-f]{16}", name)
    assert content_of({Stage.RAW: stage_facts(WHOLE, size_bytes=7, updated_ns=1, arrival_ns=2)}) == name


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "other"},
        {"columns": EXPECTED_COLUMNS[Stage.RAW][::-1]},
        {"malformed_lines": (3,)},
        {"repeated_header_lines": (4,)},
        {"event_time": "at"},
        {"unanswered": {"mean": "no number"}},
        {"figures": {}, "duplicate_keys": None, "answers": {}},
    ],
)
def test_the_same_figures_are_the_same_content(changes: dict[str, object]) -> None:
    """Exported again, read elsewhere, or by a version that knows more fields."""
    assert identify(profile(**changes)) == identify(WHOLE)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 1001},
        {"columns": EXPECTED_COLUMNS[Stage.RAW][1:]},
        {"malformed_rows": 1},
        {"revenue": 2000.01},
        {"events": {"page_viewed": 1000}},
        {"duplicate_keys": 0},
        {"duplicate_keys": 3},
        {"figures": COLUMN},
        {"answers": {"mean": 1.0}},
        {"answers": {"mean": 1.00000001}},
        {"differing_parts": {"part-1.csv": "other columns"}},
    ],
)
def test_other_figures_are_another_content(changes: dict[str, object]) -> None:
    """Of the file, of its pack, of its columns, or of the contract's queries."""
    assert identify(profile(**changes)) != identify(WHOLE)


def test_the_last_digits_of_an_answer_are_not_counted() -> None:
    """DuckDB adds up in another order each time."""
    assert len({identify(profile(answers={"mean": value})) for value in (0.3, 0.30000000000000004)}) == 1
    assert len({identify(profile(answers={"mean": value})) for value in (0.3, 0.30000001)}) == 2


def test_a_file_that_cannot_be_read_is_named_by_its_size_and_time() -> None:
    """It may be replaced by another one that cannot be read either."""
    broken = stage_facts(None, error="cut off", size_bytes=7, updated_ns=1)
    others = [replace(broken, size_bytes=8), replace(broken, updated_ns=2), stage_facts(WHOLE)]
    names = {content_of({Stage.RAW: facts}) for facts in [broken, *others]}
    assert len(names) == 4
    assert content_by_bytes({Stage.RAW: broken}) == content_of({Stage.RAW: broken})


def test_every_stage_counts_and_is_told_from_the_others() -> None:
    """The same file in another place is another content."""
    known = stage_facts(WHOLE)
    names = {
        content_of(stages)
        for stages in ({Stage.RAW: known}, {Stage.CLEAN: known}, {Stage.RAW: known, Stage.CLEAN: known})
    }
    assert len(names) == 3
    assert content_of({Stage.CLEAN: known, Stage.RAW: known}) in names


def test_a_digest_that_is_known_is_not_computed_again() -> None:
    """A pass over many days would spend its time on it."""
    known = stage_facts(WHOLE)
    assert content_of({Stage.RAW: replace(known, identity=identify(WHOLE))}) == content_of({Stage.RAW: known})
    assert content_of({Stage.RAW: replace(known, identity="f00d")}) != content_of({Stage.RAW: known})


def test_the_name_by_bytes_is_that_of_earlier_versions() -> None:
    """Answers recorded then are still found; it follows from the bytes alone."""
    known = stage_facts(WHOLE)
    other = stage_facts(profile(rows=7, fingerprint=WHOLE.fingerprint))
    assert content_by_bytes({Stage.RAW: known}) == content_by_bytes({Stage.RAW: other})
    changed = stage_facts(profile(fingerprint="other"))
    assert content_by_bytes({Stage.RAW: known}) != content_by_bytes({Stage.RAW: changed})
    assert content_by_bytes({Stage.RAW: known}) != content_of({Stage.RAW: known})


def test_a_name_stays_the_same_from_version_to_version() -> None:
    """Otherwise an upgrade would close the gate on every acknowledged day."""
    known = {Stage.RAW: stage_facts(WHOLE)}
    assert content_by_bytes(known) == "a83bf75ae19e7368"
    assert content_of(known) == "0b3ae9a00006e320"
