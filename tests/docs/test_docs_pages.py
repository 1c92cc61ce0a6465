"""Pages are consistent: links work, tables are complete, commands exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main
from console import PAGES
from feeds import CHECKS
from golden import ROOT
from rendered import metrics_page

from exporter.cli.app import app

MOST_BYTES_OF_PICTURES = 2_000_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """No link to a missing file, no anchor without a heading."""
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", page.read_text()):
        if target.startswith("http"):
            continue
        aim = page.parent / target if target else page
        assert aim.exists(), target
        assert not anchor or anchor in anchors(aim), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pictures_are_small_and_all_of_them_are_shown() -> None:
    """A clone stays small, and no unused picture is left behind."""
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    shown = {
        name for page in PAGES for name in re.findall(r"!\[[^\]]*\]\(\S*images/([^)]+)\)", page.read_text())
    }
    assert {picture.name for picture in pictures} == shown
    assert sum(picture.stat().st_size for picture in pictures) < MOST_BYTES_OF_PICTURES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_are_whole(page: Path) -> None:
    """Each begins with a header and a rule, every row has as many cells, and a blank line ends it."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n)+", prose, re.MULTILINE):
        heading, *rows = (re.sub(r"\\\||`[^`]*`", "", line) for line in table.splitlines())
        assert rows, heading
        assert set(rows[0]) <= set("|-: "), heading
        assert {row.count("|") for row in rows} == {heading.count("|")}, heading


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_metrics_that_pages_speak_of_exist(page: Path) -> None:
    """Names in prose must not become outdated."""
    known = metrics_page()
    for name in set(
        re.findall(
            r"\bpuffy_(?:partition|task|check|report|exporter|snapshot|trend|gate)_[a-z_]+", page.read_text()
        )
    ):
        assert re.search(rf"`{name}", known) or name.endswith("_"), name


def commands(page: Path) -> Iterator[str]:
    """Yield every call of the exporter that a page shows, in code blocks and in sentences."""
    for line in re.findall(r"^\$ (puffy-exporter .*)$", page.read_text(), re.MULTILINE):
        yield re.split(r"\s(?:;|\||&&)\s", line)[0]
    yield from re.findall(r"`(puffy-exporter [^`]+)`", page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_to_be_typed_exist(page: Path) -> None:
    """Verbs and options are those of this command line, and checks that they name are in the catalogue."""
    checks = {check.name for check in CHECKS}
    for command in commands(page):
        words = shlex.split(command.partition(" -- ")[0], comments=True)[1:]
        options = {"--help"} | {
            name
            for parameter in find_verb(words).params
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        for word in words:
            assert not word.startswith("--") or word in options, command
        if words[0] == "explain" and len(words) > 2 and not words[2].startswith("-"):
            assert words[2] in checks, command


def find_verb(words: list[str]) -> click.Command:
    """Return the command of some words."""
    verb: click.Command = typer.main.get_command(app)  # type: ignore[assignment]  # typer vendors its own
    for word in words:
        if not hasattr(verb, "commands") or word.startswith("-"):
            break
        assert word in verb.commands, " ".join(words)
        verb = verb.get_command(None, word)
    return verb
