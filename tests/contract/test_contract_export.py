"""The verb that exports: valid against the published schema, and true to the configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts import validator
from feeds import BANDS, EVENTS, EXPECTED_COLUMNS, MANDATORY_FIELDS
from golden import matches
from running import call

from exporter.checks.catalogue import load_catalogue, shipped
from exporter.checks.check import Check, Severity
from exporter.checks.spec import CheckSpec
from exporter.config.load import load_config
from exporter.contract.export import written_check
from exporter.contract.load import load_feed
from exporter.model import Stage

CHANGED = """\
calendar: {due_time: '07:30', timezone: Europe/Berlin}
integrations: {owner: web, contact: web@example.com}
trends: {revenue: {sigma: 4, direction: drop}}
checks: {reject_ratio: {limits: {warning: 0.01, critical: null}}, silence: {enabled: false}}
"""


def rules_of(contract: Any) -> dict[str, Any]:
    """Return the rules of all tables by name."""
    tables = contract["schema"]
    columns = [column for table in tables for column in table["properties"]]
    return {rule["name"]: rule for place in (*tables, *columns) for rule in place.get("quality", ())}


def test_golden_contract_is_valid_against_the_published_schema() -> None:
    """As it follows from the defaults."""
    text = call("contract").stdout
    validator().validate(yaml.safe_load(text))
    assert matches("docs/data-contract.yaml", text)


def test_it_follows_the_configuration(tmp_path: Path) -> None:
    """Due time, owner, contact and limits are those of the file; what is switched off is not there."""
    config, output = tmp_path / "puffy.yml", tmp_path / "contract.yaml"
    config.write_text(CHANGED)
    done = call("contract", "--config.file", config, "--output", output)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    contract = yaml.safe_load(output.read_text())
    validator().validate(contract)
    assert contract["team"]["members"][0]["username"] == "web@example.com"
    assert "07:30 Europe/Berlin" in [level["value"] for level in contract["slaProperties"]]
    rules = rules_of(contract)
    assert rules["reject_ratio"]["implementation"]["limits"]["warning"] == 0.01
    assert "silence" not in rules


def test_columns_are_those_that_the_exporter_expects() -> None:
    """And the mandatory ones are required."""
    contract = yaml.safe_load(call("contract").stdout)
    for table, stage in zip(contract["schema"], Stage, strict=True):
        assert [column["name"] for column in table["properties"]] == list(EXPECTED_COLUMNS[stage])
        required = {column["name"] for column in table["properties"] if column.get("required")}
        assert required == set(MANDATORY_FIELDS)


def test_what_is_exported_can_be_read_and_says_the_same(tmp_path: Path) -> None:
    """The checks in force, the trends with their bands, the calendar."""
    config, output = tmp_path / "puffy.yml", tmp_path / "contract.yaml"
    config.write_text(CHANGED)
    call("contract", "--config.file", config, "--output", output)
    wanted, loaded = load_config(config, EVENTS), load_feed(output)
    assert loaded.warnings == ()
    bands = {trend.name: trend.band for trend in wanted.trends}
    assert load_catalogue(bands, loaded.feed.checks) == wanted.checks
    (revenue,) = [trend for trend in loaded.feed.trends if trend.name == "revenue"]
    assert revenue.band == {"sigma": 4, "direction": "drop", "method": "weekday"}
    assert loaded.feed.service.zone == "Europe/Berlin"


@pytest.mark.parametrize("name", shipped())
def test_a_check_is_written_as_the_configuration_would(name: str) -> None:
    """Reading its fields gives the same check."""
    (check,) = [check for check in load_catalogue(BANDS) if check.name == name]
    fields = written_check(check)
    read: Check = CheckSpec.model_validate(fields).check(name, BANDS)
    assert read == check
    assert set(fields.get("limits", {})) <= set(Severity)


def test_an_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Nothing half-written stays."""
    done = call("contract", "--output", tmp_path / "absent" / "contract.yaml")
    assert done.returncode == 1
    assert "no such file" in done.stderr
