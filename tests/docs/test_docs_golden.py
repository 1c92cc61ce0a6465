"""Generated documentation matches the code: written by `make golden`, compared here."""

import json
import re
from collections.abc import Iterator, Mapping

import typer
import yaml
from feeds import CHECKS, EVENTS
from golden import ROOT, matches
from rendered import causes_page, checks_page, metrics_page
from typer.core import TyperGroup

from exporter.cli.app import app
from exporter.config.load import build_config
from exporter.config.schema import ConfigSpec
from exporter.document import parse_document
from exporter.report.schema import report_schema


def test_golden_metrics_page_names_every_metric() -> None:
    """Name, labels and help are in one table of the code."""
    assert matches("docs/metrics.md", metrics_page())


def test_golden_checks_page_describes_every_check() -> None:
    """With an anchor that alerts link to."""
    page = checks_page()
    assert matches("docs/checks.md", page)
    for check in CHECKS:
        assert f"\n## {check.runbook}\n" in page


def test_golden_causes_page_describes_every_cause() -> None:
    """In the order of detection."""
    assert matches("docs/causes.md", causes_page())


def test_golden_schema_ships_with_the_package() -> None:
    """The published schema is the one that the report is tested against."""
    assert matches("exporter/report/schema.json", json.dumps(report_schema(), indent=2) + "\n")


def test_the_documented_defaults_are_the_defaults() -> None:
    """The page shows every key with its default."""
    page = (ROOT / "docs" / "configuration.md").read_text()
    written = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    assert ConfigSpec.model_validate(written) == ConfigSpec()
    assert set(keys(written)) == set(keys(ConfigSpec().model_dump()))


def keys(mapping: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of all keys of a nested mapping."""
    for key, value in mapping.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from keys(value, f"{prefix}{key}.")


def test_every_example_of_the_configuration_is_accepted() -> None:
    """Everything copied from the page works."""
    page = (ROOT / "docs" / "configuration.md").read_text()
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 4
    for example in examples:
        build_config(parse_document(example, "docs"), EVENTS)


def test_every_verb_and_variable_is_documented() -> None:
    """All of those in --help."""
    page = (ROOT / "docs" / "reference.md").read_text()
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for name in group.commands:
        assert re.search(rf"^\| `{name}[ `]", page, re.MULTILINE), name
    source = "".join(path.read_text() for path in (ROOT / "exporter" / "cli").rglob("*.py"))
    for variable in set(re.findall(r"PUFFY_[A-Z_]+", source)):
        assert f"`{variable}`" in page, variable
