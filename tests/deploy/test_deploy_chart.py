"""The chart: what it renders is what the published schemas take, and what runs is confined."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from chart import CHART, DATA, GENERATIONS, SHAPES, helm, of_kind, only, pod_of, render, template
from golden import ROOT
from running import call

import exporter

KUBERNETES = ("1.27", "1.37")  # the oldest that Chart.yaml takes, and the newest with a schema here
LONGEST = 256 * 1024  # bytes that `kubectl apply` can remember of an object
shapes = pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES)
generations = pytest.mark.parametrize("generation", GENERATIONS)


def check(document: Mapping[str, Any], version: str) -> None:
    """Hold an object against the schema of its kind; an unknown key is a mistake."""
    if document["apiVersion"].startswith("monitoring.coreos.com/"):
        from cloudcoil.models.prometheus_operator import v1, v1alpha1  # noqa: PLC0415  3 s, in each worker that collects

        module = v1alpha1 if document["kind"] == "AlertmanagerConfig" else v1
        model = getattr(module, document["kind"]).model_validate(document)
        # The model passes over what it does not know: what comes back is what it knew.
        assert model.model_dump(by_alias=True, exclude_unset=True, mode="json") == document
    else:
        kubernetes_validate.validate(document, version, strict=True)


@generations
@shapes
def test_helm_finds_nothing_to_complain_of(
    values: Mapping[str, Any], generation: str, tmp_path: Path
) -> None:
    """In any shape, where a warning counts as a mistake."""
    path = tmp_path / "values.yaml"
    path.write_text(json.dumps(values))
    done = helm("lint", "--strict", CHART, "--values", path, generation=generation)
    assert done.returncode == 0, done.stdout


@shapes
def test_both_generations_render_the_same(values: Mapping[str, Any], tmp_path: Path) -> None:
    """Whichever Helm a cluster is managed with."""
    older, newer = (template(values, tmp_path, generation=each) for each in GENERATIONS)
    assert older.returncode == 0, older.stderr
    assert older.stdout == newer.stdout


@pytest.mark.parametrize("version", KUBERNETES)
@shapes
def test_every_object_fits_its_published_schema(
    values: Mapping[str, Any], version: str, tmp_path: Path
) -> None:
    """Kubernetes' own strictly, the operator's as of its release 0.80."""
    objects = render(values, tmp_path, "--kube-version", f"{version}.0")
    assert objects
    for document in objects:
        check(document, version)


def test_the_schemas_see_a_mistake(tmp_path: Path) -> None:
    """A misspelt key of an object of either sort is refused."""
    objects = render(SHAPES["all"], tmp_path)
    workload, monitor = only(objects, "StatefulSet"), only(objects, "ServiceMonitor")
    pod_of(workload)["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        check(workload, KUBERNETES[-1])
    monitor["spec"]["endpoints"][0]["intervall"] = "15s"
    with pytest.raises(AssertionError):
        check(monitor, KUBERNETES[-1])


@shapes
def test_names_are_unique_and_objects_can_be_applied(values: Mapping[str, Any], tmp_path: Path) -> None:
    """`kubectl apply` keeps an object in an annotation, which has its limit."""
    objects = render(values, tmp_path)
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(set(names)) == len(names)
    for document in objects:
        assert len(json.dumps(document)) < LONGEST, document["metadata"]["name"]
        assert document["metadata"]["labels"]["app.kubernetes.io/name"] == "puffy-exporter"


@shapes
def test_a_pod_is_as_confined_as_the_restricted_standard_wants(
    values: Mapping[str, Any], tmp_path: Path
) -> None:
    """And more: nothing to write but its output and /tmp, the data read-only, no token of the API server."""
    [workload] = [each for each in render(values, tmp_path) if each["kind"] in ("StatefulSet", "CronJob")]
    pod = pod_of(workload)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    assert writable == {"/output", "/tmp"}
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_a_pod_that_is_alone_is_found_by_all_that_look_for_it(tmp_path: Path) -> None:
    """Service, monitor, network policy and disruption budget select the pod's labels."""
    objects = render(SHAPES["all"], tmp_path)
    pod = only(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"].items()
    spec = {
        kind: only(objects, kind)["spec"]
        for kind in ("Service", "ServiceMonitor", "NetworkPolicy", "PodDisruptionBudget")
    }
    assert spec["Service"]["selector"].items() <= pod
    assert spec["NetworkPolicy"]["podSelector"]["matchLabels"].items() <= pod
    assert spec["PodDisruptionBudget"]["selector"]["matchLabels"].items() <= pod
    labels = only(objects, "Service")["metadata"]["labels"].items()
    assert spec["ServiceMonitor"]["selector"]["matchLabels"].items() <= labels


def test_probes_ask_for_what_they_may_see(tmp_path: Path) -> None:
    """By HTTP, by HTTPS under TLS, and only whether anybody listens where a password is wanted."""
    found = {
        name: pod_of(only(render(SHAPES[name], tmp_path), "StatefulSet"))["containers"][0]["readinessProbe"]
        for name in ("least", "TLS alone", "all")
    }
    assert found["least"]["httpGet"] == {"path": "/-/ready", "port": "http", "scheme": "HTTP"}
    assert found["TLS alone"]["httpGet"]["scheme"] == "HTTPS"
    assert found["all"]["tcpSocket"] == {"port": "http"}


def test_alerting_is_off_until_it_is_asked_for(tmp_path: Path) -> None:
    """A cluster without the operator takes what the chart renders by itself."""
    objects = render(DATA, tmp_path)
    assert {each["apiVersion"] for each in objects} == {"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1"}
    assert [each["metadata"]["name"] for each in of_kind(objects, "ConfigMap")] == ["puffy-exporter-config"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "set exactly one of data.existingClaim"),
        (DATA | {"data": {"existingClaim": "x", "url": "s3://b"}}, "set exactly one of data.existingClaim"),
        (DATA | {"feeds": {"a.yaml": "x"}, "existingFeedsConfigMap": "y"}, "not both"),
        (DATA | {"web": {"tls": True}}, "web.tls requires web.existingSecret"),
        (DATA | {"servce": {}}, "servce"),
        (DATA | {"mode": "job"}, "mode"),
        (DATA | {"image": {"digest": "sha256:abc"}}, "digest"),
        (DATA | {"feeds": {"orders": "x"}}, "orders"),
        (DATA | {"config": {"links": {"exporter": "https://puffy/"}}}, "exporter"),
        (DATA | {"alertmanager": {"slack": {"analytics": "analytics"}}}, "analytics"),
        (DATA | {"podDisruptionBudget": {"maxUnavailable": 2}}, "maxUnavailable"),
    ],
)
def test_values_that_cannot_be_are_refused(values: Mapping[str, Any], said: str, tmp_path: Path) -> None:
    """With the key, or a line that says what to do."""
    done = template(values, tmp_path)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_digest_pins_the_image(tmp_path: Path) -> None:
    """The tag stays for people."""
    pod = pod_of(only(render(SHAPES["all"], tmp_path), "StatefulSet"))
    tag = f"registry.acme.test/puffy-exporter:{exporter.__version__}"
    assert pod["containers"][0]["image"] == f"{tag}@sha256:{'0' * 64}"


