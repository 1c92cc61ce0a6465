"""Debian's chromium, as tests/install-servers.sh provides it, and what axe-core finds in a page."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from servers import servers_folder

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
BELOW_THE_SYSTEM = Path("usr", "lib", "chromium", "chromium")

# One of each style is enough for thousands of equal cells: all would take ten times as long.
MARK_ALIKE = """() => {
  for (const grid of document.querySelectorAll(".grid")) {
    const seen = new Set();
    for (const cell of grid.querySelectorAll("td")) {
      if (seen.has(cell.className)) cell.dataset.alike = "";
      seen.add(cell.className);
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """The program, and the path of its libraries if the system's are insufficient."""

    program: Path
    environment: Mapping[str, str]


def find_chromium() -> Chromium:
    """Return the browser; skip where it is absent, which on CI is a failure."""
    installed = shutil.which("chromium")
    if installed is not None:
        return Chromium(Path(installed), {})
    root = servers_folder() / "chromium"
    if not (root / BELOW_THE_SYSTEM).exists():
        assert not os.environ.get("CI"), "chromium must be there on CI"
        pytest.skip("chromium is not there: run tests/install-servers.sh")
    libraries = sorted({str(path.parent) for path in root.glob("usr/lib/**/*.so*")})
    return Chromium(root / BELOW_THE_SYSTEM, {"LD_LIBRARY_PATH": ":".join(libraries)})


@contextmanager
def run_chromium() -> Iterator[Browser]:
    """Run it without a window."""
    found = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program,
            env={**os.environ, **found.environment},
            args=["--no-sandbox"],  # it does not start as root otherwise; it sees our own pages only
        )
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page) -> list[str]:
    """Return accessibility violations, one line per element; the page's context must bypass its CSP."""
    page.evaluate(AXE)
    page.evaluate(MARK_ALIKE)
    results = page.evaluate("axe.run({exclude: ['[data-alike]']}, {selectors: false})")
    assert {rule["id"] for rule in results["passes"]} >= {"color-contrast", "html-has-lang"}, (
        "axe saw nothing"
    )
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in results["violations"]
        for node in rule["nodes"]
    ]
