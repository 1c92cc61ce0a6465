"""Hand-made facts, for tests of what follows reading."""

from dataclasses import replace
from datetime import date
from typing import Any

from feeds import EXPECTED_COLUMNS, MANDATORY_FIELDS, altered

from exporter.discover.calendar import Calendar
from exporter.model import DqClaim, PartitionFacts, Profile, Stage, StageFacts, TaskRun
from exporter.profiling.order_tally import NAME, Defect, WebOrders

CALENDAR = Calendar()
DAY = date(2025, 3, 5)
CLEAN_SHARE = 0.96


def profile(stage: Stage = Stage.RAW, rows: int = 1000, **changes: Any) -> Profile:
    """Return the profile of a healthy file of events; ``changes`` replace its fields, or its pack's."""
    healthy = Profile(
        fingerprint=f"{stage}-{rows}",
        columns=EXPECTED_COLUMNS[stage],
        rows=rows,
        malformed_rows=0,
        missing=dict.fromkeys(MANDATORY_FIELDS, 0),
        event_time="timestamp",
        unparseable_timestamps=0,
        timestamp_shapes={},
        timestamp_shapes_overflow=0,
        out_of_day_rows=0,
        first_event_ns=CALENDAR.day(DAY).start_ns,
        last_event_ns=CALENDAR.day(DAY).end_ns - 1,
        longest_silence_seconds=300,
        reasons={"missing_client_id": rows} if stage is Stage.REJECTS else {},
        reasons_overflow=0,
        invalid_utf8_lines=0,
        malformed_fields={},
        malformed_lines=(),
        repeated_headers=0,
        repeated_header_lines=(),
        truncated=False,
        packs={
            NAME: WebOrders(
                events={"page_viewed": rows - 20, "checkout_completed": 20},
                events_overflow=0,
                checkouts=20,
                defects=dict.fromkeys(Defect, 0),
                revenue=2000.0,
                referrer_null=rows // 2,
                referrer_synthetic=rows // 10,
                malformed_orders=0,
            )
        },
    )
    return altered(healthy, **changes)


def stage_facts(content: Profile | None, day: date = DAY, **changes: Any) -> StageFacts:
    """Return a stage that arrived exactly when it was due."""
    due = CALENDAR.due_ns(day)
    facts = StageFacts(size_bytes=1000, updated_ns=due, arrival_ns=due, profile=content)
    return replace(facts, **changes)


def facts(
    day: date = DAY,
    *,
    raw: Profile | None = None,
    clean: Profile | None = None,
    rejects: Profile | None = None,
    alertable: bool = True,
    dq: DqClaim | None = None,
    tasks: dict[str, TaskRun] | None = None,
    without: tuple[Stage, ...] = (),
) -> PartitionFacts:
    """Return a healthy partition; arguments replace parts of it."""
    contents = {
        Stage.RAW: raw or profile(),
        Stage.CLEAN: clean or profile(Stage.CLEAN, 960),
        Stage.REJECTS: rejects or profile(Stage.REJECTS, 40, checkouts=0, revenue=0.0),
    }
    return PartitionFacts(
        day=CALENDAR.day(day),
        due_ns=CALENDAR.due_ns(day),
        alertable=alertable,
        stages={stage: stage_facts(known, day) for stage, known in contents.items() if stage not in without},
        dq=dq,
        tasks=tasks or {},
    )