def test_a_changed_configuration_starts_a_new_pod(tmp_path: Path) -> None:
    """And changed contracts do not: the running one reads them."""
    first, configured, other_feed = (
        only(render(DATA | more, tmp_path), "StatefulSet")["spec"]["template"]["metadata"]["annotations"]
        for more in ({"feeds": {"a.yaml": "x"}}, {"config": {"checks": {}}}, {"feeds": {"a.yaml": "y"}})
    )
    assert first == other_feed
    assert first != configured


def test_a_pass_on_a_schedule_serves_nothing(tmp_path: Path) -> None:
    """No port, no service, no overlap, and a failed pass is not repeated before its time."""
    objects = render(SHAPES["cronjob"], tmp_path)
    assert not {each["kind"] for each in objects} & {"Service", "StatefulSet", "PodDisruptionBudget"}
    job = only(objects, "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0
    [container] = pod_of(job)["containers"]
    assert container["args"] == ["run", "--fail-on", "critical"]
    assert "ports" not in container


def test_a_bucket_needs_no_volume_and_may_be_reached(tmp_path: Path) -> None:
    """By the role of the service account, through the network policy."""
    objects = render(SHAPES["bucket"], tmp_path)
    pod = pod_of(only(objects, "StatefulSet"))
    assert "data" not in [volume["name"] for volume in pod["volumes"]]
    assert {"name": "PUFFY_DATA_DIR", "value": "s3://acme/puffy"} in pod["containers"][0]["env"]
    assert only(objects, "ServiceAccount")["metadata"]["annotations"] == {"acme.test/role": "reader"}
    assert only(objects, "NetworkPolicy")["spec"]["egress"]
    assert not only(render(DATA, tmp_path), "NetworkPolicy")["spec"]["egress"]


def test_a_packed_chart_is_whole(tmp_path: Path) -> None:
    """What the chart's links lead to is in the archive, which renders as the folder does."""
    assert helm("package", CHART, "--destination", tmp_path).returncode == 0
    [archive] = tmp_path.glob("*.tgz")
    assert archive.stat().st_size < 512 * 1024  # a release is kept in a Secret of at most 1 MiB
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps(SHAPES["all"]))
    packed = helm("template", "puffy-exporter", archive, "--values", values)
    assert packed.stdout == template(SHAPES["all"], tmp_path).stdout


def test_the_chart_is_of_the_program_s_version() -> None:
    """The image that it starts is the one that its rules belong to."""
    text = (CHART / "Chart.yaml").read_text()
    assert f'appVersion: "{exporter.__version__}"' in text
    assert f"version: {exporter.__version__} " in text


def test_the_values_of_the_page_are_taken(tmp_path: Path) -> None:
    """What can be copied from it can be used."""
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    written = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    config = only(render(written, tmp_path), "ConfigMap")["data"]["puffy.yml"]
    (tmp_path / "puffy.yml").write_text(config)
    done = call("check-config", "--config.file", tmp_path / "puffy.yml")
    assert done.returncode == 0, done.stderr


def test_values_are_described_and_their_defaults_are_taken() -> None:
    """Every key is in values.yaml and in its schema, and the page tells of those that need words."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    for key in schema["properties"].keys() - {"global"}:
        assert f"\n{key}:" in (CHART / "values.yaml").read_text(), key
    for key in (
        "data.existingClaim",
        "web.existingSecret",
        "prometheusRule.files",
        "alertmanager.secretName",
    ):
        assert f"`{key}`" in page, key
