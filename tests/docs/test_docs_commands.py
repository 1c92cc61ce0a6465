"""Every command that the documentation shows is run on the demo's days, or listed with the reason why not."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from string import Template

import pytest
from command_line import CommandLine, Outcome
from console import NOT_RUN, PAGES, Shown, commands, parts
from running import COMMAND, Exporter, clean_environment, until
from servers import find_program

from exporter.demo.plan import write_pipeline
from exporter.demo.rows import DEFAULT_RECIPE

LAST = date(2025, 3, 8)  # with it the demo's last day but one lacks a column: the day used on the pages
DAY = "2025-03-07"
AS_OF = "2025-03-09T12:00:00Z"
STAYS = ("serve", "sink", "demo")
LOOKS = ("explain", "metrics")
CLOSED = 3
FINDS_NOTHING = ("grep", "tail", "uniq")  # grep exits with 1 then, and so does a pipe that ends with it

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("docs-commands")]  # one folder, one process for all


@dataclass(frozen=True, slots=True)
class World:
    """The pages' world: folders, days, a running exporter."""

    folder: Path
    line: CommandLine
    environment: Mapping[str, str]
    names: Mapping[str, str]  # a pattern -> its replacement here
    known: dict[str, Outcome] = field(default_factory=dict)  # of read-only calls; many are shown often

    def translate(self, text: str) -> str:
        """Adapt a command to this world's folders, ports and incidents."""
        for pattern, here in self.names.items():
            text = re.sub(pattern, here, text)
        return text

    def run(self, text: str) -> Outcome:
        """Run a line like a shell."""
        if not text.startswith("puffy-exporter "):
            return self.shell(text)
        first, *rest = parts(text)
        words = shlex.split(Template(first).safe_substitute(self.environment))
        done = self.call(words[1:])
        if not rest or rest[0].startswith(" &&"):
            return done
        piped = self.shell(rest[0].strip().removeprefix("|"), done.output)
        return Outcome(done.code or piped.code, piped.output, done.errors + piped.errors)

    def call(self, words: Sequence[str]) -> Outcome:
        """Run the command line."""
        environment = dict(self.environment)
        if any(word.startswith("--feed") for word in words):
            del environment["PUFFY_DATA_DIR"]  # a contract says where its files are
        if words[0] in STAYS:
            return stays(words, self.folder / "work", {**environment, "PUFFY_LOG_LEVEL": "info"})
        if words[0] not in LOOKS:
            return self.line.run(words, environment)
        key = shlex.join(words)
        if key not in self.known:
            self.known[key] = self.line.run(words, environment)
        return self.known[key]

    def shell(self, text: str, given: str = "") -> Outcome:
        """Run anything else with a shell."""
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder / "work",
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def begin_anew(self) -> None:
        """Reset acknowledgements, so that pages do not affect each other."""
        self.known.clear()
        shutil.rmtree(self.folder / "data" / "puffy" / "monitoring")
        shutil.copytree(self.folder / "first", self.folder / "data" / "puffy" / "monitoring")


def stays(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Outcome:
    """Run a long-running command, and stop it once it serves."""
    said = folder / "said"
    with said.open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        began = until(
            lambda: re.search(r"event=listening|shows what is received", said.read_text()) is not None, 40
        )
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)
    finally:
        process.kill()
        process.wait()
    return Outcome(code, said.read_text(), "" if began else "never began to serve")


