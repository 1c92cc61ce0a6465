"""What a soak reports as lost, repeated or growing is exactly that."""

import random
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from exporter.sink.message import Channel
from trials.soak.drift import Sample, medians, theil_sen
from trials.soak.journal import Answered, Journal, Life, Record, read_journal
from trials.soak.notes import DATA_LEAD, ON_CALL, SLACK, Heard, Note, Stage, hear
from trials.soak.pace import Pace
from trials.soak.receiver import Book, Received, read_book
from trials.soak.troubles import Answer, Plan, Told, due_at
from trials.soak.verdict import (
    expected_notes,
    holdings,
    judge_answers,
    judge_end,
    judge_holdings,
    judge_notes,
)

SECOND = 1_000_000_000
DAY = date(2026, 11, 28)
ENDS = datetime(2026, 11, 29, 16, 40, tzinfo=UTC)  # 100 s after the start at 600-fold speed
GRAVE = Told("0123456789", "feed-01", DAY, "column_missing", critical=True, end="acknowledged", ends=ENDS)
MILD = Told("abcdef0123", "feed-01", DAY, "partition_late", critical=False)
PACE = Pace(600, 2.0)
LINK = "http://localhost:10110/feeds/feed-01/incidents/"


def told(*extra: tuple[Note, int]) -> Heard:
    """Return the messages if the whole plan is reported at once, plus some extra ones."""
    heard = Heard({note: [100 * SECOND] for one in (GRAVE, MILD) for note in expected_notes(one)})
    for note, at in extra:
        heard.notes.setdefault(note, []).append(at)
    return heard


def plan() -> Plan:
    """Return a plan of two incidents, one of them acknowledged."""
    answer = Answer(due_at(DAY), "feed-01", DAY, GRAVE.incident, "known")
    return Plan((), (answer,), (GRAVE, MILD), ())


def killed(*kills: tuple[str, int]) -> Record:
    """Return a journal in which these programs were killed, in seconds since the start."""
    lives = [Life(name, number, 0, second * SECOND) for number, (name, second) in enumerate(kills)]
    return Record(settings={"first": str(DAY)}, lives=lives)


def test_a_critical_incident_pages_twice_and_a_warning_nobody() -> None:
    """Slack, mail and both pages open, pages and Slack end; a warning is on Slack alone."""
    assert len(list(expected_notes(GRAVE))) == 7
    assert list(expected_notes(MILD)) == [Note(MILD.incident, SLACK, Stage.OPEN)]


def test_planned_messages_are_not_faults() -> None:
    """Each message is sent exactly once."""
    assert judge_notes(plan(), told(), Record(), PACE).faults == []


def test_a_missing_message_is_lost() -> None:
    """A missing page is named."""
    heard = told()
    del heard.notes[Note(GRAVE.incident, DATA_LEAD, Stage.END)]
    verdict = judge_notes(plan(), heard, killed(), PACE)
    assert verdict.lost == ["page demo-key-datalead, end: feed-01 2026-11-28 column_missing (0123456789)"]
    assert verdict.faults == [f"lost: {verdict.lost[0]}"]


@pytest.mark.parametrize(
    ("way", "kills", "is_limit"),
    [
        (ON_CALL, [("Prometheus", 110), ("Alertmanager", 150)], True),
        (ON_CALL, [("Prometheus", 110)], False),  # Alertmanager lets it lapse
        (ON_CALL, [("Alertmanager", 105), ("Prometheus", 110)], False),
        (ON_CALL, [("Prometheus", 90), ("Alertmanager", 150)], False),  # before the incident ended
        (ON_CALL, [("Prometheus", 110), ("Alertmanager", 190)], False),  # it had already lapsed
        (SLACK, [("Prometheus", 110), ("Alertmanager", 130)], True),
        (SLACK, [("Prometheus", 110), ("receiver", 130)], False),
        (SLACK, [("Prometheus", 110), ("Alertmanager", 140)], False),  # more than six hours later
    ],
)
def test_an_end_may_be_lost_only_to_several_kills(
    way: str, kills: list[tuple[str, int]], *, is_limit: bool
) -> None:
    """For a page Prometheus, then Alertmanager; for Slack both within six simulated hours."""
    heard = told()
    del heard.notes[Note(GRAVE.incident, way, Stage.END)]
    verdict = judge_notes(plan(), heard, killed(*kills), PACE)
    assert (len(verdict.limits), len(verdict.lost)) == ((1, 0) if is_limit else (0, 1))


