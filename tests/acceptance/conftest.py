"""The real sample as its files arrived, with the expected results."""

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from expected import Expected, read_expected


@pytest.fixture(scope="session")
def expected(sample: Path) -> Expected:
    """Read the oracle's figures, which are next to the sample."""
    return read_expected(sample.parent / "expected-2025.md")


@pytest.fixture(scope="session")
def data(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a read-only copy whose files arrived exactly when due."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(sample, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for path in folder.rglob("events_*.csv"):
        digits = re.search(r"\d{8}", path.name)
        assert digits
        day = datetime.strptime(digits[0], "%Y%m%d").replace(tzinfo=UTC)
        os.utime(path, ((day + timedelta(days=1, hours=6)).timestamp(),) * 2)
    return folder
