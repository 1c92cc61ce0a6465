"""Every parser of foreign data handles any bytes as documented: known inputs and fresh ones."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from target import NAMES, Target, load

CORPUS = Path(__file__).parent / "corpus"
MOST_BYTES = 300_000
EXAMPLES = 30


def mutants(target: Target) -> st.SearchStrategy[bytes]:
    """Mutate a target's seeds by replacing pieces with its words or arbitrary bytes."""
    base = st.sampled_from((b"", *target.seeds))
    piece = st.one_of(st.sampled_from((b"", *target.words)), st.binary(max_size=4))
    edits = st.lists(st.tuples(st.integers(0, target.longest), st.integers(0, 8), piece), max_size=4)

    def edited(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
        for at, length, instead in changes:
            place = at % (len(data) + 1)
            data = data[:place] + instead + data[place + length :]
        return data[: target.longest]

    return st.builds(edited, base, edits)


@pytest.mark.parametrize("name", NAMES)
def test_every_input_that_found_new_code_is_read_as_documented(name: str) -> None:
    """So are the seeds, none of which may be a find."""
    target = load(name)
    for data in (*target.seeds, *(path.read_bytes() for path in sorted((CORPUS / name).glob("*")))):
        target.examine(data)


@pytest.mark.parametrize("name", NAMES)
def test_fresh_inputs_are_read_as_documented(name: str) -> None:
    """A few dozen with a fixed seed, at most a second per target; `make fuzz` tries millions."""
    target = load(name)

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=mutants(target))
    def examine(data: bytes) -> None:
        target.examine(data)

    examine()


def test_the_corpus_is_small_and_each_folder_belongs_to_a_target() -> None:
    """It is read in every test run."""
    folders = [path for path in CORPUS.iterdir() if path.is_dir()]
    assert {path.name for path in folders} <= set(NAMES)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < MOST_BYTES
