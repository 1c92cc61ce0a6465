"""Why something cannot be read, in words that follow a colon."""

import errno

import pytest

from exporter.engine.reach import words_of
from exporter.errors import reason_of
from exporter.profiling.grammar import NotCsvError, UnpackError


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/data"), "no such file or directory"),
        (OSError("Truncated"), "truncated"),
        (NotCsvError(errno.EILSEQ, "the file is UTF-16"), "the file is UTF-16"),
        (UnpackError(errno.EILSEQ, "Parquet file is damaged"), "Parquet file is damaged"),
    ],
    ids=["system", "without a number", "not CSV", "damaged"],
)
def test_the_systems_words_are_in_lower_case_and_our_own_as_written(error: OSError, reason: str) -> None:
    """Names of formats and encodings keep their capitals; no file is named."""
    assert reason_of(error) == reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "connection refused"),
        (OSError("Timed out connecting to\n tcp://Host:1"), "Timed out connecting to tcp://Host:1"),
        (RuntimeError(), "RuntimeError"),
    ],
    ids=["system", "Dask", "silent"],
)
def test_the_words_of_any_error_are_one_line(error: Exception, words: str) -> None:
    """The system's as elsewhere, a library's as they are, and otherwise the kind of error."""
    assert words_of(error) == words
