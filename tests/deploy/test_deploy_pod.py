"""What the manifests start: command, environment and mounts, run here unchanged."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart import DATA, of_kind, only, pod_of, render
from golden import ROOT
from many import DAYS, contract, write_rows
from pods import COMMAND, Served, environment_of, program_in, publish
from running import until

from exporter.demo.days import write_day
from exporter.demo.incidents import Incident
from exporter.demo.rows import Recipe

LOAD = ROOT / "deploy" / "kubernetes" / "load.yaml"
SMALL = Recipe(rows=200)


def lay_out(objects: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Lay out the volumes of the chart's pod; return its container."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "output").mkdir(exist_ok=True)
    maps = {each["metadata"]["name"]: each["data"] for each in of_kind(objects, "ConfigMap")}
    [workload] = [each for each in objects if each["kind"] in ("StatefulSet", "CronJob")]
    pod = pod_of(workload)
    for volume in pod["volumes"]:
        if "configMap" in volume:
            publish(folder / "etc" / volume["name"], maps[volume["configMap"]["name"]])
    return dict(pod["containers"][0])


def newest() -> date:
    """Return the newest day that is due."""
    return (datetime.now(UTC) - timedelta(days=1, hours=6)).date()


def write_days(data: Path, *incidents: Incident, last: date | None = None) -> None:
    """Write a week up to the newest day, or to another one; its last day has these incidents."""
    last = last or newest()
    for number in range(8):
        write_day(data, last - timedelta(days=number), SMALL, [] if number else incidents)


def answers(pod: Served, path: str) -> bool:
    """Return whether the pod says yes to a probe."""
    return pod.get(path)[0] == 200


def test_the_pod_serves_what_its_probes_and_its_monitor_ask_for(tmp_path: Path) -> None:
    """The data read from /data, the output in /output, the configuration taken."""
    objects = render(DATA | {"config": {"calendar": {"window_days": 20}}}, tmp_path)
    container = lay_out(objects, tmp_path)
    day = newest()
    write_days(tmp_path / "data", last=day)
    with Served(container, tmp_path) as pod:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = container[probe]["httpGet"]["path"]
            assert until(partial(answers, pod, path), 40), probe
        status, page = pod.get("/metrics")
        assert status == 200
        assert f'puffy_partition_rows{{feed="events",partition="{day}",stage="raw"}}' in page
    assert (tmp_path / "output" / "monitoring_report.json").exists()
    assert not (tmp_path / "data" / "monitoring").exists()


def test_a_changed_config_map_of_contracts_is_read_without_a_restart(tmp_path: Path) -> None:
    """Each contract names a folder of its own below /data; a feed that is added is watched within seconds."""

    def feed(name: str) -> dict[str, str]:
        for day in DAYS:
            write_rows(tmp_path / "data" / name, day, 10)
        return {f"{name}.yaml": contract(name, tmp_path / "data" / name)}

    orders, visits = feed("orders"), feed("visits")
    values = DATA | {"feeds": orders, "config": {"watch": {"settle_seconds": 0.2, "rescan_seconds": 2}}}
    container = lay_out(render(values, tmp_path), tmp_path)
    with Served(container, tmp_path) as pod:

        def known(name: str) -> bool:
            return f'puffy_partition_rows{{feed="{name}",' in pod.get("/metrics")[1]

        assert until(lambda: known("orders"), 40)
        publish(tmp_path / "etc" / "feeds", {**orders, **visits})
        assert until(lambda: known("visits"), 30)
        publish(tmp_path / "etc" / "feeds", visits)
        assert until(lambda: not known("orders"), 30)


@pytest.mark.parametrize(("incidents", "code"), [((), 0), ((Incident.LOST_COLUMN,), 2)])
def test_the_scheduled_pass_fails_its_job_where_it_was_asked_to(
    incidents: tuple[Incident, ...], code: int, tmp_path: Path
) -> None:
    """And leaves the report either way."""
    values = DATA | {"mode": "cronjob", "cronJob": {"failOn": "critical"}}
    container = lay_out(render(values, tmp_path), tmp_path)
    write_days(tmp_path / "data", *incidents)
    command = [*COMMAND, *container["args"]]
    done = subprocess.run(command, env=environment_of(container, tmp_path), capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "output" / "monitoring_report.json").exists()


def gate() -> Mapping[str, Any]:
    """Return the container that waits in the example of a load."""
    [container] = pod_of(yaml.safe_load(LOAD.read_text()))["initContainers"]
    return dict(container)


@pytest.mark.parametrize(("incidents", "code"), [((), 0), ((Incident.LOST_COLUMN,), 3)])
def test_the_load_waits_in_front_of_the_gate(
    incidents: tuple[Incident, ...], code: int, tmp_path: Path
) -> None:
    """Its init container ends well for a day that is released, and with 3 for one that is held."""
    container = lay_out(render(DATA, tmp_path), tmp_path)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)  # as in the load's command
    write_days(tmp_path / "data", *incidents, last=yesterday)
    given = environment_of(container, tmp_path)
    assert subprocess.run([*COMMAND, "run"], env=given, capture_output=True, check=False).returncode == 0
    command = [part.replace("--timeout 2h", "--timeout 1s") for part in gate()["command"]]
    waiting = environment_of(gate(), tmp_path) | program_in(tmp_path)
    done = subprocess.run(command, env=waiting, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr


def test_the_load_mounts_what_the_chart_makes(tmp_path: Path) -> None:
    """Its claims and its ConfigMap are those of the exporter's pod, all read-only."""
    pod = pod_of(yaml.safe_load(LOAD.read_text()))
    theirs = pod_of(only(render(DATA, tmp_path), "StatefulSet"))
    sources = {each["name"]: {key: each[key] for key in each if key != "name"} for each in theirs["volumes"]}
    for volume in pod["volumes"]:
        source = sources[volume["name"]]
        source.get("persistentVolumeClaim", {})["readOnly"] = True
        assert {key: volume[key] for key in volume if key != "name"} == source
    assert all(mount["readOnly"] for mount in gate()["volumeMounts"])
    assert gate()["image"] == theirs["containers"][0]["image"]


def test_the_load_is_as_confined_as_the_exporter() -> None:
    """Both of its containers, as an example is copied as it stands."""
    pod = pod_of(yaml.safe_load(LOAD.read_text()))
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
