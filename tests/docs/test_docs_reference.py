"""Lists in the documentation that the code could leave behind: paths, statuses, commands, keys."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
import typer
from feeds import CHECKS
from golden import ROOT
from typer.core import TyperGroup

from exporter.cli import options
from exporter.cli.app import app
from exporter.cli.gating import asking as asking_gate
from exporter.cli.verbs import push
from exporter.config.restart import AT_START
from exporter.config.schema import PlacesSpec
from exporter.gate import request
from exporter.gate.answer import REPORT
from exporter.gate.audit import AUDIT
from exporter.gate.flag import FLAG
from exporter.integrations.outbox import OUTBOX
from exporter.report import outputs
from exporter.server import app as routes
from exporter.server import asking, control, personal
from exporter.server.control import Reloaded
from exporter.server.publication import Board
from exporter.tasks import wrap

PAGE = (ROOT / "docs" / "reference.md").read_text()
HTTP = PAGE.partition("\n## HTTP\n")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| (`.*?) \| (.*) \|$", HTTP, re.MULTILINE))
STATUSES = frozenset(status.value for status in HTTPStatus)


async def reload() -> Reloaded:
    """Reload nothing."""
    return Reloaded()


def paths() -> Iterator[str]:
    """Yield the paths that are served, parameters in capitals as on the page; without redirects."""
    board = Board()
    one = routes.create_app(board, reload=reload, feed=lambda: "events")
    many = routes.create_feeds_app(board, reload=reload, find=lambda _: None, awaited=lambda: None)
    found = {
        re.sub(r"\{(\w+).*?\}", lambda name: name[1].upper(), route.path)  # type: ignore[attr-defined]  # all are Routes
        for served in (one, many)
        for route in served.routes
    }
    yield from (path for path in found if f"{path}/" not in found and not path.startswith("/assets/"))


def told() -> set[str]:
    """Return the paths that the page names."""
    marked = re.findall(r"`(?:POST )?(/[^`?\s]*)[^`]*`", HTTP)
    return {path.replace("/feeds/ID", "/feeds/FEED") for path in marked}


def test_every_path_that_is_served_is_in_the_reference() -> None:
    """And no other, apart from those below a feed's folder."""
    served = {path.replace("/feeds/FEED", "/feeds/FEED/") for path in paths()}
    assert {path for path in told() if not path.startswith("/feeds/FEED/api/")} == served


def statuses(*functions: Callable[..., object]) -> set[int]:
    """Return the statuses written in functions."""
    trees = [ast.parse(textwrap.dedent(inspect.getsource(function))) for function in functions]
    numbers = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {int(number) for number in numbers if isinstance(number, int)} & STATUSES


FORM = (personal._taking, personal._refusal, asking.status_of)


@pytest.mark.parametrize(
    ("row", "written"),
    [
        ("`POST /api/v1/gate/ack`", statuses(control.acknowledging, asking.status_of)),
        ("`POST /incidents/ID/acknowledge`", statuses(*FORM) | {404}),
        ("`POST /-/reload`", statuses(control.reloading)),
        ("`/-/ready`", statuses(control.readiness) | {200}),
        ("`/-/healthy`", {200}),
    ],
)
def test_every_status_of_a_path_is_in_its_row(row: str, written: set[int]) -> None:
    """A form can also name a page that does not exist."""
    (words,) = [words for paths, words in ROWS.items() if paths.startswith(row)]
    assert {int(number) for number in re.findall(r"\b[1-5][0-9]{2}\b", words)} == written


