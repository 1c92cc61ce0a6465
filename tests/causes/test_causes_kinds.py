"""Every cause: days on which it is found, in these words, with what it explains; and others."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from feeds import CHECKS, EVENTS, EXPECTED_COLUMNS, SETTINGS
from made import CALENDAR, DAY, facts, profile

from exporter.causes.cause import Case
from exporter.causes.known import CAUSES
from exporter.causes.problem import problems_of
from exporter.checks.check import Severity, State
from exporter.checks.judge import Subject, judge
from exporter.figures.table import compute_figures
from exporter.model import NANOSECONDS, EventChanges, PartitionFacts, Stage

HOUR = 3600 * NANOSECONDS
RAW_COLUMNS = EXPECTED_COLUMNS[Stage.RAW]
EARLIER = tuple(
    facts(
        day := DAY - timedelta(days=age),
        raw=profile(
            fingerprint=f"of-{day}",
            first_event_ns=CALENDAR.day(day).start_ns,
            last_event_ns=CALENDAR.day(day).end_ns - 60 * NANOSECONDS,
        ),
    )
    for age in range(1, 8)
)


def case(today: PartitionFacts, earlier: Sequence[PartitionFacts] = EARLIER) -> Case:
    """Return a day as detectors see it, judged an hour after it was due."""
    figures = compute_figures(today, SETTINGS)
    due = CALENDAR.due_ns(DAY)
    subject = Subject(DAY, figures, {}, due, due + HOUR, today.alertable, today.acknowledged)
    return Case(today, judge(CHECKS, subject), EVENTS, tuple(earlier), figures)


def raw(**changes: object) -> PartitionFacts:
    """Return a day whose raw profile has these fields."""
    return facts(raw=profile(**{"fingerprint": "today", **changes}))  # type: ignore[arg-type]


def unreadable(reason: str) -> PartitionFacts:
    """Return a day whose raw file cannot be read."""
    whole = facts()
    broken = replace(whole.stages[Stage.RAW], profile=None, error=reason)
    return replace(whole, stages={**whole.stages, Stage.RAW: broken})


def beside(*names: str) -> PartitionFacts:
    """Return a day whose raw file is missing while others lie there."""
    return replace(facts(without=(Stage.RAW,)), beside=names)


def changes(**how: object) -> PartitionFacts:
    """Return a day whose events are not those of the days before."""
    return replace(raw(), changes=EventChanges(**how))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Found:
    """A day with its cause, the words that must be said, and checks that it explains."""

    day: PartitionFacts
    words: tuple[str, ...]
    explains: tuple[str, ...] = ()
    subject: str = ""
    severity: Severity | None = Severity.CRITICAL
    earlier: Sequence[PartitionFacts] = field(default=EARLIER)


WITHOUT_REFERRER = tuple(name for name in RAW_COLUMNS if name != "referrer")
RENAMED = tuple("user_id" if name == "client_id" else name for name in RAW_COLUMNS)

FIRING: dict[str, list[Found]] = {
    "column_missing": [
        Found(
            raw(columns=WITHOUT_REFERRER),
            ("column referrer is missing", "in all 1,000 rows"),
            ("schema_mismatch",),
            "referrer",
        ),
        Found(
            raw(columns=RENAMED),
            ("column client_id is missing, user_id is new: renamed?", "aliases"),
            ("schema_mismatch",),
            "client_id",
        ),
        Found(
            raw(columns=RAW_COLUMNS[:-2]),
            ("columns event_data, user_agent are missing",),
            ("schema_mismatch",),
            "event_data, user_agent",
        ),
    ],
    "column_new": [
        Found(
            raw(columns=(*RAW_COLUMNS, "currency")),
            ("new column currency", "8 columns, usually 7"),
            subject="currency",
            severity=None,
        ),
    ],
    "ends_early": [
        Found(
            raw(last_event_ns=CALENDAR.day(DAY).start_ns + 12 * HOUR + 4 * 60 * NANOSECONDS),
            ("events end at 12:04, usually at 23:59", "11 h 56 min of the day are missing"),
            severity=None,
        ),
    ],
    "event_gone": [
        Found(
            changes(vanished={"product_added_to_cart": 169.0}),
            ("event product_added_to_cart is gone", "0 of 1,000 rows", "usually about 169 a day"),
            ("event_vanished",),
            "product_added_to_cart",
            Severity.WARNING,
        ),
        Found(
            changes(lost_orders=24.0),
            ("event checkout_completed is gone", "usually about 24 a day"),
            ("no_orders",),
            "checkout_completed",
        ),
    ],
    "event_renamed": [
        Found(
            changes(lost_orders=21.0, appeared={"purchase": 24}),
            ("event checkout_completed is gone, purchase is new: renamed?", "24 rows are called purchase"),
            ("event_appeared", "no_orders"),
            "checkout_completed",
        ),
        Found(
            changes(vanished={"email_filled": 50.0}, appeared={"email_entered": 48}),
            ("event email_filled is gone, email_entered is new",),
            ("event_appeared", "event_vanished"),
            "email_filled",
            Severity.WARNING,
        ),
    ],
    "fields_too_many": [
        Found(
            raw(malformed_rows=1000, malformed_fields={"8": 1000}),
            (
                "100% of rows have one field more than the header",
                "1,000 of 1,000 rows have 8 fields",
                "delimiter",
            ),
            ("malformed_rows",),
        ),
        Found(
            raw(malformed_rows=900, malformed_fields={"5": 880, "6": 20}),
            ("88% of rows have 2 fields fewer than the header",),
            ("malformed_rows",),
        ),
    ],
    "file_elsewhere": [
        Found(
            beside("events_2025-03-05.csv"),
            ("raw file is missing, but events_2025-03-05.csv lies there", "events_YYYYMMDD.csv"),
            ("partition_missing",),
        ),
    ],
    "file_form": [
        Found(
            unreadable("no CSV with a header: the file is UTF-16"),
            ("raw file cannot be read: the file is UTF-16", "1,000 bytes"),
            ("partition_unreadable",),
        ),
        Found(unreadable("permission denied"), ("permission denied",), ("partition_unreadable",)),
    ],
    "header_repeated": [
        Found(
            raw(repeated_headers=1, repeated_header_lines=(502,)),
            ("header stands once more in the raw file, line 502",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(repeated_headers=2000, repeated_header_lines=(502, 1004)),
            ("2,000 times more", "line 502, 1,004"),
            severity=Severity.WARNING,
        ),
    ],
    "same_content": [
        Found(
            raw(fingerprint=f"of-{DAY - timedelta(days=1)}", out_of_day_rows=1000),
            (f"raw file has the content of {DAY - timedelta(days=1)}", "All 1,000 rows"),
            ("out_of_day_rows",),
        ),
    ],
    "timestamps_unparseable": [
        Found(
            raw(unparseable_timestamps=1000, timestamp_shapes={"epoch milliseconds": 1000}),
            ("100% of timestamps cannot be parsed: they look like epoch milliseconds", "1,000 of 1,000"),
            ("unparseable_timestamps",),
            "timestamp",
        ),
        Found(
            raw(unparseable_timestamps=200, timestamp_shapes={"epoch seconds": 150, "99/99/9999": 50}),
            ("20% of timestamps", "200 of 1,000", "epoch seconds, 99/99/9999"),
            ("unparseable_timestamps",),
            "timestamp",
            Severity.WARNING,
        ),
    ],
}

SILENT: dict[str, list[PartitionFacts]] = {
    "column_missing": [raw(columns=RAW_COLUMNS[::-1]), raw(columns=()), unreadable("no")],
    "column_new": [raw(columns=(*WITHOUT_REFERRER, "currency"))],
    "ends_early": [
        raw(last_event_ns=CALENDAR.day(DAY).end_ns - HOUR),
        raw(last_event_ns=CALENDAR.day(DAY).start_ns - HOUR),  # another day's rows
        raw(last_event_ns=None),
    ],
    "event_gone": [changes(lost_orders=21.0, appeared={"purchase": 24})],
    "event_renamed": [
        changes(lost_orders=24.0, appeared={"survey": 900}),
        changes(appeared={"purchase": 24}),
    ],
    "fields_too_many": [
        raw(malformed_rows=100, malformed_fields={"8": 100}),
        raw(malformed_rows=900, malformed_fields={"8": 300, "9": 300, "5": 300}),
    ],
    "file_elsewhere": [facts(without=(Stage.RAW,)), replace(raw(), beside=("events_2025-03-05.csv",))],
    "file_form": [facts(without=(Stage.RAW,))],
    "header_repeated": [],
    "same_content": [raw(rows=0, fingerprint=f"of-{DAY - timedelta(days=1)}")],
    "timestamps_unparseable": [raw(unparseable_timestamps=1, rows=100_000)],
}


def test_every_cause_has_its_table() -> None:
    """A cause without a day on which it is found is not tested."""
    assert set(FIRING) == set(SILENT) == set(CAUSES)


@pytest.mark.parametrize(
    ("name", "found"), [(name, found) for name, table in FIRING.items() for found in table]
)
def test_it_is_found(name: str, found: Found) -> None:
    """By name, in words, once; and what it explains stands under it."""
    problems = problems_of(case(found.day, found.earlier), acknowledged=frozenset())
    (own,) = [problem for problem in problems if problem.name == name]
    assert own.cause is not None
    assert own.finding is not None
    said = f"{own.finding.title} | {own.finding.seen} | {own.finding.likely_fix}"
    assert all(words in said for words in found.words), said
    assert (own.subject, own.severity) == (found.subject, found.severity)
    explained = {alert.check.name for alert in own.alerts}
    assert explained.issuperset(found.explains), explained
    assert not explained & {problem.name for problem in problems}, "what is explained stands for nothing else"


@pytest.mark.parametrize(("name", "day"), [(name, day) for name, table in SILENT.items() for day in table])
def test_it_is_not_claimed(name: str, day: PartitionFacts) -> None:
    """Days that are alike and have another cause, or none."""
    assert not list(CAUSES[name].detect(case(day)))


@pytest.mark.parametrize("name", CAUSES)
def test_a_healthy_day_has_no_cause(name: str) -> None:
    """With history and without."""
    for earlier in (EARLIER, ()):
        assert not list(CAUSES[name].detect(case(raw(), earlier)))


def test_a_column_that_stands_elsewhere_was_not_renamed() -> None:
    """One is gone and one is new, in different places."""
    day = raw(columns=(*(name for name in RAW_COLUMNS if name != "client_id"), "currency"))
    (finding,) = CAUSES["column_missing"].detect(case(day))
    assert "renamed" not in finding.title
    assert "New: currency." in finding.seen


def test_a_pattern_that_explains_nothing_known_is_a_slip() -> None:
    """Every cause explains checks that there are."""
    from exporter.causes.problem import matches  # noqa: PLC0415

    names = [check.name for check in CHECKS]
    for cause in CAUSES.values():
        for pattern in cause.explains:
            if not pattern.startswith(("anomaly_", "duplicate_keys")):
                assert any(matches(name, (pattern,)) for name in names), (cause.name, pattern)


def test_no_cause_has_the_name_of_a_check() -> None:
    """Both are what people acknowledge by name."""
    assert not set(CAUSES) & {check.name for check in CHECKS}


def test_a_cause_alone_is_acknowledged_by_its_name() -> None:
    """Where nothing is in breach, the name of the cause is all there is to answer for."""
    day = raw(repeated_headers=1, repeated_header_lines=(502,))
    for names, state in ((frozenset(), State.FIRING), (frozenset(["header_repeated"]), State.ACKNOWLEDGED)):
        (own,) = problems_of(case(day), acknowledged=names)
        assert own.state is state
    (past,) = problems_of(case(replace(day, alertable=False)), acknowledged=frozenset())
    assert past.state is State.PAST
