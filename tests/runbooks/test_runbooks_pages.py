"""Markdown becomes HTML that is safe and whose anchors are those that alerts lead to."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from golden import ROOT

from exporter.runbooks import pages
from exporter.runbooks.pages import NAMES, Section, read_runbooks


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide the file of the page ``checks``, to be written."""
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    return tmp_path / "checks.md"


def test_each_file_is_a_page() -> None:
    """A new file is a new page."""
    assert set(NAMES) == {path.stem for path in (ROOT / "exporter" / "runbooks").glob("*.md")}


@pytest.mark.parametrize("name", NAMES)
def test_each_section_is_an_anchor(name: str) -> None:
    """The heading, as GitHub turns it into one: a link to either place has the same end."""
    shown = read_runbooks(name)
    source = (ROOT / "exporter" / "runbooks" / f"{name}.md").read_text()
    assert shown.title == source.partition("\n")[0].removeprefix("# ")
    assert [section.heading for section in shown.sections] == re.findall(r"^## (.+)$", source, re.MULTILINE)
    for section in shown.sections:
        assert section.anchor == section.heading.lower()
        assert shown.body.count(f'<h2 id="{section.anchor}">') == 1


def test_code_and_tables_are_shown_as_such(written: Path) -> None:
    """What is to be typed is a block, and a table is one."""
    written.write_text(
        "# Title\n\n## A check, at last\n\n```console\n$ a < b\n```\n\n|a|b|\n|---|---|\n|1|2|\n"
    )
    shown = read_runbooks("checks")
    assert (shown.title, shown.sections) == ("Title", [Section("a-check-at-last", "A check, at last")])
    assert "<pre><code" in shown.body
    assert "$ a &lt; b" in shown.body
    assert "<td>1</td>" in shown.body


def test_no_raw_html_passes(written: Path) -> None:
    """Nor what would be run or fetched."""
    written.write_text(
        "# <b>T</b>\n\n<script>alert(1)</script>\n\nA <img src=x onerror=alert(1)> "
        '![p](https://e.example/p.png) [j](javascript:alert(1)) [q](https://e.example/"onclick="a)\n'
    )
    body = read_runbooks("checks").body
    assert set(re.findall(r"<(\w+)", body)) == {"h1", "p", "a"}
    assert not re.search(r'href="(?!https://e\.example/)', body)
    assert not re.search(r"<[^>]*\son\w+=", body)


@pytest.mark.parametrize(
    ("target", "led"),
    [
        ("#silence", "#silence"),
        ("meta.md", "meta"),
        ("meta.md#puffyblind", "meta#puffyblind"),
        ("https://prometheus.io/docs/", "https://prometheus.io/docs/"),
        ("../../docs/checks.md#silence", None),
        ("meta", None),
        ("other.md", None),
        ("//e.example/meta.md", None),
        ("mailto:a@e.example", None),
    ],
)
def test_links_lead_to_what_is_served(written: Path, target: str, led: str | None) -> None:
    """Of others only the words are left."""
    written.write_text(f"Before [the *words*]({target}) after\n")
    words = "the <em>words</em>"
    shown = words if led is None else f'<a href="{led}">{words}</a>'
    assert read_runbooks("checks").body == f"<p>Before {shown} after</p>\n"


def test_no_process_loads_the_parser_before_somebody_asks() -> None:
    """The server's routes know the names alone."""
    code = "import sys, exporter.server.app; print('markdown_it' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
