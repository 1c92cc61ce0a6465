"""Provisioning: what Grafana finds when it starts."""

import re
from typing import Any

import pytest
import yaml
from boards import FILES, load
from golden import ROOT
from grafana_foundation_sdk.models.alerting import Query, RelativeTimeRange
from live_system import System

from exporter.links import Links
from exporter.runbooks.pages import read_runbooks

FOLDER = ROOT / "grafana" / "provisioning"
TEXTS = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*.yml")}
BEYOND = {"lt": lambda value, limit: value < limit, "gt": lambda value, limit: value > limit}


def read(name: str) -> Any:
    """Return one file's content."""
    return yaml.safe_load(TEXTS[name])


def rules() -> list[dict[str, Any]]:
    """Return the alert rules that Grafana evaluates itself."""
    return [rule for group in read("alerting/rules.yml")["groups"] for rule in group["rules"]]


def test_every_file_is_of_the_one_version_that_there_is() -> None:
    """Grafana ignores a file without it."""
    assert len(TEXTS) == 5
    assert all(read(name)["apiVersion"] == 1 for name in TEXTS)


def test_data_sources_have_fixed_names_and_cannot_be_edited() -> None:
    """Alert rules refer to them by uid; dashboards by a variable of their type."""
    sources = {source["uid"]: source for source in read("datasources/puffy.yml")["datasources"]}
    assert {uid: source["type"] for uid, source in sources.items()} == {
        "puffy-prometheus": "prometheus",
        "puffy-alertmanager": "alertmanager",
    }
    assert not any(source["editable"] for source in sources.values())
    assert [uid for uid, source in sources.items() if source.get("isDefault")] == ["puffy-prometheus"]
    assert sources["puffy-alertmanager"]["jsonData"]["handleGrafanaManagedAlerts"] is False
    kinds = {load(path)["templating"]["list"][0]["query"] for path in FILES}
    assert kinds == {sources["puffy-prometheus"]["type"]}


def test_dashboards_and_alerts_share_a_folder_and_are_not_edited_by_hand() -> None:
    """A change belongs in the source, where it is visible."""
    (provider,) = read("dashboards/puffy.yml")["providers"]
    assert provider["allowUiUpdates"] is False
    assert {provider["folder"]} == {group["folder"] for group in read("alerting/rules.yml")["groups"]}


def test_rules_are_of_grafanas_schema() -> None:
    """Each queries a provisioned data source, and its condition is a separate query."""
    known = {source["uid"] for source in read("datasources/puffy.yml")["datasources"]} | {"__expr__"}
    for rule in rules():
        references = {query["refId"] for query in rule["data"]}
        assert rule["condition"] in references
        for written in rule["data"]:
            query = Query.from_json({key: value for key, value in written.items() if key != "model"})
            assert query.datasource_uid in known
            assert isinstance(query.relative_time_range, RelativeTimeRange)
            assert written["model"]["refId"] == query.ref_id
            if "expression" in written["model"]:
                assert written["model"]["expression"] in references


def test_silence_is_an_alarm() -> None:
    """A rule on the monitoring itself fires without a response; the first also if the query fails."""
    assert all(rule["noDataState"] == "Alerting" for rule in rules())
    assert {rule["title"] for rule in rules() if rule["execErrState"] == "Alerting"} == {
        "PuffyPrometheusUnreachable"
    }
    assert all(rule["labels"]["severity"] == "critical" and rule["for"] for rule in rules())


def test_every_rule_leads_to_its_runbook_and_every_runbook_is_of_a_rule() -> None:
    """Where the exporter's own alerts lead as well."""
    assert [rule["title"] for rule in rules()] == [
        section.heading for section in read_runbooks("grafana").sections
    ]
    for rule in rules():
        assert rule["annotations"]["runbook_url"] == Links().own_runbook("grafana", rule["title"].lower())


def test_notifications_bypass_what_is_watched() -> None:
    """They go to people, over a contact point of Grafana's own that is there."""
    (policy,) = read("alerting/policies.yml")["policies"]
    (contact,) = read("alerting/contact-points.yml")["contactPoints"]
    assert policy["receiver"] == contact["name"]
    assert "prometheus-alertmanager" not in {receiver["type"] for receiver in contact["receivers"]}


def test_secrets_come_from_files_and_templates_keep_their_variables() -> None:
    """A single dollar sign would be read as one of the environment's variables."""
    for name, text in TEXTS.items():
        for found in re.findall(
            r"\${1,2}\S*", "\n".join(re.sub(r"^\s*#.*", "", line) for line in text.splitlines())
        ):
            assert found.startswith(("$__file{/run/secrets/", "$$labels.")), (name, found)
        assert "hooks.slack.com" not in text


@pytest.mark.server
@pytest.mark.xdist_group("grafana")
def test_rules_are_silent_while_all_is_well(system: System) -> None:
    """On a real Prometheus; without scrapes there is no response, which is an alarm."""
    for rule in rules():
        question, condition = (query["model"] for query in rule["data"])
        assert not fires(condition, system.prometheus.query(question["expr"])), rule["title"]
        if "vector" not in question["expr"]:
            assert system.prometheus.query(question["expr"], time="946684800") == []


@pytest.mark.server
@pytest.mark.xdist_group("grafana")
@pytest.mark.parametrize(
    ("uid", "healthy", "broken"),
    [
        ("puffy-prometheus-unreachable", "vector(1)", "vector(0)"),
        ("puffy-alertmanager-unreachable", "up{", "0 * up{"),
        ("puffy-no-data", "time()", "3601 + time()"),
    ],
)
def test_rules_fire_beyond_their_limit(system: System, uid: str, healthy: str, broken: str) -> None:
    """The same expression, on faulty data."""
    (rule,) = (rule for rule in rules() if rule["uid"] == uid)
    question, condition = (query["model"] for query in rule["data"])
    assert healthy in question["expr"]
    assert fires(condition, system.prometheus.query(question["expr"].replace(healthy, broken)))


def fires(condition: dict[str, Any], answer: list[tuple[dict[str, str], float]]) -> bool:
    """Judge a response like Grafana's threshold expression."""
    assert condition["type"] == "threshold"
    assert answer
    evaluator = condition["conditions"][0]["evaluator"]
    return any(BEYOND[evaluator["type"]](value, evaluator["params"][0]) for _, value in answer)
