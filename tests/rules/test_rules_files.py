"""The rule files: what is committed is what the catalogue says, and Prometheus accepts it."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml
from feeds import BANDS
from golden import ROOT
from running import call

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Check
from exporter.figures.table import METRICS
from exporter.links import Links
from exporter.metrics.trends import LABELS as TREND_LABELS
from exporter.rules.files import rule_files
from exporter.rules.incidents import DIGEST, ENDED, INCIDENT

RULES = ROOT / "prometheus" / "rules"
FOR_PEOPLE = {  # no rule builds on them
    f"partition:puffy_trend:{name}" for name in ("avg7d", "day_over_day_ratio", "week_over_week_ratio")
}
SHARED = ("PuffyTrendAnomaly", "PuffyContractCheck")  # of what contracts add: their labels come from series


def alert_rules(text: str) -> list[dict[str, object]]:
    """Return the alert rules of a rule file."""
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"] if "alert" in rule]


def test_the_committed_files_are_those_of_the_catalogue() -> None:
    """So a clone has the rules of the shipped checks."""
    for name, text in rule_files(load_catalogue(BANDS), Links()).items():
        assert (RULES / name).read_text() == text


@pytest.mark.server
def test_prometheus_accepts_them(promtool: str) -> None:
    """The real tool, on all files at once."""
    files = sorted(map(str, RULES.glob("*.yml")))
    done = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_check_and_severity_has_one_alert_with_all_that_a_person_needs() -> None:
    """Words, an owner, numbered steps and links; nothing is empty."""
    rules = alert_rules((RULES / "checks.yml").read_text())
    wanted = Counter((check.alert, severity) for check in load_catalogue(BANDS) for severity in check.limits)
    own = [rule for rule in rules if rule["alert"] not in SHARED]
    assert Counter((rule["alert"], rule["labels"]["severity"]) for rule in own) == wanted  # type: ignore[index]
    assert [rule["alert"] for rule in rules if rule not in own] == list(SHARED)
    for rule in rules:
        labels, annotations = rule["labels"], rule["annotations"]
        assert isinstance(labels, dict)
        assert isinstance(annotations, dict)
        assert set(labels) == ({"check", "severity", "kind", "owner"} if rule in own else {"kind"})
        assert all(annotations.values())
        assert re.match(r"1\. \S", annotations["resolution"])
        assert {name for name in annotations if name.endswith("_url")} == {
            "runbook_url",
            "dashboard_url",
            "page_url",
            "silence_url",
        }


def test_every_alert_of_an_incident_has_words_and_places() -> None:
    """As have its end and the digest; nothing is empty."""
    rules = alert_rules((RULES / "incidents.yml").read_text())
    assert [(rule["alert"], rule["labels"]["severity"]) for rule in rules] == [  # type: ignore[index]
        (INCIDENT, "warning"),
        (INCIDENT, "critical"),
        (ENDED, "none"),
        (DIGEST, "none"),
    ]
    for rule in rules:
        annotations = rule["annotations"]
        assert isinstance(annotations, dict)
        assert {"summary", "description", "runbook_url", "dashboard_url"} <= set(annotations)
        assert all(annotations.values())


def test_rules_speak_only_of_metrics_that_exist() -> None:
    """Those of the exporter's tables, and those that the rules record themselves."""
    text = "".join((RULES / name).read_text() for name in ("trends.yml", "checks.yml"))
    known = {metric.name for metric in METRICS}
    trends = ("value", "limit", "direction", "tested_day", "state", "check_info")
    known |= {f"puffy_trend_{name}" for name in trends}
    known |= {f"puffy_contract_check_{name}" for name in ("value", "limit", "info")}
    known |= set(TREND_LABELS)
    known |= {"puffy_partition_window_info", "puffy_partition_acknowledged", "puffy_check_threshold"}
    known |= {"puffy_snapshot_as_of_timestamp_seconds", "puffy_partition_event_info"}
    expressions = re.findall(
        r"(?<!:)\bpuffy_(?:partition|task|trend|check|contract|snapshot)_[a-z0-9_]+", text
    )
    assert {name for name in expressions if name not in known} == set()
    recorded = set(re.findall(r"record: (\S+)", text)) - {"puffy:blind"}
    used = re.findall(r"\b(?:partition|member):puffy_(?:trend|check|contract_check):[a-z0-9_]+", text)
    assert set(used) == recorded
    assert recorded <= {name for name, count in Counter(used).items() if count > 1} | FOR_PEOPLE


def test_a_changed_limit_needs_no_new_rules() -> None:
    """Neither do a changed band and a trend that counts to one side only."""
    checks = load_catalogue(BANDS, {"reject_ratio": {"limits": {"warning": 0.4}}})
    assert rule_files(checks, Links()) == rule_files(load_catalogue(BANDS), Links())


