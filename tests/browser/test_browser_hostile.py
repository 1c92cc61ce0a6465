"""Markup in external input is text: it runs nothing, and adds nothing to a page."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from many import Feeds, contract
from places import BAD_DAY, LAST, NOW, example, has
from playwright.sync_api import Browser, Page
from running import Exporter
from shown import Shown, looking
from written import content, put, write_day

from exporter.model import Stage
from exporter.pages.known import FEED_PAGES

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]

EVIL = "<img src=x onerror=alert(1)>"
EVIL_NAME = "<img src=x onerror=alert(2)>"
EVIL_REASON = "<svg onload=alert(3)>"
EVIL_OWNER = "</p><script>alert(4)</script>"
ELSEWHERE = "img, iframe, object, [onerror], [onload], main script, header script, footer script"
CONFIG = f"""\
watch: {{settle_seconds: 0.2, rescan_seconds: 2}}
checks:
  task_failed: {{owner: "{EVIL_OWNER}"}}
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run an exporter over days whose events, reasons, files, tasks and owners are markup."""
    folder = tmp_path_factory.mktemp("hostile")
    data = folder / "data"
    for back in range(10):
        write_day(data, LAST - timedelta(days=back))
    put(data, BAD_DAY, Stage.RAW, content(BAD_DAY, 100).replace("page_viewed", EVIL))
    rejects = content(BAD_DAY, 40, Stage.REJECTS).replace("missing_client_id", EVIL_REASON)
    put(data, BAD_DAY, Stage.REJECTS, rejects.replace("page_viewed", EVIL))
    (data / f"events_{BAD_DAY:%Y%m%d}_{EVIL_NAME}.csv").write_text("")
    (data / "task_runs").mkdir()
    run = {"task": EVIL, "partition": str(BAD_DAY), "started_at": f"{LAST}T05:00:00Z", "exit_code": 1}
    (data / "task_runs" / "evil.json").write_text(json.dumps({**run, "ended_at": f"{LAST}T05:01:00Z"}))
    (folder / "puffy.yml").write_text(CONFIG)
    with Exporter(folder, "--as-of", NOW) as exporter:
        yield Shown(exporter)


@pytest.fixture
def page(chromium: Browser, hostile: Shown) -> Iterator[Page]:
    """Open a window that records dialogs, with the policy that would block them disabled."""
    with looking(chromium, hostile, bypass_csp=True) as page:
        yield page


def look(page: Page, address: str) -> None:
    """Open an address, and check that there is no dialog and no foreign element."""
    dialogs = list[str]()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert dialogs == []
    assert page.locator(ELSEWHERE).count() == 0


@pytest.mark.parametrize("kind", FEED_PAGES, ids=lambda kind: kind.path)
def test_no_page_runs_what_files_say(page: Page, hostile: Shown, kind: object) -> None:
    """Each kind of page, for the day with all of these values."""
    address = hostile.address(example(kind))  # type: ignore[arg-type]
    answer = page.context.request.get(address)
    assert answer.ok
    if answer.headers["content-type"].startswith("text/html"):
        look(page, address)
    else:
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("kind", "texts"),
    [("", (EVIL, EVIL_NAME, EVIL_OWNER)), ("partitions/{day}", (EVIL, EVIL_REASON))],
)
def test_what_is_meant_can_be_read(page: Page, hostile: Shown, kind: str, texts: tuple[str, ...]) -> None:
    """Names are shown as written, so that they can be found in the files."""
    if not has(kind):
        pytest.skip("there is no page of a day")
    look(page, hostile.address(f"/{kind.format(day=BAD_DAY)}"))
    said = page.locator("main").text_content()
    assert said
    for text in texts:
        assert text in said


def test_contracts_say_nothing_but_text(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A feed's name and a contract's error are text on the index of many feeds."""
    with Feeds(tmp_path_factory.mktemp("contracts")) as feeds:
        feeds.write("orders")
        feeds.put("orders", contract("orders", feeds.folder / "orders").replace("The feed orders", EVIL))
        feeds.put(EVIL_NAME, "kind: DataContract\n")
        feeds.start()
        feeds.ready()
        with looking(chromium, Shown(feeds), bypass_csp=True) as page:
            look(page, Shown(feeds).address("/"))
            for text in (EVIL, EVIL_NAME):
                assert text in page.locator("main").inner_text()
