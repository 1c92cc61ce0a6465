"""The data contract: valid against the published schema, and true to the configuration."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from feeds import EXPECTED_COLUMNS, MANDATORY_FIELDS
from golden import matches
from running import call

from exporter.model import Stage


@pytest.fixture(scope="module")
def schema() -> Any:
    """Give the published schema, from the standard's own package."""
    return json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())


def test_golden_contract_is_valid_against_the_published_schema(schema: Any) -> None:
    """As it follows from the defaults."""
    text = call("contract").stdout
    jsonschema.Draft201909Validator(schema).validate(yaml.safe_load(text))
    assert matches("docs/data-contract.yaml", text)


def test_it_follows_the_configuration(schema: Any, tmp_path: Path) -> None:
    """Due time, owner, contact and limits are those of the file."""
    config, output = tmp_path / "puffy.yml", tmp_path / "contract.yaml"
    config.write_text(
        "calendar: {due_time: '07:30', timezone: Europe/Berlin}\n"
        "integrations: {owner: web, contact: web@example.com}\n"
        "checks: {reject_ratio: {limits: {warning: 0.01}}, silence: {enabled: false}}\n"
    )
    done = call("contract", "--config.file", config, "--output", output)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    contract = yaml.safe_load(output.read_text())
    jsonschema.Draft201909Validator(schema).validate(contract)
    assert contract["team"]["members"][0]["username"] == "web@example.com"
    assert "07:30 Europe/Berlin" in [level["value"] for level in contract["slaProperties"]]
    rules = {rule["name"]: rule for rule in contract["schema"][0]["quality"]}
    assert rules["reject_ratio_warning"]["implementation"]["mustNotBeAbove"] == 0.01
    assert "silence" not in rules


def test_columns_are_those_that_the_exporter_expects() -> None:
    """And the mandatory ones are required."""
    contract = yaml.safe_load(call("contract").stdout)
    for table, stage in zip(contract["schema"], Stage, strict=True):
        assert [column["name"] for column in table["properties"]] == list(EXPECTED_COLUMNS[stage])
        required = {column["name"] for column in table["properties"] if column["required"]}
        assert required == set(MANDATORY_FIELDS)


def test_an_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Nothing half-written stays."""
    done = call("contract", "--output", tmp_path / "absent" / "contract.yaml")
    assert done.returncode == 1
    assert "no such file" in done.stderr
