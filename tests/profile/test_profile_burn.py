"""The profile of a file equals the reference's, however the file is cut and read."""

import dataclasses
import itertools
from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dirt import ALIASES, SOUP, files
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import day_of, profile as refer

from exporter.model import Profile, SourceFile, Stage, Stamp
from exporter.profile.records import Sizes
from exporter.profile.run import profile_file

PARTITION = date(2025, 3, 30)
ZONES = st.sampled_from([UTC, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
SIZES = st.builds(
    Sizes,
    span=st.sampled_from([1 << 20, 40, 150, 600]),
    block=st.sampled_from([1 << 20, 7, 60, 300]),
    parse=st.sampled_from([1 << 19, 8, 64, 200]),
)
STAGES = st.sampled_from([Stage.RAW, Stage.CLEAN, Stage.REJECTS])
names = itertools.count()


def find(path: Path, stage: Stage = Stage.RAW) -> SourceFile:
    status = path.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return SourceFile(PARTITION, stage, path, stamp)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dirt")


def write(folder: Path, data: bytes) -> Path:
    path = folder / f"{next(names) % 8}.csv"
    path.write_bytes(data)
    return path


def plain(profile: Profile) -> dict[str, object]:
    return dataclasses.asdict(dataclasses.replace(profile, fingerprint=""))


@settings(max_examples=6000, deadline=None)
@given(data=files(), zone=ZONES, sizes=SIZES, stage=STAGES, threads=st.sampled_from([1, 2]))
def test_every_figure_of_a_dirty_file_is_the_references(
    folder: Path, data: bytes, zone: ZoneInfo, sizes: Sizes, stage: Stage, threads: int
) -> None:
    """Whatever is wrong with a file, both ways of reading it agree, at any size of block and range."""
    day = day_of(PARTITION, zone)
    found = profile_file(find(write(folder, data), stage), day, aliases=ALIASES, threads=threads, sizes=sizes)
    assert plain(found) == plain(refer(data, day, stage, ALIASES))


@settings(max_examples=8000, deadline=None)
@given(
    header=st.sampled_from([b"a\n", b"a,timestamp\n", b"timestamp\n", b"a,b\r\n", b'"a","b",c\n', b""]),
    data=SOUP,
    sizes=SIZES,
    longest=st.sampled_from([1 << 25, 1 << 25, 25, 60]),
)
def test_soup_of_separators_and_quotes_is_split_like_the_reference_does(
    folder: Path, header: bytes, data: bytes, sizes: Sizes, longest: int
) -> None:
    """Records begin and end where the csv module and the proof of a start say, also beyond the longest record."""
    day = day_of(PARTITION)
    proof = min(longest, 1 << 16)
    sizes = dataclasses.replace(sizes, record=longest, proof=proof)
    found = profile_file(find(write(folder, header + data)), day, aliases=ALIASES, sizes=sizes)
    assert plain(found) == plain(refer(header + data, day, Stage.RAW, ALIASES, longest, proof))