def test_a_start_is_never_lost_to_kills() -> None:
    """No matter how many there were."""
    heard = told()
    del heard.notes[Note(GRAVE.incident, ON_CALL, Stage.OPEN)]
    record = killed(("Prometheus", 110), ("Alertmanager", 120), ("Prometheus", 125))
    assert judge_notes(plan(), heard, record, PACE).limits == []


def test_an_unplanned_message_is_a_fault() -> None:
    """So is an unknown incident, and the end of one whose end is not reported."""
    heard = told((Note("ffffffffff", SLACK, Stage.OPEN), 5), (Note(MILD.incident, SLACK, Stage.END), 5))
    assert len(judge_notes(plan(), heard, Record(), PACE).unplanned) == 2


@pytest.mark.parametrize(
    ("name", "second", "is_promised"),
    [
        ("Alertmanager", 103, True),  # its log may not have been written yet
        ("Alertmanager", 130, False),  # it had been written
        ("Alertmanager", 99, False),  # before the first message
        ("receiver", 101, True),  # its response may have been lost
        ("receiver", 110, False),
        ("Prometheus", 101, False),
        ("exporter", 101, False),
    ],
)
def test_a_repeat_needs_a_kill_just_after_the_first(name: str, second: int, *, is_promised: bool) -> None:
    """Alertmanager promises at-least-once, and only around its own end and the receiver's."""
    heard = told((Note(GRAVE.incident, ON_CALL, Stage.OPEN), 140 * SECOND))
    verdict = judge_notes(plan(), heard, killed((name, second)), PACE)
    assert (len(verdict.promised), len(verdict.repeated)) == ((1, 0) if is_promised else (0, 1))
    assert bool(verdict.faults) is not is_promised


def test_monitoring_alerts_must_be_explained_by_the_plan() -> None:
    """Kills explain that the exporter is down, but not that report and Prometheus disagree."""
    heard = told()
    heard.meta.update(["PuffyExporterDown"])
    assert judge_notes(plan(), heard, Record(), PACE).faults == []
    heard.meta.update(["PuffyReportDisagrees"])
    assert len(judge_notes(plan(), heard, Record(), PACE).faults) == 1


@pytest.mark.parametrize(
    ("answered", "on_record", "faults"),
    [
        ([Answered("known", "feed-01", confirmed=True, tries=1)], {"known"}, 0),
        ([Answered("known", "feed-01", confirmed=False, tries=3)], {"known"}, 0),
        ([Answered("known", "feed-01", confirmed=True, tries=1)], set(), 1),
        ([Answered("known", "feed-01", confirmed=False, tries=9)], set(), 1),
        ([], set(), 1),
    ],
)
def test_an_acknowledgement_that_was_confirmed_is_on_record(
    answered: list[Answered], on_record: set[str], faults: int
) -> None:
    """A confirmed one that is gone is lost; one that was never accepted is a fault as well."""
    assert len(judge_answers(plan(), Record(answers=answered), on_record)) == faults


def test_the_final_state_must_be_quiet_and_known() -> None:
    """Open incidents, holds, disagreement and deaths are faults, and so is an end that was not checked."""
    quiet: dict[str, list[str]] = {"open": [], "held": [], "disagreeing": []}
    assert judge_end(Record(left=quiet)) == []
    assert len(judge_end(Record(left=quiet | {"held": ["feed-01"]}, died=["exporter"]))) == 2
    assert len(judge_end(Record())) == 3


def samples(resident: Callable[[float], float], files: int = 20) -> Record:
    """Return the journal of an exporter that runs for an hour."""
    chance = random.Random(1)
    found = [
        Sample(7, second, round(resident(second) + chance.uniform(-3e5, 3e5)), files, 9)
        for second in range(0, 3600, 2)
    ]
    return Record(lives=[Life("exporter", 7, 0)], samples=found)


def test_stable_memory_does_not_count_as_growth() -> None:
    """Neither warm-up nor noise counts as growth."""
    (found,) = holdings(samples(lambda second: 1e8 if second > 1150 else 5e7))
    assert found.slope is not None
    assert found.slope.is_noise
    assert judge_holdings([found]) == []
    assert found.files == (20, 20)


