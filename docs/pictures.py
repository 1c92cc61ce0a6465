"""Take the screenshots for README.md and the docs, on the demo's days up to today.

    python docs/pictures.py [--only NAME ...]

Writes docs/images/NAME.png. Needs chromium.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FloatRect, sync_playwright

from exporter.demo.plan import write_pipeline

IMAGES = Path(__file__).parent / "images"
LAST = datetime.now(UTC).date()
BAD_DAY = LAST - timedelta(days=1)  # lacks a column
NOW = f"{LAST + timedelta(days=1)}T06:30:00Z"  # as the demo's clock
MARGIN = 16  # around a part
PATIENCE = 120.0  # seconds for the first pass


@dataclass(frozen=True, slots=True)
class Picture:
    """One screenshot: of a page in a window of some size, or of the part selected by a selector."""

    name: str
    path: str
    width: int = 1280
    height: int = 960
    scheme: Literal["light", "dark"] = "light"
    scale: float = 1.0
    part: str | None = None


PICTURES = (
    Picture("front", "", height=1530),
    Picture("front-dark", "", height=1040, scheme="dark"),
    Picture("phone", "", width=390, height=844, scale=2),
    Picture("grid", "", width=1100, scale=1.5, part="section:has(> h2:text('What is wrong, day by day'))"),
    Picture("day", f"partitions/{BAD_DAY}", height=1200),
    Picture("incident", "incidents/INCIDENT", height=1040),
)


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", choices=[picture.name for picture in PICTURES])
    chosen = parser.parse_args().only or [picture.name for picture in PICTURES]
    program = shutil.which("chromium")
    if program is None:
        sys.exit("docs/pictures.py: chromium is not installed; tests/install-servers.sh does that as root")
    with tempfile.TemporaryDirectory(prefix="puffy-pictures-") as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with serving(Path(name)) as root:
            for picture in PICTURES:
                if picture.name in chosen:
                    print(f"{take(browser, root, picture) / 1e3:4.0f} kB {picture.name}")
        browser.close()


def take(browser: Browser, root: str, picture: Picture) -> int:
    """Write a picture; return its bytes."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,
        device_scale_factor=picture.scale,
    )
    page = context.new_page()
    answer = page.goto(root + picture.path.replace("INCIDENT", held_incident(root)))
    assert answer is not None
    assert answer.ok, f"{picture.name}: {answer.status}"
    path = IMAGES / f"{picture.name}.png"
    if picture.part is None:
        page.screenshot(path=path)
    else:
        box = page.locator(picture.part).bounding_box()
        assert box is not None, f"{picture.name}: there is no {picture.part}"
        clip: FloatRect = {
            "x": max(0, box["x"] - MARGIN),
            "y": box["y"] - MARGIN,
            "width": box["width"] + 2 * MARGIN,
            "height": box["height"] + 2 * MARGIN,
        }
        page.screenshot(path=path, clip=clip, full_page=True)
    context.close()
    return path.stat().st_size


def held_incident(root: str) -> str:
    """Return the id of the incident that holds the bad day."""
    with urllib.request.urlopen(f"{root}api/v1/report") as answer:
        incidents = json.load(answer)["incidents"]
    return next(str(one["id"]) for one in incidents if str(BAD_DAY) in one["held"])


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run an exporter over generated days; yield the address of its first page."""
    (folder / "data").mkdir()
    write_pipeline(folder / "data", LAST)
    places = ("--data.dir", folder / "data", "--output.dir", folder / "out", "--as-of", NOW)
    command = (sys.executable, "-m", "exporter", "serve", "--web.listen-address", "127.0.0.1:0")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, *map(str, places)], stderr=log)
    try:
        yield f"http://127.0.0.1:{listening(process, folder / 'log')}/"
    finally:
        process.terminate()
        process.wait()


def listening(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port once the first pass is done."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"event=listening .*port=(\d+)", log.read_text())
        if found and is_ready(int(found[1])):
            return int(found[1])
        time.sleep(0.1)
    sys.exit(f"docs/pictures.py: the exporter does not start:\n{log.read_text()}")


def is_ready(port: int) -> bool:
    """Return whether there is something to show."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    main()
