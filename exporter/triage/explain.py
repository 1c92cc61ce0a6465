"""Why a partition has its verdict: figures, limits, the days before, and rejected rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Check, Kind
from exporter.checks.judge import evaluate
from exporter.checks.units import AGAINST_OTHER_DAYS, value_words
from exporter.errors import UserError
from exporter.figures.table import BY_NAME
from exporter.history.detection import Method
from exporter.history.detectors.known import DETECTORS
from exporter.history.trend import LEAST_MEMBERS, WINDOW_DAYS, PartitionTrends, Trend
from exporter.history.verdict import normal
from exporter.links import Links
from exporter.model import Partition, Stage
from exporter.nearest import did_you_mean
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.profiling.order_tally import orders_of
from exporter.report.document import LINES, alert_document, detector_document, number, without_unknown
from exporter.report.incidents import problem_document
from exporter.report.instant import timestamp
from exporter.report.repaired import repaired_document
from exporter.triage.words import SILENT, WORDS, limit_words, subject_words

Json = dict[str, Any]

# How many days back a baseline reaches, by method.
REACH = {Method.AVERAGE: WINDOW_DAYS} | {method: known.reach for method, known in DETECTORS.items()}
ONE_DAY = timedelta(days=1)
BASIS = {Method.RATE: "the last four weeks suggest"}
OF_VOLUMES = "the past suggests for this weekday"


def find_view(snapshot: Snapshot, partition: Partition) -> PartitionView:
    """Return a partition that is judged; raises UserError where it is not among them."""
    window = {view.partition: view for view in snapshot.window}
    if partition in window:
        return window[partition]
    if not window:
        raise UserError(f"partition {partition}: no data, the data directory contains no file of any day")
    later = max(window) < partition
    way = "calendar.window_days and --as-of set the range" if later else f"use --as-of {partition + ONE_DAY}"
    raise UserError(
        f"partition {partition}: not among the judged days, {min(window)} to {max(window)} ({way})"
    )


def find_check(checks: Sequence[Check], name: str) -> Check:
    """Return a check by its name or its alert's; raises UserError with the nearest name."""
    known = {check.name: check for check in checks} | {check.alert: check for check in checks}
    if name in known:
        return known[name]
    raise UserError(f"there is no check {name!r}{did_you_mean(name, known)}")


def explain(snapshot: Snapshot, view: PartitionView, check: Check | None, links: Links) -> Json:
    """Return the explanation of a partition, or of one check of it.

    ``checks`` has the named check, or all in breach; ``fine`` a sentence for each of the others.
    ``problems`` lists what is wrong, each problem once, and which of these checks it explains.
    """
    breached = {alert.check.name: alert for alert in view.alerts}
    chosen = [check] if check is not None else [alert.check for alert in view.alerts]
    others = () if check is not None else (one for one in snapshot.checks if one.name not in breached)
    return {
        "partition": view.partition.isoformat(),
        "as_of": timestamp(snapshot.as_of_ns),
        "status": view.status or "ok",
        "alertable": view.facts.alertable,
        "due_at": timestamp(view.facts.due_ns),
        "stages": {stage.value: _stage(view, stage) for stage in snapshot.stages},
        "problems": [
            problem_told
            for problem, problem_told in _problems(view)
            if check is None or check.name in problem.names
        ],
        "checks": [_check(one, breached.get(one.name), snapshot, view, links) for one in chosen],
        "fine": {one.name: _why(one, None, snapshot, view) for one in others},
        **_repaired(view),
        "reject_reasons": _reasons(view),
    }


def _problems(view: PartitionView) -> Iterator[tuple[Problem, Json]]:
    """Yield causes first, then unexplained checks, each worst first."""
    for problem in view.causes_first:
        said = view.words[problem.key]
        document = problem_document(problem, view.words)
        yield problem, document | {"impact": said.impact, "next_step": said.next_step}


def _repaired(view: PartitionView) -> Json:
    if view.repair is None:
        return {}
    return {"repaired": {"repaired_at": timestamp(view.repair.at_ns), **repaired_document(view.repair)}}


def _stage(view: PartitionView, stage: Stage) -> Json:
    facts = view.facts.stages.get(stage)
    if facts is None:
        return {"present": False}
    document: Json = {"present": True}
    if facts.arrival_ns is not None:
        document |= {"arrived_at": timestamp(facts.arrival_ns), "arrival_clock": facts.arrival_clock}
    if facts.arrival_ns is None or facts.updated_ns > facts.arrival_ns:
        document["updated_at"] = timestamp(facts.updated_ns)
    if facts.profile is None:
        return document | {"error": facts.error or "cannot be read"}
    lost = view.figures.get("puffy_partition_missing_column_info", {})
    missing = [column for known, column in lost if known == stage.value]
    orders = orders_of(facts.profile)
    lines = {name: list(getattr(facts.profile, name)) for name in LINES}
    return _filled(
        document
        | {"rows": facts.profile.rows}
        | ({} if orders is None else {"revenue": orders.revenue})
        | {"missing_columns": missing}
        | lines
    )


def _filled(document: Json) -> Json:
    return {key: value for key, value in document.items() if value != []}