def test_memory_that_leaks_is_found() -> None:
    """Five megabytes per hour on top of a hundred are found, with the rate."""
    (found,) = holdings(samples(lambda second: 1e8 + 5e6 * second / 3600))
    assert found.slope is not None
    assert found.slope.value * 3600 == pytest.approx(5e6, rel=0.1)
    assert judge_holdings([found]) == ["exporter's memory grows"]


def test_the_slope_shrugs_off_outliers() -> None:
    """One wild point in ten hardly moves it."""
    points = [(float(x), 2.0 * x + (1e6 if x % 10 == 0 else 0.0)) for x in range(100)]
    slope = theil_sen(points)
    assert slope is not None
    assert slope.value == pytest.approx(2.0)
    assert slope.low <= 2.0 <= slope.high
    assert theil_sen(points[:3]) is None
    assert medians([(0, 1), (1, 3), (2, 5), (10, 7)], 10) == [(1, 3), (10, 7)]


def message(channel: Channel, body: Any, path: str = "/") -> Received:
    """Return a message as recorded by the receiver."""
    return Received(SECOND, channel, path, body)


def slack(title: str, link: str = "", text: str = "") -> Received:
    """Return a Slack message."""
    attachment = {"title": title, "title_link": link, "text": text, "footer": ""}
    return message(Channel.SLACK, {"attachments": [attachment]})


def page(action: str, link: str = "", summary: str = "") -> Received:
    """Return a PagerDuty event; a resolving one has only its key."""
    body = {"event_action": action, "routing_key": "demo-key-oncall", "dedup_key": "k"}
    return message(Channel.PAGERDUTY, body | {"client_url": link, "payload": {"summary": summary}})


def test_messages_are_sorted_by_their_meaning() -> None:
    """Openings, ends, resolving pages, digests, heartbeats, and alerts about the monitoring."""
    link = f"{LINK}0123456789"
    heard = hear(
        [
            slack("CRITICAL feed-01 2026-11-28: column amount is missing", link),
            slack("Acknowledged: feed-01 2026-11-28: column amount is missing", link),
            page("trigger", link, "feed-01: column amount is missing"),
            page("resolve"),
            slack("Puffy: 2 incidents are open"),
            slack("Puffy PuffyExporterDown: 1 critical", text="`PuffyExporterDown`: it is down"),
            message(Channel.WEBHOOK, {}),
            message(Channel.EMAIL, {"subject": "x", "text": f"Page: {link}"}),
        ]
    )
    assert {(note.way, note.stage.value) for note in heard.notes} == {
        ("Slack", "open"),
        ("Slack", "end"),
        ("page demo-key-oncall", "open"),
        ("page demo-key-oncall", "end"),
        ("mail", "open"),
    }
    assert (heard.digests, heard.beats, heard.unclear) == (1, 1, [])
    assert heard.meta == {"PuffyExporterDown": 1}
    assert hear([slack("What is this?")]).unclear


def test_the_receiver_records_before_it_answers(tmp_path: Path) -> None:
    """A message is in the file at once; a line cut off by a kill is skipped."""
    path = tmp_path / "book"
    with closing(Book(path)) as book:
        book.add(Channel.SLACK, "/services/x", {"text": "a"})
        path.write_text(path.read_text() + '{"at_ns": 1, "chan')
        (found,) = read_book(path)
    assert (found.channel, found.path, found.body) == (Channel.SLACK, "/services/x", {"text": "a"})


def test_a_journal_returns_what_was_written(tmp_path: Path) -> None:
    """Starts are paired with kills; a program that was not killed has no end."""
    with closing(Journal(tmp_path)) as journal:
        journal.note("settings", days=3)
        journal.note("started", name="exporter", pid=1, at_ns=5)
        journal.note("killed", name="exporter", pid=1, at_ns=9)
        journal.note("started", name="exporter", pid=2, at_ns=11)
        journal.sample(Sample(2, 1.5, 100, 3, 4))
        journal.note("answered", reason="known", feed="feed-01", confirmed=True, tries=2)
    record = read_journal(tmp_path)
    assert record.settings == {"days": 3}
    assert record.lives == [Life("exporter", 1, 5, 9), Life("exporter", 2, 11)]
    assert record.kills("exporter") == [9]
    assert record.samples == [Sample(2, 1.5, 100, 3, 4)]
    assert record.answers == [Answered("known", "feed-01", confirmed=True, tries=2)]
