"""Pages over time as the input of `promtool test rules`, and what is to fire as its expectations."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golden import ROOT
from prometheus_client.parser import text_string_to_metric_families

from exporter.metrics.exposition import PartitionRenderer, render_vitals
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

RULES = [str(ROOT / "prometheus" / "rules" / f"{name}.yml") for name in ("trends", "checks", "incidents")]
GONE, ABSENT = "stale", "_"  # a scrape that lacks a series ends it, as a real one does
FEED = "events"  # what a snapshot speaks of that names no other

Page = Mapping[str, float]  # series, as written, and value


def page_of(snapshot: Snapshot, **labels: str) -> Page:
    """Return a snapshot's samples, with further labels as a scrape would add them."""
    text = (PartitionRenderer().render(snapshot) + render_vitals(snapshot, Vitals())).text.decode()
    return {
        series(sample.name, {**sample.labels, **labels}): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("puffy_")
    }


def series(name: str, labels: Mapping[str, str]) -> str:
    """Write a series."""
    return f"{name}{{{','.join(f'{label}={json.dumps(value)}' for label, value in labels.items())}}}"


@dataclass
class RuleTest:
    """One test of promtool: pages that each stand for some minutes, and expectations at minutes."""

    pages: Sequence[tuple[int, Page]]
    queries: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)

    def expect_firing(
        self, minute: int, alert: str, found: Iterable[tuple[str, str]], feed: str = FEED
    ) -> None:
        """Expect exactly these partitions and severities of an alert, and those of that feed only."""
        expected = [{"feed": feed, "partition": day, "severity": severity} for day, severity in found]
        self.expect_told(minute, alert, expected)

    def expect_told(self, minute: int, alert: str, found: Iterable[Mapping[str, str]]) -> None:
        """Expect exactly these alerts of a name: their feeds, partitions and severities."""
        self.expect(
            minute,
            f'count by (feed, partition, severity) (ALERTS{{alertstate="firing",alertname="{alert}"}})',
            {series("", {name: value for name, value in labels.items() if value}): 1.0 for labels in found},
        )

    def expect(self, minute: int, expression: str, found: Mapping[str, float]) -> None:
        """Expect exactly these series and values of an expression."""
        samples = [{"labels": labels, "value": value} for labels, value in found.items()]
        self.queries.append({"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples})

    def document(self) -> dict[str, Any]:
        """Return it as promtool reads it."""
        names = dict.fromkeys(name for _, page in self.pages for name in page)
        values = {
            name: " ".join(
                f"{page[name]!r}x{minutes - 1}"
                if name in page
                else " ".join([GONE, *[ABSENT] * (minutes - 1)])
                for minutes, page in self.pages
            )
            for name in names
        }
        return {
            "interval": "1m",
            "input_series": [{"series": name, "values": text} for name, text in values.items()],
            "promql_expr_test": self.queries,
            "alert_rule_test": self.alerts,
        }


def check_rules(promtool: str, folder: Path, tests: Sequence[RuleTest]) -> str:
    """Run the tests; return what promtool complains of, nothing if all hold."""
    path = folder / "rules_test.yml"
    path.write_text(
        json.dumps(
            {
                "rule_files": RULES,
                "evaluation_interval": "1m",
                "tests": [test.document() for test in tests],
            }
        )
    )
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
