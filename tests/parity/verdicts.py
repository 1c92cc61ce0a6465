"""The report's view of histories, and the page that Prometheus scrapes for them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, product

from feeds import SETTINGS, TRENDS
from golden import ROOT
from histories import AS_OF_NS, History, make_history
from prometheus_client.core import Metric

from exporter.checks.catalogue import load_catalogue
from exporter.history.trend import Direction
from exporter.incidents.fold import fold
from exporter.incidents.texts import is_notifiable
from exporter.metrics.exposition import Blocks, merge_blocks, render_blocks
from exporter.metrics.families import partition_families, verdict_families
from exporter.metrics.trends import FIGURES as EXPOSED
from exporter.metrics.trends import trend_families
from exporter.metrics.vitals import vitals_families
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.due import due_days
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

SHIPPED = {trend.name: trend.band for trend in TRENDS}
BANDS = SHIPPED | {
    "events": replace(SHIPPED["events"], direction=Direction.DROP),
    "checkouts": replace(SHIPPED["checkouts"], direction=Direction.RISE, min_change=2.0),
    "referrer_null_ratio": replace(
        SHIPPED["referrer_null_ratio"], sigma=1.5, min_deviation=0.05, max_deviation=0.2
    ),
}
CHECKS = load_catalogue(bands=BANDS)
RULES = Rules(SETTINGS, CHECKS, tuple(replace(trend, band=BANDS[trend.name]) for trend in TRENDS))
RULE_FILES = {
    name: (ROOT / "prometheus" / "rules" / f"{name}.yml").read_text()
    for name in ("trends", "checks", "incidents")
}
READ = frozenset(re.findall(r"\bpuffy_[a-z0-9_]+", "".join(RULE_FILES.values())))
VALUE = "puffy_trend_value"  # what rules read for days before the window
FIGURES = {
    # It exists for days before the window too, which are not judged.
    "value": f"{VALUE} and puffy_trend_baseline_members",
    **{field: name for name, (field, _) in EXPOSED.items()},
}
"""What is recorded of a trend, and how the exporter exposes the same."""


@dataclass(frozen=True, order=True, slots=True)
class Key:
    """The key of a statement: a trend's figure, a check's verdict, an incident."""

    feed: str
    day: str
    name: str
    what: str


Found = Mapping[Key, str]
"""Words and a number: a figure is a number alone, a verdict a severity and a value."""


def histories_from(seeds: Iterable[int]) -> list[History]:
    """Make the histories of some seeds."""
    return [make_history(seed, CHECKS) for seed in seeds]


def assemble(history: History, feed: str) -> Snapshot:
    """Judge a history as a feed of that name."""
    judged = Assembler(RULES).assemble(
        history.lead_in, history.exposed, as_of_ns=AS_OF_NS, generated_ns=AS_OF_NS
    )
    named = replace(judged, feed=feed)
    return replace(named, incidents=fold(feed, due_days(named), (), AS_OF_NS))


def page_of(snapshots: Sequence[Snapshot]) -> bytes:
    """Return what Prometheus scrapes for some feeds: the exporter's page, limited to what rules read."""
    return merge_blocks([_blocks(snapshot) for snapshot in snapshots]).text


def _blocks(snapshot: Snapshot) -> Blocks:
    return render_blocks(_read(snapshot))


def _read(snapshot: Snapshot) -> Iterator[Metric]:
    judged = replace(snapshot, views=snapshot.window)
    yield next(family for family in trend_families(snapshot) if family.name == VALUE)
    for family in (
        *partition_families(judged),
        *verdict_families(judged),
        *vitals_families(judged, Vitals()),
    ):
        if family.name in READ | EXPOSED.keys() and family.name != VALUE:
            yield family


def said_by_report(snapshot: Snapshot) -> Found:
    """Return the report's statements on figures, checks and incidents."""
    return dict(chain(_figures(snapshot), _verdicts(snapshot), _incidents(snapshot)))


def _figures(snapshot: Snapshot) -> Iterator[tuple[Key, str]]:
    """Yield each figure as exposed, and as recorded if the day may alert."""
    for view in snapshot.window:
        wheres = ("exposed", "recorded") if view.facts.alertable else ("exposed",)
        for name, trend in (view.window.trends or {}).items():
            known = {figure: value for figure, value in asdict(trend).items() if value is not None}
            for (figure, value), where in product(known.items(), wheres):
                key = Key(snapshot.feed, view.partition.isoformat(), name, f"{where} {figure}")
                yield key, repr(float(value))


def _verdicts(snapshot: Snapshot) -> Iterator[tuple[Key, str]]:
    for alert in snapshot.firing:
        key = Key(snapshot.feed, alert.partition.isoformat(), alert.check.name, "verdict")
        yield key, f"{alert.severity} {alert.value!r}"


def _incidents(snapshot: Snapshot) -> Iterator[tuple[Key, str]]:
    """Yield how many incidents cover each verdict, and the severity of each incident's one alert."""
    covered = Counter(
        Key(snapshot.feed, day.isoformat(), name, "incidents")
        for incident in snapshot.incidents
        for day, names in incident.checks.items()
        for name in names
    )
    yield from ((key, str(count)) for key, count in covered.items())
    for incident in filter(is_notifiable, snapshot.incidents):
        yield Key(snapshot.feed, "", incident.id, "alerts of the incident"), str(incident.severity)
