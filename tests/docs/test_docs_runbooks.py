"""Runbooks and alerts belong together: neither is without the other, and commands work."""

import re
from pathlib import Path

import pytest
import yaml
from feeds import BANDS
from golden import ROOT

from exporter.causes.known import CAUSES
from exporter.checks.catalogue import load_catalogue
from exporter.links import Links
from exporter.rules.contract import RUNBOOKS
from exporter.rules.incidents import DIGEST, ENDED, INCIDENT, PAGE

FOLDER = ROOT / "exporter" / "runbooks"
CHECKS, META, GRAFANA, INCIDENTS = (FOLDER / f"{name}.md" for name in ("checks", "meta", "grafana", PAGE))
RULES = ROOT / "prometheus" / "rules" / "incidents.yml"
SHARED = ("trend_anomaly", "contract_check")  # of the alerts that all contracts share
PARTS = ("Meaning", "Impact", "Diagnosis", "Mitigation", "Prevention")


def sections(page: Path) -> dict[str, str]:
    """Return the text of each section by its heading."""
    _, *parts = re.split(r"^## ", page.read_text(), flags=re.MULTILINE)
    return {heading: text for heading, _, text in (part.partition("\n") for part in parts)}


def meta_alerts() -> list[dict[str, object]]:
    """Return the hand-written alerts."""
    written = yaml.safe_load((ROOT / "prometheus" / "rules" / "meta.yml").read_text())
    return [rule for group in written["groups"] for rule in group["rules"] if "alert" in rule]


def test_every_check_has_its_section_and_every_section_its_check() -> None:
    """An alert's link leads to an existing heading, and no page describes a removed check."""
    assert list(sections(CHECKS)) == [*(check.runbook for check in load_catalogue(BANDS)), *SHARED]
    assert tuple(RUNBOOKS.values()) == SHARED
    assert Links().runbook("silence") == f"{Links().exporter}/runbooks/{CHECKS.stem}#silence"


def test_every_cause_has_its_section_and_every_section_its_cause() -> None:
    """In the order of detection; how to verify it, and what to do then."""
    found = sections(FOLDER / "causes.md")
    assert list(found) == list(CAUSES)
    for name, text in found.items():
        parts = re.split(r"^\*\*(\w+)\.\*\*", text, flags=re.MULTILINE)[1:]
        assert tuple(parts[::2]) == ("Diagnosis", "Mitigation"), name
        assert all(len(body.strip()) > 20 for body in parts[1::2]), name


def test_every_alert_of_incidents_has_its_section() -> None:
    """The anchor is the alert's name in lower case."""
    assert list(sections(INCIDENTS)) == [INCIDENT, ENDED, DIGEST]
    assert f"runbook_url: {Links().own_runbook(PAGE, DIGEST.lower())}\n" in RULES.read_text()


def test_every_meta_alert_has_its_section_and_every_section_its_alert() -> None:
    """The anchor is the alert's name in lower case."""
    alerts = {str(rule["alert"]): rule for rule in meta_alerts()}
    assert list(sections(META)) == list(alerts)
    for name, rule in alerts.items():
        annotations = rule["annotations"]
        assert isinstance(annotations, dict)
        assert annotations["runbook_url"] == Links().own_runbook(META.stem, name.lower())


@pytest.mark.parametrize("page", [CHECKS, META, GRAFANA, INCIDENTS], ids=lambda page: page.stem)
def test_every_section_has_all_parts_and_is_about_something(page: Path) -> None:
    """Meaning, impact, diagnosis, mitigation, prevention, in this order, none of them empty."""
    for heading, text in sections(page).items():
        parts = re.split(r"^\*\*(\w+)\.\*\*", text, flags=re.MULTILINE)[1:]
        assert tuple(parts[::2]) == PARTS, heading
        assert all(len(body.strip()) > 20 for body in parts[1::2]), heading


def test_the_runbooks_do_not_repeat_the_catalogue() -> None:
    """A person who follows the link has read that text in the alert."""
    for check in load_catalogue(BANDS):
        text = " ".join(sections(CHECKS)[check.runbook].split())
        for words in (check.summary, check.impact, *check.resolution):
            assert words not in text, check.name