def test_values_with_quotes_and_operators_stay_values() -> None:
    """Label values of a user's check reach PromQL as they are."""
    checks: tuple[Check, ...] = load_catalogue(
        BANDS,
        {
            "strange": {
                "alert": "PuffyStrange",
                "value": {
                    "metric": "puffy_partition_rejects",
                    "labels": {"reason": ['a"b', "c|d.e"]},
                },
                "limits": {"warning": 1},
                "owner": "o",
                "summary": "With {{ braces }}.",
                "impact": "i",
                "resolution": ["r"],
            }
        },
    )
    text = rule_files(checks, Links())["checks.yml"]
    (rule,) = (one for one in alert_rules(text) if one["alert"] == "PuffyStrange")
    recorded = [one for group in yaml.safe_load(text)["groups"] for one in group["rules"] if "record" in one]
    (value,) = (one for one in recorded if one.get("labels") == {"check": "strange"})
    assert r'reason=~"a\"b|c\\|d\\.e"' in value["expr"]
    assert rule["annotations"]["summary"] == 'With {{ "{{" }} braces }}.'  # type: ignore[index]


def test_the_verb_writes_compares_and_says_what_differs(tmp_path: Path) -> None:
    """2 on drift, with file and line; 0 where nothing differs; one line where it cannot write."""
    folder = tmp_path / "rules"
    assert call("rules", "--rules.dir", folder, "--check").returncode == 2
    assert call("rules", "--rules.dir", folder).returncode == 0
    assert call("rules", "--rules.dir", folder, "--check").returncode == 0
    path = folder / "checks.yml"
    path.write_text(path.read_text().replace("for: 30s", "for: 31s", 1))
    line = path.read_text().split("\n").index("    for: 31s") + 1
    drifted = call("rules", "--rules.dir", folder, "--check")
    assert (drifted.returncode, drifted.stdout) == (2, "")
    assert (
        drifted.stderr == f"puffy-exporter: {path}: differs from line {line} on; run puffy-exporter rules\n"
    )
    refused = call("rules", "--rules.dir", path)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)


def test_links_and_owners_come_from_the_configuration(tmp_path: Path) -> None:
    """If the stack is elsewhere, its alerts link there."""
    config = tmp_path / "puffy.yml"
    config.write_text(
        "links: {runbooks: 'https://wiki/puffy/', grafana: 'https://grafana/', alertmanager: 'https://am'}\n"
        "checks: {silence: {owner: web}}\n"
    )
    assert call("rules", "--rules.dir", tmp_path, "--config.file", config).returncode == 0
    (rule,) = (r for r in alert_rules((tmp_path / "checks.yml").read_text()) if r["alert"] == "PuffySilence")
    assert rule["labels"]["owner"] == "web"  # type: ignore[index]
    links = rule["annotations"]
    assert isinstance(links, dict)
    assert links["runbook_url"] == "https://wiki/puffy#silence"
    assert links["dashboard_url"].startswith("https://grafana/d/puffy-partition?")
    assert links["silence_url"].startswith(
        "https://am/#/silences/new?filter=%7Balertname%3D%22PuffySilence%22"
    )


def test_one_setting_says_where_the_exporter_is(tmp_path: Path) -> None:
    """Its report and all runbooks are there, those of rules that are written by hand as well."""
    config, meta = tmp_path / "puffy.yml", tmp_path / "rules" / "meta.yml"
    config.write_text("links: {exporter: https://e.example/puffy/, grafana: https://g.example/g}\n")
    meta.parent.mkdir()
    own = "      runbook_url: https://wiki.example/ours#puffymine\n"
    written = (RULES / "meta.yml").read_text() + own
    meta.write_text(written)
    options = ("--rules.dir", meta.parent, "--config.file", config)
    told = call("rules", *options, "--check")
    assert told.returncode == 2
    assert f"{meta}: differs from line 21 on" in told.stderr
    assert (
        call("rules", *options).stdout
        == f"trends.yml, checks.yml, incidents.yml, meta.yml written to {meta.parent}\n"
    )
    assert call("rules", *options, "--check").returncode == 0
    assert meta.read_text() == written.replace("http://localhost:10110/", "https://e.example/puffy/").replace(
        "http://localhost:3000/", "https://g.example/g/"
    )
    assert "localhost:10110" not in (meta.parent / "checks.yml").read_text()
    assert call("rules", "--rules.dir", meta.parent).returncode == 0
    assert meta.read_text() == written


def test_what_is_written_by_hand_must_be_readable(tmp_path: Path) -> None:
    """Else that is said in one line; a file that is not there is nobody's mistake."""
    (tmp_path / "meta.yml").write_bytes(b"\xff")
    refused = call("rules", "--rules.dir", tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert str(tmp_path / "meta.yml") in refused.stderr
    (tmp_path / "meta.yml").unlink()
    assert call("rules", "--rules.dir", tmp_path).returncode == 0
    assert not (tmp_path / "meta.yml").exists()
