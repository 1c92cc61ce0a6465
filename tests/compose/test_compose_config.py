"""What the compose file says, in both modes, as compose itself reads it."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden import ROOT
from stack import PUBLISHED, clean_environment, compose_program, install_plugin, port_variable

import exporter

DEMO = {"exporter", "prometheus", "alertmanager", "grafana", "simulator", "sink"}
LIVE = DEMO - {"simulator", "sink"}
HOSTS = "127.0.0.1"


def read(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Have compose read its file in a checkout of this project."""
    program = [str(compose_program()), "--project-directory", str(ROOT), *options]
    command = [*program, "config", "--format", "json"]
    known = clean_environment(install_plugin(folder / "docker")) | environment
    return subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)


def demo(folder: Path) -> dict[str, Any]:
    """Return the demo, as a clean checkout has it."""
    done = read(folder)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def live(folder: Path, data: str = "/data/puffy") -> dict[str, Any]:
    """Return what is run without the demo."""
    done = read(folder, COMPOSE_PROFILES="", PUFFY_DATA_DIR=data, PUFFY_SMTP_HOST="")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def with_cluster(folder: Path) -> dict[str, Any]:
    """Return one's own pipeline with a cluster."""
    environment = {
        "PUFFY_DATA_DIR": "/data/puffy",
        "PUFFY_SMTP_HOST": "",
        "PUFFY_ENGINE_SCHEDULER": "tcp://scheduler:8786",
    }
    done = read(folder, "--profile", "cluster", COMPOSE_PROFILES="", **environment)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(params=[demo, live, with_cluster])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Provide each mode in turn."""
    return dict(request.param(tmp_path))


def test_a_clean_checkout_is_the_demo_and_else_nothing_of_it_is_there(tmp_path: Path) -> None:
    """Project, volumes, secrets and configuration are others; simulator and sink belong to the demo."""
    shown, own = demo(tmp_path / "demo"), live(tmp_path / "live")
    assert set(shown["services"]) == DEMO
    assert set(own["services"]) == LIVE
    assert (shown["name"], own["name"]) == ("puffy-demo", "puffy-live")
    del own["services"]["alertmanager"]["depends_on"]  # on a sink that is not there, and need not be
    del own["services"]["exporter"]["depends_on"]
    assert not re.search(r"demo|sink|simulat", json.dumps(own).replace(str(ROOT), ""))
    files = [secret["file"] for secret in own["secrets"].values()]
    assert files
    assert all("/live-secrets/" in file for file in files)


def test_the_demo_never_reads_or_writes_a_folder_of_the_users(tmp_path: Path) -> None:
    """Not even where the shell names one: the simulator writes into a volume alone."""
    done = read(tmp_path, PUFFY_DATA_DIR="/data/puffy", PUFFY_OUTPUT_DIR="/data/out")
    config = json.loads(done.stdout)
    assert "/data/puffy" not in done.stdout
    assert "/data/out" not in done.stdout
    (data,) = config["services"]["simulator"]["volumes"]
    assert (data["type"], data["source"]) == ("volume", "demo")


def test_a_cluster_is_the_exporters_image_on_the_exporters_folder(tmp_path: Path) -> None:
    """Two workers and a scheduler, of which only the dashboard can be reached from this host."""
    services = with_cluster(tmp_path)["services"]
    assert set(services) == LIVE | {"scheduler", "worker"}
    own, scheduler, worker = (services[name] for name in ("exporter", "scheduler", "worker"))
    assert own["image"] == scheduler["image"] == worker["image"]
    assert own["environment"]["PUFFY_ENGINE_SCHEDULER"] == worker["command"][0] == "tcp://scheduler:8786"
    assert worker["deploy"]["replicas"] == 2
    data = next(mount for mount in own["volumes"] if mount["target"] == "/data")
    assert worker["volumes"] == [data]
    assert worker["group_add"] == own["group_add"]
    assert [(port["host_ip"], port["target"]) for port in scheduler["ports"]] == [(HOSTS, 8787)]
    assert not worker.get("ports")


def test_the_demo_can_have_a_cluster_as_well(tmp_path: Path) -> None:
    """It reads the simulator's volume."""
    done = read(tmp_path, "--profile", "demo", "--profile", "cluster")
    services = json.loads(done.stdout)["services"]
    assert set(services) == DEMO | {"scheduler", "worker"}
    (data,) = services["worker"]["volumes"]
    assert (data["type"], data["source"], data["read_only"]) == ("volume", "demo", True)


@pytest.mark.parametrize(
    ("environment", "said"),
    [({"COMPOSE_PROFILES": ""}, "PUFFY_DATA_DIR is not set"), ({"COMPOSE_PROFILES": "prod"}, "prod")],
)
def test_a_half_set_mode_starts_nothing(tmp_path: Path, environment: dict[str, str], said: str) -> None:
    """Neither without a folder to watch, nor with a profile that does not exist."""
    done = read(tmp_path, **environment)
    assert done.returncode != 0
    assert said in done.stderr


