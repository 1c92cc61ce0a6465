"""What an open project promises about itself: licence, workflows, pins, versions."""

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from golden import ROOT

import exporter

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
APACHE = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"  # of the published text
TARGETS = set(re.findall(r"^(\w+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": [GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml" for name in ("bug", "feature")],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
}


def read(path: Path) -> dict[str, Any]:
    """Return a workflow; `on` stays a word there."""
    loaded: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    return loaded


def steps_of(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_the_licence_is_the_published_text_and_is_declared() -> None:
    """By its SPDX name, in the package and on the image."""
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE
    assert PROJECT["license"] == "Apache-2.0"
    assert PROJECT["license-files"] == ["LICENSE"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert 'org.opencontainers.image.licenses="Apache-2.0"' in dockerfile
    assert "COPY pyproject.toml README.md LICENSE ./" in dockerfile


@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_github_reads_fits_its_schema(schema: str) -> None:
    """As the schema store publishes it; all files of a schema in one process."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *SCHEMAS[schema]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert SCHEMAS[schema]
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_the_targets_that_people_call(path: Path) -> None:
    """What passes there passes here; a target that is gone is noticed."""
    called = [
        target
        for step in steps_of(read(path))
        for target in re.findall(r"^make ((?:\w+ ?)+)", step.get("run", ""), re.MULTILINE)
    ]
    assert called
    for targets in called:
        names = [name for name in targets.split() if name != "BASE"]
        assert set(names) <= TARGETS, names


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_do_no_more_than_they_need(path: Path) -> None:
    """They read by default, keep no token on the disk, and end."""
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job, name
    for step in steps_of(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"
        # What a stranger may choose, such as the name of a branch, must not become a command.
        assert "${{" not in step.get("run", "")


def test_ci_runs_every_python_that_is_promised() -> None:
    """From the oldest that the package takes."""
    versions = read(GITHUB / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={versions[0]}"


@pytest.mark.parametrize("name", ["runtime", "build", "dev"])
def test_what_is_installed_is_pinned_by_hash(name: str) -> None:
    """Every line of a lock file names one version, and the image asks for the hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    packages = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert packages
    for package in packages:
        assert re.match(r"[\w.\[\]-]+==\S+", package), package.splitlines()[0]
        assert "--hash=sha256:" in package, package.splitlines()[0]
    if name != "dev":
        assert f"--require-hashes -r requirements/{name}.txt" in (ROOT / "Dockerfile").read_text().replace(
            "\\\n        ", ""
        )


def test_the_image_keeps_what_reads_object_storage() -> None:
    """Of what is removed from the packages to make it smaller, nothing is a file system of Arrow's."""
    packages = Path(pa.__file__).parents[1]
    [removed] = re.findall(r"rm -rf ((?:pyarrow/.*\\\n)*.*)", (ROOT / "Dockerfile").read_text())
    gone = {
        path.relative_to(packages).as_posix()
        for pattern in removed.replace("\\\n", " ").split()
        for path in packages.glob(pattern)
    }
    assert "pyarrow/include" in gone
    assert not [name for name in gone if re.search(r"pyarrow/(_(s3|gcs|azure|hdfs)|_?fs|libarrow_s3)", name)]


def test_every_owner_s_path_exists() -> None:
    """A renamed folder would lose its reviewers; the examples are commented out until there are teams."""
    lines = [line.removeprefix("# ") for line in (GITHUB / "CODEOWNERS").read_text().splitlines()]
    paths = [line.split()[0].strip("/") for line in lines if line.startswith("/")]
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_the_hooks_are_commands_of_make_lint() -> None:
    """What a commit is held up for, CI would be as well."""
    lint = subprocess.run(["make", "-n", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [repo] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repo["hooks"]:
        assert hook["entry"].removesuffix(" --force-exclude") in lint, hook["id"]


def test_one_version_is_named_everywhere() -> None:
    """In the image, in the compose file and in the manifests that are written by hand."""
    version = exporter.__version__
    for name in ("Dockerfile", "docker-compose.yml", "deploy/kubernetes/load.yaml"):
        text = (ROOT / name).read_text()
        found = set(re.findall(r"puffy-exporter:(\d[\w.]*)|image\.version=\"([\w.]+)\"", text))
        assert {left or right for left, right in found} == {version}, name
