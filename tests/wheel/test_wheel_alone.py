"""The built wheel alone, in an environment of its own: all that a person who installs it has."""

import re
import signal
import site
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from golden import ROOT
from running import clean_environment, fetch, until
from servers import find_generation

import exporter

pytestmark = pytest.mark.xdist_group("wheel")  # built once


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, without network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it beside the libraries that it needs, which are those of this environment."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return place / "bin" / "puffy-exporter"


def run(program: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command line in a folder far from any checkout."""
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def done(program: Path, folder: Path, *arguments: str) -> str:
    """Run it, and return what it said; it must work."""
    said = run(program, folder, *arguments)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def test_the_wheel_holds_what_the_program_needs_and_no_secret(wheel: Path) -> None:
    """Rules, dashboards, runbooks, contract, pages; neither tests nor what is of the demo's servers."""
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("assets/shipped/prometheus/rules/checks.yml", "runbooks/checks.md", "feeds/events.yaml"):
        assert f"exporter/{name}" in names
    assert not [name for name in names if re.search(r"secrets/|demo\.yml|^tests/|__pycache__", name)]
    assert len(names) == len(set(names))


def test_it_is_the_installed_package_that_runs(program: Path, tmp_path: Path) -> None:
    """Not the checkout that the tests lie in."""
    said = subprocess.run(
        [program.with_name("python"), "-c", "import exporter; print(exporter.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(said.stdout).is_relative_to(program.parents[1])
    assert done(program, tmp_path, "--version") == f"puffy-exporter {exporter.__version__}\n"


def test_a_contract_is_written_checked_and_run(program: Path, tmp_path: Path) -> None:
    """From files that nobody has described to the report."""
    (tmp_path / "orders").mkdir()
    for day in range(1, 9):
        rows = "".join(
            f"{day}{row:03},{row % 7}.50,2025-03-0{day}T0{row % 10}:00:00Z\n" for row in range(200)
        )
        (tmp_path / "orders" / f"orders_2025-03-0{day}.csv").write_text(f"id,amount,at\n{rows}")
    done(program, tmp_path, "init", "orders")
    done(program, tmp_path, "check-config", "--feed.file", "orders.yaml")
    said = done(program, tmp_path, "run", "--feed.file", "orders.yaml", "--as-of", "2025-03-08", "--write")
    assert "2025-03-08" in said
    assert (tmp_path / "orders" / "monitoring" / "monitoring_report.json").is_file()


@pytest.mark.server
def test_assets_are_written_and_accepted(program: Path, tmp_path: Path) -> None:
    """All that the checkout has for the servers, and their own tools take it."""
    done(program, tmp_path, "assets", "assets")
    for path in (tmp_path / "assets").rglob("[!.]*"):
        if path.is_file():
            assert path.read_bytes() == (ROOT / path.relative_to(tmp_path / "assets")).read_bytes()
    assert len([*(tmp_path / "assets" / "grafana" / "dashboards").iterdir()]) == 6
    servers = find_generation("system")
    rules = sorted(map(str, (tmp_path / "assets" / "prometheus" / "rules").iterdir()))
    checks = [
        [servers.program("promtool"), "check", "rules", *rules],
        [
            servers.program("amtool"),
            "check-config",
            str(tmp_path / "assets" / "alertmanager" / "alertmanager.yml"),
        ],
    ]
    for command in checks:
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0, command


@contextmanager
def demo(program: Path, folder: Path) -> Iterator[str]:
    """Run the demo until it serves, and give its address."""
    said = folder / "said"
    with said.open("w") as log:
        process = subprocess.Popen(
            [program, "demo", "--days", "10", "--web.listen-address", "127.0.0.1:0"],
            cwd=folder,
            env=clean_environment(),
            stdout=log,
            stderr=log,
        )
    try:
        assert until(lambda: "The exporter is running" in said.read_text(), 60), said.read_text()
        yield re.findall(r"http://127\.0\.0\.1:\d+", said.read_text())[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def test_the_demo_runs_with_pages_and_runbooks(program: Path, tmp_path: Path) -> None:
    """What lies beside the modules is found: templates, style, Markdown."""
    with demo(program, tmp_path) as address:
        assert until(lambda: fetch(f"{address}/-/ready")[0] == 200, 60)
        assert "puffy_partition_rows{" in fetch(f"{address}/metrics")[1]
        assert "<h1" in fetch(f"{address}/")[1]
        assert 'id="schema_mismatch"' in fetch(f"{address}/runbooks/checks")[1]


def test_the_source_needs_no_compiler_and_the_wheel_serves_every_system(wheel: Path) -> None:
    """One wheel for all."""
    assert wheel.name == f"puffy_exporter-{exporter.__version__}-py3-none-any.whl"
    assert wheel.stat().st_size < 2_000_000
