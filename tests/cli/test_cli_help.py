"""The `--help` of every verb, on the narrowest of terminals."""

import re
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup

from exporter.cli import main
from exporter.cli.app import app

WIDTH = 80


def verbs() -> Iterator[tuple[str, ...]]:
    """Yield every verb as typed, including subcommands."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    yield ()
    for name in root.commands:
        yield (name,)
        verb = root.get_command(None, name)
        yield from ((name, below) for below in getattr(verb, "commands", ()))


VERBS = tuple(verbs())


@pytest.fixture
def shown(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """Provide the help of a verb."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    assert main([*request.param, "--help"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shown", VERBS, ids=" ".join, indirect=True)
def test_help_fits_the_terminal_and_cuts_no_word(shown: str) -> None:
    """No line is wider, none ends within a word, no sentence ends in dots."""
    lines = shown.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "…" not in shown
    assert not [line for line in lines if re.search(r"\w\.\.\.$|\w-$", line)]


@pytest.mark.parametrize("shown", VERBS, ids=" ".join, indirect=True)
def test_every_option_says_what_it_is_for(shown: str) -> None:
    """In a sentence; a default or a variable alone is not enough."""
    options = re.split(
        r"^  (?=-)", shown.partition("\nOptions:\n")[2].partition("\n\n")[0], flags=re.MULTILINE
    )
    assert len(options) > 1
    for option in options[1:]:
        _, _, words = re.sub(r"\s*\[[^]]*\]", "", option.replace("\n", "  ")).partition("  ")
        assert words.strip().endswith("."), option


def test_the_list_of_verbs_has_their_whole_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has to guess how a sentence ends."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    main(["--help"])
    words = " ".join(capsys.readouterr().out.split())
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    for name, verb in root.commands.items():
        assert f" {name} {verb.help}" in words
