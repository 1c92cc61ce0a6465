"""The plain manifests are what the chart renders: made by `make golden`, compared here."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from chart import GENERATIONS, NEWEST, documents, helm_program
from golden import ROOT, matches

FOLDER = ROOT / "deploy" / "kubernetes"
KEPT = ("exporter", "cronjob")  # kept; the others repeat rules and dashboards, and are made for a release
LARGE = ("monitoring", "dashboards")


def manifests(folder: Path, generation: str = NEWEST) -> Mapping[str, str]:
    """Return the manifests as the program writes them, by name."""
    program = {"HELM": str(helm_program(generation))}
    command = ["bash", ROOT / "deploy" / "manifests.sh", folder]
    done = subprocess.run(command, env=os.environ | program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.stem: path.read_text() for path in folder.glob("*.yaml")}


def test_golden_manifests_are_rendered_from_the_chart(tmp_path: Path) -> None:
    """Those of the exporter stand in the repository."""
    found = manifests(tmp_path)
    assert set(found) == {*KEPT, *LARGE}
    for name in KEPT:
        assert matches(f"deploy/kubernetes/{name}.yaml", found[name]), name


@pytest.mark.parametrize("generation", GENERATIONS)
def test_manifests_are_plain(generation: str, tmp_path: Path) -> None:
    """They do not claim to be managed by Helm, and say nothing of where a person keeps the data."""
    for text in manifests(tmp_path, generation).values():
        objects = documents(text)
        assert objects
        labels: list[dict[str, Any]] = [each["metadata"]["labels"] for each in objects]
        assert not [
            each for each in labels if "app.kubernetes.io/managed-by" in each or "helm.sh/chart" in each
        ]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_what_stands_in_the_folder_fits_its_schemas(path: Path, version: str) -> None:
    """The examples written by hand among it."""
    for document in documents(path.read_text()):
        if not document["apiVersion"].startswith("monitoring.coreos.com/"):
            kubernetes_validate.validate(document, version, strict=True)
