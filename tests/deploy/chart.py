"""The chart as Helm itself renders it, in two generations."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden import ROOT
from servers import servers_folder

CHART = ROOT / "deploy" / "helm" / "puffy-exporter"
GENERATIONS = ("3", "4")
NEWEST = GENERATIONS[-1]
NAME = "puffy-exporter"  # of the release, and so of its objects
DATA = {"data": {"existingClaim": "puffy-data"}}
LINKS = {
    "exporter": "https://puffy.acme.test",
    "grafana": "https://acme.test/grafana",
    "alertmanager": "https://alerts.acme.test",
}
CONTRACT = (ROOT / "docs" / "data-contract.yaml").read_text()
# What an installation may look like: every template and every branch of it is in one of them.
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "least": DATA,
    "all": {
        **DATA,
        "labels": {"team": "data"},
        "image": {"repository": "registry.acme.test/puffy-exporter", "digest": "sha256:" + "0" * 64},
        "imagePullSecrets": [{"name": "registry"}],
        "config": {"links": LINKS, "calendar": {"due_time": "07:30"}},
        "feeds": {"events.yaml": CONTRACT},
        "web": {"existingSecret": "puffy-web", "tls": True},
        "podAnnotations": {"acme.test/owner": "data"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "data", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"podAntiAffinity": {}},
        "priorityClassName": "monitoring",
        "extraArgs": ["--log.level", "debug"],
        "extraEnv": [
            {"name": "OPENLINEAGE_API_KEY", "valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}}
        ],
        "service": {"annotations": {"acme.test/dns": "puffy"}},
        "output": {"storageClass": "fast", "accessModes": ["ReadWriteMany"], "keep": False},
        "networkPolicy": {
            "ingressFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "egress": [{"ports": [{"port": 443, "protocol": "TCP"}]}],
        },
        "serviceMonitor": {
            "enabled": True,
            "labels": {"release": "prometheus"},
            "basicAuth": {
                "username": {"name": "puffy-scrape", "key": "username"},
                "password": {"name": "puffy-scrape", "key": "password"},
            },
            "tlsConfig": {"insecureSkipVerify": True},
        },
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        "alertmanager": {"kind": "secret"},
        "dashboards": {"enabled": True, "annotations": {"grafana_folder": "Data quality"}},
    },
    "operator's alerts": {
        **DATA,
        "serviceMonitor": {"enabled": True},
        "alertmanager": {"kind": "config", "labels": {"alertmanager": "puffy"}},
    },
    "TLS alone": {**DATA, "web": {"existingSecret": "puffy-web", "tls": True, "auth": False}},
    "cronjob": {
        "mode": "cronjob",
        "data": {
            "volume": {"nfs": {"server": "files", "path": "/export", "readOnly": True}},
            "subPath": "a/b",
        },
        "cronJob": {"failOn": "critical"},
        "podAnnotations": {"acme.test/owner": "data"},
        "output": {"existingClaim": "shared-output"},
        "existingFeedsConfigMap": "contracts",
    },
    "bucket": {
        "data": {"url": "s3://acme/puffy"},
        "serviceAccount": {"annotations": {"acme.test/role": "reader"}},
    },
    "nothing around it": {
        **DATA,
        "serviceAccount": {"create": False},
        "networkPolicy": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
    },
}


def helm_program(generation: str) -> Path:
    """Return where Helm is; skip where it is absent, which on CI is a failure."""
    program = servers_folder() / f"helm-{generation}" / "helm"
    if not program.exists():
        assert not os.environ.get("CI"), f"Helm {generation} must be there on CI"
        pytest.skip(f"Helm {generation} is not there: run tests/install-servers.sh")
    return program


def helm(*arguments: str | Path, generation: str = NEWEST) -> subprocess.CompletedProcess[str]:
    """Run Helm."""
    return subprocess.run([helm_program(generation), *arguments], capture_output=True, text=True, check=False)


def template(
    values: Mapping[str, Any], folder: Path, *options: str, generation: str = NEWEST
) -> subprocess.CompletedProcess[str]:
    """Have the chart rendered with values."""
    path = folder / "values.yaml"
    path.write_text(json.dumps(values))
    return helm("template", NAME, CHART, "--values", path, *options, generation=generation)


def render(
    values: Mapping[str, Any], folder: Path, *options: str, generation: str = NEWEST
) -> list[dict[str, Any]]:
    """Return the objects that the chart makes of values."""
    done = template(values, folder, *options, generation=generation)
    assert done.returncode == 0, done.stderr
    return documents(done.stdout)


def documents(text: str) -> list[dict[str, Any]]:
    """Read a stream of YAML by libyaml: the rules and dashboards are long."""
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]


def of_kind(objects: Sequence[Mapping[str, Any]], kind: str) -> list[Any]:
    """Return the objects of a kind."""
    return [each for each in objects if each["kind"] == kind]


def only(objects: Sequence[Mapping[str, Any]], kind: str) -> Any:
    """Return the one object of a kind."""
    [found] = of_kind(objects, kind)
    return found


def pod_of(workload: Mapping[str, Any]) -> Any:
    """Return the pod's spec of a StatefulSet, a CronJob, a Job or a Pod."""
    spec: Any = workload["spec"]
    while "containers" not in spec:
        spec = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec["template"]["spec"]
    return spec