def verbs() -> Iterator[tuple[str, Any]]:
    """Yield every command by its first word, those of groups included."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    context = typer.Context(group)
    for name in group.list_commands(context):
        verb = group.get_command(context, name)
        yield name, verb
        yield from ((name, below) for below in getattr(verb, "commands", {}).values())


def test_the_commands_without_a_data_directory_are_those_of_the_readme() -> None:
    """Every other one reads PUFFY_DATA_DIR."""
    every = {name for name, _ in verbs()}
    read = {name for name, verb in verbs() for one in verb.params if one.envvar == "PUFFY_DATA_DIR"}
    readme = (ROOT / "README.md").read_text()
    sentence = re.search(r"read `PUFFY_DATA_DIR`, as does every command but (.*?)\.\n", readme, re.DOTALL)
    assert sentence is not None
    assert set(re.findall(r"`([a-z-]+)`", sentence[1])) == every - read


def test_the_keys_that_need_a_restart_are_those_of_the_page() -> None:
    """Of a part of the configuration all keys, or those named."""
    page = (ROOT / "docs" / "configuration.md").read_text()
    sentence = re.search(r"These keys need a restart.*?: (.*?)\.\n", page, re.DOTALL)
    assert sentence is not None
    told = re.findall(r"`(\S+)`", sentence[1])
    places = {f"places.{key}" for key in PlacesSpec.model_fields}
    assert places <= set(AT_START)
    assert told == list(dict.fromkeys("places" if key in places else key for key in AT_START))


def test_every_exit_code_is_in_the_reference() -> None:
    """By the constants that commands return."""
    section = PAGE.partition("\n## Command line\n")[2].partition("\n## ")[0]
    codes = (asking_gate.EXIT_CLOSED, push.EXIT_NOT_TAKEN, wrap.CANNOT_RUN, wrap.NOT_FOUND)
    codes += tuple(code for name, code in vars(options).items() if name.startswith("EXIT_"))
    assert {code for code in codes if not re.search(rf"\b{code}\b", section)} == set()
    assert len(codes) == 8


def test_every_file_of_the_output_folder_is_in_the_reference() -> None:
    """By the constants with their names."""
    section = PAGE.partition("\n## Output\n")[2].partition("\n## ")[0]
    for name in (REPORT, outputs.ALERTS, f"{outputs.HISTORY}/", AUDIT, FLAG, OUTBOX, "state.db"):
        assert f"`{name}`" in section, name


def test_the_checks_that_hold_a_load_are_those_of_the_gates_page() -> None:
    """With a warning as well they hold only if much of the day is affected, but for lost orders."""
    page = (ROOT / "docs" / "gate.md").read_text()
    sentence = re.search(r"By default these are (.*?)\.\n", page, re.DOTALL)
    assert sentence is not None
    always, _, often = sentence[1].partition("if much of the day is affected")
    told = [set(re.findall(r"`(\w+)`", part)) for part in (always, often)]
    blocking = [check for check in CHECKS if check.blocking]
    graded = {check.name for check in blocking if len(check.limits) > 1} - {"no_orders"}
    assert told == [{check.name for check in blocking} - graded, graded]


def test_the_panels_of_the_dashboards_are_counted() -> None:
    """The page says how many there are, and names every dashboard by its uid."""
    page = (ROOT / "docs" / "dashboards.md").read_text()
    boards = [json.loads(path.read_text()) for path in (ROOT / "grafana" / "dashboards").glob("*.json")]
    count = sum(panel["type"] != "row" for board in boards for panel in board["panels"])
    assert f"Their {count} panels" in page
    assert {board["uid"] for board in boards} == set(
        re.findall(r"^\| .*? \| `(puffy-\w+)` \|", page, re.MULTILINE)
    )


def test_the_fields_of_an_acknowledgement_are_those_of_the_gates_page() -> None:
    """Of a day's, of an incident's, and those of both."""
    page = (ROOT / "docs" / "gate.md").read_text()
    sentence = re.search(
        r"with a JSON object of (.*?); or of (.*?); of either also (.*?)\. With", page, re.DOTALL
    )
    assert sentence is not None
    day, incident, both = (set(re.findall(r"`(\w+)`", part)) for part in sentence.groups())
    assert day | both == set(request.FIELDS)
    assert incident | both == set(request.OF_INCIDENTS)
