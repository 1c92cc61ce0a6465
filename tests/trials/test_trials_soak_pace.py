"""Rules and routes of a soak differ from the shipped ones in durations and the clock, and in nothing else."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from promtool import ROOT

from trials.soak.clock import Clock, build_library
from trials.soak.pace import BEAT, DISCOVERY, SCRAPE, STALE, Pace

RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
ROUTES = ROOT / "alertmanager" / "alertmanager.yml"
CLOCK = Clock(1_000_000_000_000_000_000, 1_100_000_000_000_000_000, 600)
ANY = r"\d+(?:ms|s|m|h|d|w)\b"
NOW = f"({CLOCK.base_ns // 10**9} + (time() - {CLOCK.origin_ns // 10**9}.000) * 600)"


def without_durations(text: str) -> str:
    """Replace each duration that may be changed with a placeholder."""
    names = "for|keep_firing_for|group_wait|group_interval|repeat_interval"
    text = re.sub(rf"\b({names}): {ANY}", r"\1: D", text)
    return re.sub(rf"\[{ANY}\]", "[D]", text)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_rules_differ_only_in_durations_and_the_clock(path: Path) -> None:
    """Without durations and the two expressions that read the clock, both files are identical."""
    shipped, soaked = path.read_text(), Pace(600, 2.0).rules(path.read_text(), CLOCK)
    assert soaked != shipped or not re.search(rf"for: {ANY}", shipped)
    back = re.sub(r"vector\(time\(\) - time\(\) % \d+\)", BEAT, soaked)
    back = back.replace(NOW, "time()")
    back = re.sub(re.escape(STALE).replace("600", r"\d+"), STALE, back)
    assert without_durations(back) == without_durations(shipped)


def test_every_clock_that_rules_read_is_known() -> None:
    """A rule that reads the clock but is not rewritten would compare two different times."""
    text = "".join(path.read_text() for path in RULES)
    assert text.count(STALE) == text.count(BEAT) == 1
    assert text.count("time()") == STALE.count("time()") + BEAT.count("time()")


def test_routes_differ_only_in_durations() -> None:
    """Alertmanager's configuration has all three kinds of duration."""
    soaked = Pace(600, 2.0).routes(ROUTES.read_text())
    assert soaked != ROUTES.read_text()
    assert without_durations(soaked) == without_durations(ROUTES.read_text())
    assert "repeat_interval: 144000ms" in soaked


def test_at_real_speed_nothing_is_shorter() -> None:
    """At 1-fold speed and the shipped interval every duration stays as it is."""
    pace = Pace(1, SCRAPE)
    assert pace.routes("group_wait: 20s\nrepeat_interval: 12w") == (
        "group_wait: 20000ms\nrepeat_interval: 7257600000ms"
    )
    assert pace.rules("  for: 30s\n  x[15m]", CLOCK) == "  for: 30000ms\n  x[900000ms]"


@pytest.mark.parametrize(
    ("shipped", "real"),
    [(15.0, 2.0), (30.0, 4.0), (120.0, 16.0), (900.0, 16.0), (4 * 3600.0, 24.0), (86_400.0, 144.0)],
)
def test_a_duration_keeps_some_scrapes(shipped: float, real: float) -> None:
    """Short ones keep their number of scrapes, longer ones eight, and long ones are divided by the speed."""
    assert Pace(600, 2.0).real(shipped) == pytest.approx(real)


def test_alerts_wait_for_discovery() -> None:
    """No alert fires before Prometheus has had time to find Alertmanager."""
    assert f"for: {DISCOVERY * 1000:.0f}ms" in Pace(600, 2.0).rules("for: 30s", CLOCK)


def test_a_speed_that_cannot_be_judged_is_refused() -> None:
    """At a higher one the end of an incident may lapse while Prometheus starts."""
    assert Pace(600, 2.0).refusal() is None
    assert "at most 600" in (Pace(601, 2.0).refusal() or "")
    assert "at most 240" in (Pace(600, 5.0).refusal() or "")


def test_a_program_sees_the_fast_clock(tmp_path: Path) -> None:
    """Wall-clock time runs fast and agrees with this process; the monotonic clock runs normally."""
    clock = Clock.start(datetime(2026, 12, 1, tzinfo=UTC), 600)
    program = (
        "import time, datetime\n"
        "wall, real = time.time(), time.monotonic()\n"
        "time.sleep(0.1)\n"
        "print((time.time() - wall) / (time.monotonic() - real))\n"
        "print(datetime.datetime.now(datetime.UTC).timestamp())"
    )
    environment = dict(clock.preloaded(build_library(tmp_path)))
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    ratio, seen = map(float, done.stdout.split())
    assert ratio == pytest.approx(600, rel=0.05)
    assert 0 <= clock.now().timestamp() - seen < 600
    assert clock.seconds(datetime(2026, 12, 2, tzinfo=UTC)) == pytest.approx(144)


def test_the_page_says_what_durations_become() -> None:
    """The table in the documentation is current, and so is the speed above which there is no digest."""
    page = (ROOT / "docs" / "reliability.md").read_text()
    rows = [f"| {' | '.join(row)} |" for row in Pace(600, 2.0).table()]
    assert "\n".join(rows) in page
    assert "off above 163-fold" in page
    assert Pace(163, 2.0).digests
    assert not Pace(164, 2.0).digests
