"""Bytes per sample on disk, in blocks that promtool writes."""

import argparse
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from scale_parts.pages import one_feed, samples

INTERVAL_SECONDS = 15
START = 1_750_032_000  # seconds since 1970, at the start of an 18-hour block
BLOCK_FILES = ("index", "chunks/*")  # without the metadata, whose size is constant


def measure(options: argparse.Namespace) -> Iterator[Mapping[str, float]]:
    """Yield the sizes of blocks of this many hours. Values repeat, as they do on a page between passes."""
    lines = samples(one_feed(options.kind))
    taken = lines[:: max(1, len(lines) // options.series)]
    for hours in options.hours:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            count = _write(folder / "page.om", taken, hours)
            command = ["promtool", "tsdb", "create-blocks-from", f"--max-block-duration={hours}h"]
            command += ["openmetrics", str(folder / "page.om"), str(folder / "blocks")]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            blocks = list((folder / "blocks").iterdir())
            size = sum(
                path.stat().st_size for block in blocks for kind in BLOCK_FILES for path in block.glob(kind)
            )
        found = {"samples": count, "hours": hours, "blocks": len(blocks), "bytes of a sample": size / count}
        print(", ".join(f"{name} {value:,.4g}" for name, value in found.items()), flush=True)
        yield found


def _write(path: Path, lines: list[str], hours: int) -> int:
    times = range(START, START + hours * 3600, INTERVAL_SECONDS)
    with path.open("w") as file:
        for line in lines:
            file.writelines(f"{line} {time}\n" for time in times)
        file.write("# EOF\n")
    return len(lines) * len(times)