def write_feeds(folder: Path) -> None:
    """Write files of two other feeds, similar to the pages' descriptions."""
    for name, last in (("orders", LAST), ("flights", date(2013, 2, 10))):
        (folder / name).mkdir(parents=True)
        for day in (last - timedelta(days=back) for back in range(12)):
            rows = (
                f"{day:%y%m%d}{row:03},{row % 7}.50,{day}T{row % 24:02}:{row % 60:02}:00Z"
                for row in range(200)
            )
            text = "\n".join(("id,amount,at", *rows)) + "\n"
            (folder / name / f"{name}_{day}.csv").write_text(text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Create the folders on the pages, and serve the demo's days."""
    find_program("promtool")
    find_program("amtool")
    folder = tmp_path_factory.mktemp("docs")
    data, work, etc = folder / "data" / "puffy", folder / "work", folder / "etc"
    write_pipeline(data, LAST, 12, replace(DEFAULT_RECIPE, rows=100))
    write_feeds(folder / "data")
    for place in (work, etc / "puffy" / "feeds", folder / "tmp", folder / "var"):
        place.mkdir(parents=True)
    (work / "dq.py").write_text("")
    environment = clean_environment() | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PUFFY_DATA_DIR": str(data),
        "PUFFY_AS_OF": AS_OF,
        "PUFFY_LOG_LEVEL": "warning",
        "PUFFY_WEB_LISTEN_ADDRESS": "127.0.0.1:0",
        "PUFFY_SINK_HTTP_LISTEN_ADDRESS": "127.0.0.1:0",
        "PUFFY_SINK_SMTP_LISTEN_ADDRESS": "127.0.0.1:0",
        "DAY": DAY,
        "LINE": "2",
    }
    (served := folder / "served").mkdir()
    shutil.copytree(data, served / "data")
    (served / "puffy.yml").write_text("")
    with CommandLine(work) as line, Exporter(served, "--as-of", AS_OF) as exporter:
        world = World(folder, line, environment, {})
        contract = etc / "puffy" / "feeds" / "orders.yaml"
        for name in (work / "puffy.yml", etc / "puffy" / "puffy.yml"):
            name.write_text(
                "links: {grafana: 'https://g', exporter: 'https://e', alertmanager: 'https://a'}\n"
            )
        for command in (
            f"assets {work}",
            f"assets {etc}",
            f"init {folder}/data/orders --output {contract}",
            f"run --feed.file {contract} --write",
            "run --write",
        ):
            assert world.call(command.split()).code == 0, command
        shutil.copytree(data / "monitoring", folder / "first")
        open_ones = json.loads(world.call(["incidents", "--json"]).output)
        (incident,) = [one["id"] for one in open_ones if one["cause"] == "column_missing"]
        names = {
            r"(?<![\w.])/(etc|tmp|var)/": rf"{folder}/\1/",
            r"(?<![\w.])/data/(puffy|orders|flights)": rf"{folder}/data/\1",
            r"(--data\.dir) (/data|…)(?= |$)": rf"\1 {data}",
            r"localhost:10110": f"localhost:{exporter.port}",
            r"\b15fbe7cfd9\b": incident,
            r"\b15fb\b": incident[:4],
            r"--timeout 2h": "--timeout 0s",
        }
        yield World(folder, line, environment | {"INCIDENT": incident}, names)


def complaint(shown: Shown, done: Outcome) -> str | None:
    """Return the error of an outcome."""
    usual = {0}
    if re.search(r"gate (status|wait)", shown.text):
        usual |= {CLOSED}
    if any(word in shown.text for word in FINDS_NOTHING):
        usual |= {1}
    bad = r"error:|Traceback" if shown.text.startswith("puffy-exporter ") else r"^(?!.*[Ww]arning)"
    errors = [line for line in done.errors.splitlines() if re.search(bad, line)]
    if done.code in usual and not errors:
        return None
    return f"{shown.text}\n  exit code {done.code}: {' / '.join(errors) or done.output[-300:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_works(world: World, page: Path) -> None:
    """Each command in order, on a demo untouched by other pages."""
    run = [shown for shown in commands(page) if not shown.reason]
    assert not [shown.text for shown in run if shown.strangers], "run it, or say why not in console.py"
    world.begin_anew()
    outcomes = ((shown, world.run(world.translate(shown.text))) for shown in run)
    wrong = [words for shown, done in outcomes if (words := complaint(shown, done))]
    assert not wrong, "\n".join(wrong)


def test_what_is_not_run_is_shown_somewhere_and_is_the_smaller_part() -> None:
    """A reason must not outlive its command."""
    every = [shown for page in PAGES for shown in commands(page)]
    for start in NOT_RUN:
        assert any(re.match(start, shown.text) for shown in every), start
    assert len([shown for shown in every if shown.reason]) < len(every) * 2 / 5


@pytest.mark.parametrize(
    ("text", "strangers"),
    [
        ("kubectl apply -f x.yaml", {"kubectl"}),
        ("ls x; rm -r /data/puffy", {"rm"}),
        ("puffy-exporter metrics | tee /etc/x", {"tee"}),
        ('puffy-exporter metrics | grep -E "a|b" | sort', set()),
        ("./install.sh && ls", {"./install.sh"}),
    ],
)
def test_only_known_programs_are_run(text: str, strangers: set[str]) -> None:
    """A page could show something destructive, which is neither run nor ignored."""
    assert Shown(PAGES[0], text).strangers == strangers


def test_a_command_that_does_not_work_is_found(world: World) -> None:
    """An unknown verb, an unknown check, a missing file."""
    for text in ("puffy-exporter explian $DAY", "puffy-exporter explain $DAY no_such", "head -1 nowhere.csv"):
        assert complaint(Shown(PAGES[0], text), world.run(text)), text
    assert complaint(Shown(PAGES[0], "ls | grep q"), world.run("ls | grep q")) is None