def test_every_image_is_pinned(config: dict[str, Any]) -> None:
    """By a full version; the own image's is the package's."""
    for name, service in config["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag), name
        if "build" in service:
            assert service["image"] == f"puffy-exporter:{exporter.__version__}"
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f'image.version="{exporter.__version__}"' in dockerfile
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.\d+-slim-\w+$", dockerfile, re.MULTILINE)


def test_every_container_is_hardened(config: dict[str, Any]) -> None:
    """No root, no capability, no new privilege, no writable root, no port beyond this host."""
    for name, service in config["services"].items():
        uid = service["user"].partition(":")[0]
        assert uid.isdigit(), name
        assert uid != "0", name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert not service.get("cap_add"), name
        assert not service.get("privileged"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {port["host_ip"] for port in service.get("ports", [])} <= {HOSTS}, name


def test_every_container_says_whether_it_is_healthy(config: dict[str, Any]) -> None:
    """And waits until those it needs are."""
    for name, service in config["services"].items():
        assert "healthcheck" in service or "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(), name
        for needed in service.get("depends_on", {}).values():
            assert needed["condition"] == "service_healthy", name


def test_only_outputs_and_databases_can_be_written(config: dict[str, Any]) -> None:
    """What is mounted from the checkout or from the user is read-only, and is there."""
    for name, service in config["services"].items():
        for mount in service.get("volumes", []):
            if mount["type"] == "bind":
                assert mount["read_only"], (name, mount)
                assert mount["source"] == "/data/puffy" or Path(mount["source"]).exists(), mount
    mounts = {mount["target"]: mount for mount in config["services"]["exporter"]["volumes"]}
    assert mounts["/data"]["read_only"]
    assert mounts["/output"] == {"type": "volume", "source": "output", "target": "/output", "volume": {}}


@pytest.mark.parametrize(
    ("service", "files"),
    [
        ("alertmanager", ["alertmanager/alertmanager.yml", "alertmanager/demo.yml"]),
        ("grafana", ["grafana/provisioning/alerting/contact-points.yml"]),
    ],
)
def test_every_secret_that_a_configuration_names_is_mounted(
    config: dict[str, Any], service: str, files: list[str]
) -> None:
    """And no other; a secret is a file, never a value of the environment."""
    described = config["services"][service]
    mounted = {secret["target"] for secret in described["secrets"]}
    texts = [(ROOT / file).read_text() for file in files] + list(
        map(str, described.get("environment", {}).values())
    )
    named = {name for text in texts for name in re.findall(r"/run/secrets/(\w+)", text)}
    assert {Path(target).name for target in mounted} == named
    for variable in described.get("environment", {}):
        assert not re.search(r"(PASSWORD|TOKEN|KEY|SECRET)$", variable), variable


def test_history_covers_what_the_dashboards_show(config: dict[str, Any]) -> None:
    """Ninety days of trends need more than Prometheus' default."""
    (retention,) = [flag for flag in config["services"]["prometheus"]["command"] if "retention.time" in flag]
    assert int(re.findall(r"(\d+)d", retention)[0]) >= 90


def test_what_the_demo_needs_is_in_the_repository(tmp_path: Path) -> None:
    """A clean checkout has every file, and no secret of anybody is tracked."""
    config = demo(tmp_path)
    files = [Path(secret["file"]) for secret in config["secrets"].values()]
    assert all(os.access(file, os.R_OK) for file in files)
    command = ["git", "check-ignore", "alertmanager/live-secrets/x", "grafana/live-secrets/x"]
    assert (
        len(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()) == 2
    )


def test_scrapes_and_data_sources_are_names_of_services(config: dict[str, Any]) -> None:
    """Prometheus and Grafana find each other by the compose file's names and ports."""
    scrapes = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    targets = {target for job in scrapes for one in job["static_configs"] for target in one["targets"]}
    sources = yaml.safe_load((ROOT / "grafana/provisioning/datasources/puffy.yml").read_text())["datasources"]
    targets |= {source["url"].removeprefix("http://") for source in sources}
    for target in targets:
        host, port = target.split(":")
        assert int(port) in {published["target"] for published in config["services"][host]["ports"]}


def test_every_published_port_can_be_another(tmp_path: Path) -> None:
    """Each by a variable of its own, so that two systems, or the demo and the tests, run side by side."""
    ports = {name: str(20000 + number) for number, name in enumerate(PUBLISHED)}
    done = read(tmp_path, **{port_variable(name): port for name, port in ports.items()})
    services = json.loads(done.stdout)["services"]
    published = {
        name: port["published"] for name, service in services.items() for port in service.get("ports", [])
    }
    assert published == ports
    for name in ("prometheus", "alertmanager"):
        assert f"--web.external-url=http://localhost:{ports[name]}" in services[name]["command"]
    assert services["grafana"]["environment"]["GF_SERVER_ROOT_URL"].endswith(f":{ports['grafana']}")
    assert services["exporter"]["environment"]["PUFFY_WEB_EXTERNAL_URL"].endswith(f":{ports['exporter']}")


def test_links_are_the_configurations_where_the_port_is_the_usual_one(config: dict[str, Any]) -> None:
    """The variable that would overrule `links.exporter` is empty."""
    assert config["services"]["exporter"]["environment"]["PUFFY_WEB_EXTERNAL_URL"] == ""