def _check(check: Check, alert: Alert | None, snapshot: Snapshot, view: PartitionView, links: Links) -> Json:
    document: Json = {"check": check.name, "alert": check.alert, "state": alert.state if alert else "silent"}
    if alert is not None:
        document = alert_document(snapshot.feed, alert, links)
    document |= {"why": _why(check, alert, snapshot, view), "runbook_url": links.runbook(check.runbook)}
    if check.kind is Kind.ANOMALY:
        trend = next(trend for trend in snapshot.trends if trend.name == check.trend)
        return document | {"trend": _trend(trend, check, snapshot, view)}
    return document | {
        "limits": {severity.value: number(float(limit)) for severity, limit in check.limits.items()},
        "samples": [
            {"labels": _labels(check, key), "value": number(value)}
            for key, value in _samples(check, snapshot, view)
        ],
    }


def _labels(check: Check, key: tuple[str, ...]) -> Json:
    assert check.value is not None  # noqa: S101  only threshold checks have samples
    return dict(zip(BY_NAME[check.value.selector.metric].labels, key, strict=True))


def _samples(check: Check, snapshot: Snapshot, view: PartitionView) -> list[tuple[tuple[str, ...], float]]:
    if check.value is None:
        return []
    return list(evaluate(check.value, view.subject(snapshot.as_of_ns)))


def _why(check: Check, alert: Alert | None, snapshot: Snapshot, view: PartitionView) -> str:
    if check.value is None:
        return _anomaly_why(check, alert, view.window)
    samples = _samples(check, snapshot, view)
    if alert is not None:
        labels = tuple(alert.labels.values())
        key = next((key for key, value in samples if value == alert.value and set(labels) <= set(key)), ())
        return (
            f"{subject_words(check.value, key)} is {value_words(check, alert.value)}, "
            f"{WORDS[check.compare]} {limit_words(check, alert.severity)}"
            if check.compare.value in "<>"
            else f"{subject_words(check.value, key)} is {value_words(check, alert.value)}"
        )
    if not samples and check.value.selector.metric in AGAINST_OTHER_DAYS:
        return f"{subject_words(check.value)}: no difference from the days before"
    if not samples:
        return f"{subject_words(check.value)} is unknown or not computed yet: not judged"
    values = ", ".join(
        f"{subject_words(check.value, key)} is {value_words(check, value)}" for key, value in samples
    )
    return f"{values}: {SILENT[check.compare]} {limit_words(check)}"


def _anomaly_why(check: Check, alert: Alert | None, window: PartitionTrends) -> str:
    name = check.trend or ""
    figures = (window.trends or {}).get(name)
    if figures is None:
        return f"{name} is unknown"
    detection = (window.detections or {}).get(name)
    usual = normal(figures, detection, check.band)
    interval = usual.interval(figures.value)
    if usual.expected is None or interval is None:
        few = f"{usual.members} days are in the baseline, {LEAST_MEMBERS} are needed"
        return f"{name} is {value_words(check, figures.value)}; {few}"
    low, high = interval
    value, least, most, expected = (
        value_words(check, number) for number in (figures.value, low, high, usual.expected)
    )
    verdict = "outside" if alert is not None else "not counted as outside"
    if alert is None and low <= figures.value <= high:
        verdict = "within"
    off = f", {figures.value / usual.expected - 1:+.1%} off" if usual.expected else ""
    rule = usual.method is Method.AVERAGE
    score = figures.zscore if rule or detection is None else detection.score
    unit = "standard deviations" if rule else "spreads"
    # For zero, a distance in logarithms is meaningless.
    is_scored = score is not None and (rule or figures.value > 0)
    scored = f" and {score:+.1f} {unit}" if is_scored else ""
    basis = "the baseline is" if rule else BASIS.get(usual.method, OF_VOLUMES)
    return f"{name} is {value}, {verdict} {least} to {most}; {basis} {expected}{off}{scored}"


def _trend(trend: Trend, check: Check, snapshot: Snapshot, view: PartitionView) -> Json:
    document: Json = {"metric": trend.name, "figures": {}, "judged_by": Method.AVERAGE.value, "band": None}
    reach = WINDOW_DAYS
    if (figures := (view.window.trends or {}).get(trend.name)) is not None:
        detection = (view.window.detections or {}).get(trend.name)
        usual = normal(figures, detection, check.band)
        document["figures"] = without_unknown(asdict(figures))
        document["judged_by"], reach = usual.method.value, REACH[usual.method]
        if detection is not None:
            document["detector"] = detector_document(detection)
        if usual.low is not None and usual.high is not None:
            document["band"] = [usual.low, usual.high]
    return document | {"members": _members(trend, snapshot, view, reach)}


def _members(trend: Trend, snapshot: Snapshot, view: PartitionView, reach: int) -> list[Json]:
    values = {known.partition: trend.value_in(known.figures) for known in snapshot.views}
    return [
        without_unknown(
            {
                "partition": member.partition.isoformat(),
                "lag": member.lag,
                "value": values.get(member.partition),
                "serves": member.serves,
                "excluded": member.excluded,
            }
        )
        for member in view.window.members
        if member.lag <= reach
    ]


def _reasons(view: PartitionView) -> list[Json]:
    rows = view.figures.get("puffy_partition_rows", {}).get((Stage.REJECTS.value,))
    reasons: Iterable[tuple[tuple[str, ...], float]] = view.figures.get("puffy_partition_rejects", {}).items()
    return [
        {"reason": reason, "rows": int(count), "share": count / rows}
        for (reason,), count in sorted(reasons, key=lambda item: -item[1])
        if rows
    ]
