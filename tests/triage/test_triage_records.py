"""A look at a file ends where it may go no further, and says so."""

import gzip
import time
from pathlib import Path

import pytest
from feeds import EVENTS
from made import DAY
from written import content, put

from exporter.discover.found import take_stamp
from exporter.model import PartFile, Stage
from exporter.places.readable import FileChanged
from exporter.profiling.grammar import UnpackError
from exporter.profiling.unpack import Expansion
from exporter.triage.records import Allowance, read_records


def part(path: Path) -> PartFile:
    """Describe a file like a listing does."""
    return PartFile(path, take_stamp(path.stat()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Provide a file of a hundred rows."""
    return put(tmp_path, DAY, Stage.RAW, content(DAY, 100))


@pytest.mark.parametrize(
    ("allowance", "least", "most", "spent"),
    [
        (None, 100, 100, False),
        (Allowance(), 100, 100, False),
        (Allowance(characters=1000), 1, 20, True),
        (Allowance(until=time.monotonic() - 1), 0, 0, True),
    ],
)
def test_a_look_goes_as_far_as_it_may(
    path: Path, allowance: Allowance | None, least: int, most: int, *, spent: bool
) -> None:
    """All of the file without a bound, whole records within one."""
    records = list(read_records(part(path), EVENTS.raw, allowance=allowance))
    assert least <= len(records) <= most
    assert all(record.row is not None for record in records)
    assert (allowance is not None and allowance.spent) is spent


def test_lines_that_are_skipped_count_too(path: Path) -> None:
    """A file of millions of rows without the text looked for must not be read to its end."""
    allowance = Allowance(characters=1000)
    assert list(read_records(part(path), EVENTS.raw, "no such text", allowance)) == []
    assert allowance.spent


def test_a_line_without_an_end_is_bounded(tmp_path: Path) -> None:
    """A hundred megabytes on one line are no record, and are not read either."""
    path = put(tmp_path, DAY, Stage.RAW, content(DAY, 2) + "\n" + "x" * 5_000_000)
    allowance = Allowance(characters=2_000_000)
    assert len(list(read_records(part(path), EVENTS.raw, allowance=allowance))) <= 3
    assert allowance.spent


def test_a_compressed_file_expands_as_far_as_the_configuration_lets_it(path: Path) -> None:
    """As when it was profiled; what was not allowed is an error, and no short answer."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    size = path.stat().st_size
    enough = Allowance(expansion=Expansion(largest=size, most_times=1))
    assert len(list(read_records(part(packed), EVENTS.raw, allowance=enough))) == 100
    with pytest.raises(UnpackError):
        list(read_records(part(packed), EVENTS.raw, allowance=Allowance(expansion=Expansion(size - 1, 1))))


def test_a_name_that_leads_elsewhere_since_it_was_found_is_not_read(path: Path, tmp_path: Path) -> None:
    """A listing looks at where a link leads; it may be changed before the file is opened."""
    found = part(path)
    path.unlink()
    path.symlink_to(put(tmp_path / "elsewhere", DAY, Stage.RAW, content(DAY, 100)))
    with pytest.raises(FileChanged):
        next(read_records(found, EVENTS.raw))
