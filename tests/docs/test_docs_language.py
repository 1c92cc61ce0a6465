"""All text is idiomatic English: phrases that nearly always read as translated have better ones."""

import re
import subprocess
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
    r"stands? (?:twice|there|beside|behind|elsewhere)": "appears, is next to",
    r"stands? for (?:itself|themselves|another|nothing|none)": "is a separate problem; is a placeholder",
    r"l(?:ies|ie|ay) there": "exists",
    r"rests? on nothing": "has no data",
    r"there where": "where",
    r"be (?:it|that) as it may": "however; or leave it out",
    r"as ever": "as before; or leave it out",
    r"goes on (?:firing|as before|with)": "keeps, continues",
    r"costs? (?:only )?itself": "is skipped, affects no other",
    r"stands? still": "has not changed, is idle",
    r"when (?:its|the) time (?:has come|is over)": "on schedule; when the timeout expires",
    r"(?:is|are|was|were) no (?:CSV|JSON|UTF-8|XML|numbers?|text|list|object|timezone)": "is not, is not a",
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
    r"quarters? of an hour": "15 minutes",
    r"(?:spelled|written|called) otherwise": "differently",
    r"(?:not|never) looked at": "is not checked",
    r"(?:is|are) there already": "already exists",
    r"there twice": "duplicated",
    r"called like": "named like, matches",
    r"what became of": "the state of",
    r"a (?:module|line|number) each": "one each, one per",
    r"ever more slowly": "with increasing delays",
    r"for ever": "forever",
    r"anyhow": "anyway",
    r"(?:can ?not|can|could) be had": "is available",
    r"answered for": "acknowledged",
    r"reach(?:es)? (?:anybody|nobody|somebody)": "notifies",
    r"(?:is|are) no news": "is expected, is not reported",
    r"by turns": "in turns",
    r"hears? of (?:it|them|an?|file)": "is notified of",
    r"so that nobody need": "so that nobody has to",
    r"write for instance": "such as",
    r"stands? (?:among|on disk)": "is listed with, is stored",
    r"(?:nothing|nobody|no (?!one\b)\w+) need (?:be|have)": "no … is needed",
    r"of other versions than": "their versions differ",
    r"no event informed": "no event reported",
    r"every half an? (?:hour|minute|second)": "every half minute",
}
BANNED = {re.compile(rf"\b{phrase}\b", re.IGNORECASE): better for phrase, better in BETTER.items()}
ANY_BANNED = re.compile(rf"\b(?:{'|'.join(BETTER)})\b", re.IGNORECASE)

# What of a source file is for people: docstrings, comments, and strings of more than one word.
IN_PYTHON = re.compile(
    r'"""(?:.|\n)*?"""|(?<=\s)#[^\n]*(?:\n\s*#[^\n]*)*|"(?:[^"\\\n]|\\.)* (?:[^"\\\n]|\\.)*"'
)
IN_OTHERS = re.compile(
    r"(?:^|\s)#[^\n]*(?:\n\s*#[^\n]*)*|(?:summary|description|impact):[^\n]*|\{#.*?#\}|/\*.*?\*/"
)
SOURCES = (
    "*.py",
    "*.sh",
    "*.yml",
    "*.yaml",
    "*.toml",
    "*.html",
    "*.tpl",
    "*.tmpl",
    "*Makefile",
    "*Dockerfile",
)


def faults(text: str) -> list[str]:
    """Return each banned phrase of a text with a better one."""
    words = " ".join(text.split())
    return [f"{found[0]!r}: {better}" for ban, better in BANNED.items() for found in ban.finditer(words)]


def prose(page: Path) -> str:
    """Return what a page says, without code."""
    text = re.sub(r"^( *)```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`", "", text)


def spoken(source: Path) -> str:
    """Return what a source file or a configuration says to people."""
    found = (IN_PYTHON if source.suffix == ".py" else IN_OTHERS).findall(source.read_text())
    return re.sub(r"`[^`]*`", "", re.sub(r'[\s#"]+', " ", " ".join(found)))


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
    """No phrase of the table is in a page, except in code."""
    assert faults(prose(page)) == []


def test_source_and_configuration_read_as_written_in_english() -> None:
    """No phrase of the table is in a docstring, a comment or a message, tests included."""
    listed = subprocess.run(["git", "ls-files", "-z", *SOURCES], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name) != Path(__file__)]
    said = {name: spoken(ROOT / name) for name in names}
    assert sum(map(bool, said.values())) > len(PAGES)
    assert {name: faults(text) for name, text in said.items() if ANY_BANNED.search(text)} == {}


def test_checks_and_causes_read_as_written_in_english() -> None:
    """Summary, impact and steps of each check, impact and steps of each cause."""
    catalogue = yaml.safe_load((ROOT / "exporter" / "checks" / "catalogue.yaml").read_text())
    words = {
        name: (check["summary"], check["impact"], *check["resolution"]) for name, check in catalogue.items()
    } | {cause.name: (cause.impact, *cause.resolution) for cause in CAUSES.values()}
    assert len(words) > len(CAUSES)
    assert {name: faults(" ".join(said)) for name, said in words.items() if faults(" ".join(said))} == {}


def test_alerts_read_as_written_in_english() -> None:
    """All texts of all rules, those of several lines too."""
    files = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
    rules = [
        rule
        for file in files
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]
    said = {
        (rule["alert"], key): re.sub(r"{{.*?}}", "", text)
        for rule in rules
        for key, text in rule.get("annotations", {}).items()
    }
    assert ("PuffyBlind", "description") in said
    assert {name: faults(text) for name, text in said.items() if faults(text)} == {}


def test_help_reads_as_written_in_english() -> None:
    """The help of every verb and every option."""
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
    """Across line ends too, with what to write instead."""
    (fault,) = faults(text)
    assert better in fault


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.py", 'def f():\n    """Read the file anew."""\n'),
        ("a.py", "x = 1  # a file that\n# is no text\n"),
        ("a.py", 'raise ValueError(f"{name} stands twice")\n'),
        ("a.sh", "# Mend the files.\ntrue\n"),
        ("a.yml", "summary: 'It is told twice.'\n"),
    ],
)
def test_docstrings_comments_and_messages_are_read(tmp_path: Path, name: str, content: str) -> None:
    """Of programs and of configuration."""
    (tmp_path / name).write_text(content)
    assert len(faults(spoken(tmp_path / name))) == 1


def test_names_in_code_are_not_read(tmp_path: Path) -> None:
    """Only what is written for people."""
    (tmp_path / "a.py").write_text('anew = {"fixed": mend}\n')
    assert spoken(tmp_path / "a.py") == ""


@pytest.mark.parametrize(
    "text", ["Unknown values have no sample.", "The gate holds the day.", "Amend the order.", "It stands."]
)
def test_plain_words_are_let_through(text: str) -> None:
    """Whole words only."""
    assert faults(text) == []
