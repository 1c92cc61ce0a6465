"""The page: equal to the client library's rendering of the same families, current, and valid."""

import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from feeds import RULES
from made import CALENDAR, DAY, facts, profile
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from exporter.history.trend import WINDOW_DAYS
from exporter.metrics.exposition import PartitionRenderer, merge_blocks, render_blocks, render_vitals
from exporter.metrics.families import partition_families, verdict_families
from exporter.metrics.vitals import vitals_families
from exporter.model import DqClaim, Stage
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals


class Families(Collector):
    """A collector of given families."""

    def __init__(self, *families) -> None:  # noqa: ANN002
        self.families = families

    def collect(self):  # noqa: ANN201
        """Return the families."""
        return self.families


def snapshot(count: int = 10, assembler: Assembler | None = None, **last) -> Snapshot:  # noqa: ANN003
    """Return a snapshot of consecutive days, the first of them lead-in."""
    days = [DAY + timedelta(days=number) for number in range(count)]
    known = [facts(day, dq=DqClaim(1000, 960, 40)) for day in days[:-1]]
    known.append(facts(days[-1], **last))
    now = CALENDAR.due_ns(days[-1]) + 1
    return (assembler or Assembler(RULES)).assemble(known[:2], known[2:], as_of_ns=now, generated_ns=now)


@pytest.mark.parametrize(
    "last",
    [
        {},
        {"without": tuple(Stage)},
        {"raw": profile(columns=("timestamp",), rows=7)},
        {"rejects": profile(Stage.REJECTS, 3, reasons={'a"\\\n\r{}=, é': 3})},
    ],
    ids=["healthy", "missing", "mismatched", "strange label"],
)
def test_the_page_equals_what_the_client_library_renders(last) -> None:  # noqa: ANN001
    """Joining cached lines is only faster, never different, in both formats."""
    shot = snapshot(**last)
    page = PartitionRenderer().render(shot)
    families = Families(*partition_families(shot), *verdict_families(shot))
    assert page.text == generate_latest(families)
    assert page.openmetrics == generate_openmetrics(families)


def test_a_changed_partition_is_rendered_anew_and_a_vanished_one_is_gone() -> None:
    """No series lingers."""
    assembler, renderer = Assembler(RULES), PartitionRenderer()
    renderer.render(snapshot(10, assembler))
    changed = snapshot(10, assembler, raw=profile(rows=5))
    assert renderer.render(changed) == PartitionRenderer().render(changed)
    fewer = snapshot(6, assembler)
    page = renderer.render(fewer)
    assert page == PartitionRenderer().render(fewer)
    assert (DAY + timedelta(days=8)).isoformat().encode() not in page.text


def test_both_formats_parse_and_hold_no_nan_and_no_infinity() -> None:
    """The whole page, the exporter's own metrics included."""
    shot = snapshot(raw=profile(rows=0, revenue=1e308))
    page = PartitionRenderer().render(shot) + render_vitals(shot, Vitals(waiting_files=1))
    families = list(text_string_to_metric_families(page.text.decode()))
    values = [sample.value for family in families for sample in family.samples]
    assert len(values) > 500
    assert all(value - value == 0 for value in values)
    assert len(list(parse_openmetrics(page.openmetrics.decode()))) == len(families)
    names = [family.name for family in families]
    assert len(names) == len(set(names))


def test_only_the_window_has_relation_rows() -> None:
    """Lead-in partitions provide their values and are not judged themselves."""
    shot = snapshot()
    rows = [
        line for line in PartitionRenderer().render(shot).text.decode().splitlines() if "window_info{" in line
    ]
    lead_in = {view.partition.isoformat() for view in shot.views if view.lead_in}
    assert not [row for row in rows if any(f'partition="{day}"' in row for day in lead_in)]
    assert [row for row in rows if any(f'member="{day}"' in row for day in lead_in)]
    assert len([row for row in rows if f'partition="{shot.views[-1].partition}"' in row]) == WINDOW_DAYS + 1


def test_every_check_has_a_status_for_every_judged_partition() -> None:
    """0 where it is silent, 1 or 2 where it warns or worse; lead-in partitions are not judged."""
    shot = snapshot(raw=profile(columns=("timestamp",), rows=1000))
    families = text_string_to_metric_families(PartitionRenderer().render(shot).text.decode())
    family = next(found for found in families if found.name == "puffy_partition_check_status")
    status = {(s.labels["partition"], s.labels["check"]): s.value for s in family.samples}
    newest = shot.views[-1].partition.isoformat()
    assert len(status) == len(shot.window) * len(shot.checks)
    assert status[newest, "schema_mismatch"] == 2
    assert {check for (day, check), value in status.items() if day == newest and value} == {
        alert.check.name for alert in shot.views[-1].alerts
    }
    assert status[shot.window[0].partition.isoformat(), "schema_mismatch"] == 0


def test_a_check_that_was_switched_off_has_no_status_any_more() -> None:
    """Another catalogue renders even unchanged partitions again."""
    shot, renderer = snapshot(), PartitionRenderer()
    renderer.render(shot)
    fewer = replace(shot, checks=shot.checks[1:])
    assert f'check="{shot.checks[0].name}"'.encode() not in renderer.render(fewer).text


def test_vitals_that_are_not_known_have_no_sample() -> None:
    """Before the first pass there is no last pass."""
    shot = snapshot()
    assert b"\npuffy_exporter_refresh_timestamp_seconds{" not in render_vitals(shot, Vitals()).text
    known = replace(Vitals(), last_pass_at=5.0)
    assert (
        b'\npuffy_exporter_refresh_timestamp_seconds{feed="events"} 5.0\n' in render_vitals(shot, known).text
    )


@pytest.mark.server
def test_promtool_finds_nothing_to_say(promtool: str) -> None:
    """`promtool check metrics` is clean."""
    shot = snapshot(raw=profile(columns=("timestamp",)))
    page = PartitionRenderer().render(shot) + render_vitals(
        shot, Vitals(last_pass_at=1.0, last_success_at=1.0)
    )
    done = subprocess.run([promtool, "check", "metrics"], input=page.text, capture_output=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")


def test_what_is_said_of_passes_equals_what_the_client_library_renders() -> None:
    """Counters, whose header differs in OpenMetrics, and labels."""
    vitals = Vitals(passes=3, output_errors={"report": 1}, folded_label_values={"task": 2})
    page = merge_blocks([render_blocks(vitals_families(snapshot(), vitals))])
    families = Families(*vitals_families(snapshot(), vitals))
    assert page.text == generate_latest(families)
    assert page.openmetrics == generate_openmetrics(families)
