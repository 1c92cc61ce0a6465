"""The simulated clock: real time many times as fast, for this program and those that it starts."""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

NANOSECONDS = 1_000_000_000
SOURCE = Path(__file__).with_name("clock.c")


@dataclass(frozen=True, slots=True)
class Clock:
    """It showed ``base_ns`` at ``origin_ns`` of real time, and has run ``speed`` times as fast since."""

    origin_ns: int
    base_ns: int
    speed: int

    @classmethod
    def start(cls, base: datetime, speed: int) -> Self:
        """Return a clock that shows ``base`` (aware) now."""
        return cls(time.time_ns(), round(base.timestamp()) * NANOSECONDS, speed)

    def at(self, real_ns: int) -> datetime:
        """Return what it shows at this real time, in UTC."""
        shown = self.base_ns + (real_ns - self.origin_ns) * self.speed
        return datetime.fromtimestamp(shown // NANOSECONDS, UTC)

    def now(self) -> datetime:
        """Return what it shows now."""
        return self.at(time.time_ns())

    def seconds(self, moment: datetime) -> float:
        """Return the real seconds from its start until it shows ``moment`` (aware)."""
        base = datetime.fromtimestamp(self.base_ns / NANOSECONDS, UTC)
        return (moment - base) / timedelta(seconds=self.speed)

    def preloaded(self, library: Path) -> Mapping[str, str]:
        """Return the environment variables with which a program sees this clock."""
        return {
            "LD_PRELOAD": str(library),
            "SOAK_ORIGIN_NS": str(self.origin_ns),
            "SOAK_BASE_NS": str(self.base_ns),
            "SOAK_SPEED": str(self.speed),
        }


def build_library(folder: Path) -> Path:
    """Compile the library to preload. Raises FileNotFoundError without a compiler."""
    library = folder / "clock.so"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-O2", "-fPIC", "-shared", "-o", str(library), str(SOURCE)], check=True)
    return library
