"""Runbooks and alerts belong together: neither is without the other, and what is to be typed works."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main
import yaml
from golden import ROOT

from exporter.checks.catalogue import load_catalogue
from exporter.cli.app import app
from exporter.rules.rule import Links

CHECKS = ROOT / "docs" / "runbooks" / "checks.md"
META = ROOT / "docs" / "runbooks" / "meta.md"
AWAITED: set[str] = set()  # verbs that runbooks may name before they are there
PARTS = ("Meaning", "Impact", "Diagnosis", "Mitigation", "Prevention")


def sections(page: Path) -> dict[str, str]:
    """Return the text of each section by its heading."""
    _, *parts = re.split(r"^## ", page.read_text(), flags=re.MULTILINE)
    return {heading: text for heading, _, text in (part.partition("\n") for part in parts)}


def meta_alerts() -> list[dict[str, object]]:
    """Return the alerts that are written by hand."""
    written = yaml.safe_load((ROOT / "prometheus" / "rules" / "meta.yml").read_text())
    return [rule for group in written["groups"] for rule in group["rules"] if "alert" in rule]


def test_every_check_has_its_section_and_every_section_its_check() -> None:
    """An alert's link leads to a heading that is there, and no page speaks of a check that is gone."""
    assert list(sections(CHECKS)) == [check.runbook for check in load_catalogue()]
    assert Path(Links().runbook("silence")) == Path("docs/runbooks/checks.md#silence")


def test_every_meta_alert_has_its_section_and_every_section_its_alert() -> None:
    """The anchor is the alert's name in lower case."""
    alerts = {str(rule["alert"]): rule for rule in meta_alerts()}
    assert list(sections(META)) == list(alerts)
    for name, rule in alerts.items():
        annotations = rule["annotations"]
        assert isinstance(annotations, dict)
        assert annotations["runbook_url"] == f"docs/runbooks/meta.md#{name.lower()}"


@pytest.mark.parametrize("page", [CHECKS, META], ids=lambda page: page.stem)
def test_every_section_has_all_parts_and_is_about_something(page: Path) -> None:
    """Meaning, impact, diagnosis, mitigation, prevention, in this order, none of them empty."""
    for heading, text in sections(page).items():
        parts = re.split(r"^\*\*(\w+)\.\*\*", text, flags=re.MULTILINE)[1:]
        assert tuple(parts[::2]) == PARTS, heading
        assert all(len(body.strip()) > 20 for body in parts[1::2]), heading


def test_the_runbooks_do_not_repeat_the_catalogue() -> None:
    """A person who follows the link has read those words in the alert."""
    for check in load_catalogue():
        text = " ".join(sections(CHECKS)[check.runbook].split())
        for words in (check.summary, check.impact, *check.resolution):
            assert words not in text, check.name


def commands(page: Path) -> Iterator[str]:
    """Yield every call of the exporter that a page shows, in code blocks and in sentences."""
    for line in re.findall(r"^\$ (puffy-exporter .*)$", page.read_text(), re.MULTILINE):
        yield re.split(r"\s(?:;|\||&&)\s", line)[0]
    yield from re.findall(r"`(puffy-exporter [^`]+)`", page.read_text())


@pytest.mark.parametrize("page", [CHECKS, META, ROOT / "docs" / "triage.md"], ids=lambda page: page.stem)
def test_commands_that_are_to_be_typed_exist(page: Path) -> None:
    """Verbs and options are those of this command line, and checks that they name are in the catalogue."""
    checks = {check.name for check in load_catalogue()}
    found = list(commands(page))
    assert found
    for command in found:
        words = shlex.split(command, comments=True)[1:]
        if words[0] not in known_verbs():
            assert words[0] in AWAITED, command
            continue
        options = {
            name
            for parameter in find_verb(words).params
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        for word in words:
            assert not word.startswith("--") or word == "--" or word in options, command
        if words[0] == "explain" and len(words) > 2 and not words[2].startswith("-"):
            assert words[2] in checks, command


def known_verbs() -> set[str]:
    """Return the verbs of the command line."""
    return set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group has commands


def find_verb(words: list[str]) -> click.Command:
    """Return the command that words name."""
    verb: click.Command = typer.main.get_command(app)  # type: ignore[assignment]  # typer vendors its own
    for word in words:
        if not hasattr(verb, "commands"):
            break
        assert word in verb.commands, " ".join(words)
        verb = verb.commands[word]
    return verb
