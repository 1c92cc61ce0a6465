"""What people read is idiomatic English: phrases that nearly always read as translated have a better one."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import typer.main
import yaml
from golden import ROOT

from exporter.causes.known import CAUSES
from exporter.cli.app import app

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),  # the metrics' help among them, in metrics.md
    *sorted((ROOT / "exporter" / "runbooks").glob("*.md")),
]

# A phrase, as a pattern of whole words, and what to write instead. Add only what is wrong almost always.
BETTER: Mapping[str, str] = {
    r"mend(?:s|ed|ing)?": "fix, repair, correct",
    r"who(?:m|so)?ever": "anyone who; or name the role",
    r"tak(?:e|es|en|ing) (?:\w+ ){0,4}into use": "load, apply",
    r"puts? (?:\w+ )?to use": "apply",
    r"(?:can ?not|can't) be known": "is unknown",
    r"(?:held|holds?|holding) (?:(?:it|them|the|its) (?:\w+ )?)?against": "compare with, verify against",
    r"answer(?:s|ed)? for (?:it|them|the data)": "owner; acknowledge",
    r"stands? (?:twice|there)": "appears",
    r"stands? for (?:itself|themselves|another|nothing|none)": "is a separate problem; is a placeholder",
    r"l(?:ies|ie|ay) there": "exists",
    r"rests? on nothing": "has no data",
    r"there where": "where",
    r"be (?:it|that) as it may": "however; or leave it out",
    r"as ever": "as before; or leave it out",
    r"goes on (?:firing|as before|with)": "keeps, continues",
    r"costs? itself": "is skipped",
    r"stands? still": "has not changed, is idle",
    r"when (?:its|the) time (?:has come|is over)": "on schedule; when the timeout expires",
    r"(?:is|are|was|were) no (?:CSV|JSON|UTF-8|XML|numbers?|text|list|object)": "is not, is not a",
    r"(?:is|are) no anomal(?:y|ies)": "is not an anomaly",
    r"of no use": "useless",
    r"anew": "again, re-",
    r"looks? whether": "check whether",
    r"tells? whether": "say whether",
    r"(?:are|is) to stay": "is permanent",
    r"(?:is|are|was|were) told (?:once|of|by|again|twice)": "is reported, is notified",
    r"tells? nobody": "notifies nobody",
    r"belongs? into": "belongs in",
    r"fall(?:s|en)? apart": "is split",
    r"so it is (?:for|of)": "the same applies to",
    r"quarter of an hour": "15 minutes",
    r"(?:spelled|written|called) otherwise": "differently",
}
BANNED = {re.compile(rf"\b{phrase}\b", re.IGNORECASE): better for phrase, better in BETTER.items()}


def faults(text: str) -> list[str]:
    """Return each banned phrase of a text with a better one."""
    words = " ".join(text.split())
    return [f"{found[0]!r}: {better}" for ban, better in BANNED.items() for found in ban.finditer(words)]


def prose(page: Path) -> str:
    """Return what a page says, without code."""
    text = re.sub(r"^( *)```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`", "", text)


def helps() -> Iterator[tuple[str, str]]:
    """Yield the help of each verb and of each of its options."""
    pending = [("puffy-exporter", typer.main.get_command(app))]
    while pending:
        name, verb = pending.pop()
        yield name, verb.help or ""
        yield from ((f"{name} {part.name}", getattr(part, "help", None) or "") for part in verb.params)
        if hasattr(verb, "commands"):
            pending += [(f"{name} {key}", verb.get_command(None, key)) for key in verb.commands]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_read_as_written_in_english(page: Path) -> None:
    """No phrase of the table is in a page; code is not looked at."""
    assert faults(prose(page)) == []


def test_checks_and_causes_read_as_written_in_english() -> None:
    """Summary, impact and steps of each check, impact and steps of each cause."""
    catalogue = yaml.safe_load((ROOT / "exporter" / "checks" / "catalogue.yaml").read_text())
    words = {
        name: (check["summary"], check["impact"], *check["resolution"]) for name, check in catalogue.items()
    } | {cause.name: (cause.impact, *cause.resolution) for cause in CAUSES.values()}
    assert len(words) > len(CAUSES)
    assert {name: faults(" ".join(said)) for name, said in words.items() if faults(" ".join(said))} == {}


def test_help_reads_as_written_in_english() -> None:
    """Of every verb and every option."""
    said = dict(helps())
    assert len(said) > len(PAGES)
    assert {name: faults(text) for name, text in said.items() if faults(text)} == {}


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("A value that cannot be\nknown has no sample.", "is unknown"),
        ("Whoever looks needs no password.", "name the role"),
        ("A running exporter takes a changed file into use.", "load, apply"),
        ("A day is held against its past.", "compare with"),
    ],
)
def test_a_translated_phrase_is_found(text: str, better: str) -> None:
    """Across the end of a line too, with what to write instead."""
    (fault,) = faults(text)
    assert better in fault


@pytest.mark.parametrize(
    "text", ["Unknown values have no sample.", "The gate holds the day.", "Amend the order.", "It stands."]
)
def test_plain_words_are_let_through(text: str) -> None:
    """Whole words only."""
    assert faults(text) == []
