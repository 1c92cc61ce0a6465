"""The written form of trends and events."""

from datetime import date

import pytest
from feeds import EVENTS, TRENDS

from exporter.checks.check import Severity
from exporter.config.load import build_config
from exporter.document import Document, InvalidFileError
from exporter.history.detection import Event, Expect, Method


def events(*written: dict[str, object]) -> tuple[Event, ...]:
    """Return the events of a calendar."""
    return build_config(Document("test", {"calendar": {"events": list(written)}}), EVENTS).events


def test_what_is_not_written_of_a_trend_stays_as_it_ships() -> None:
    """Its method above all."""
    config = build_config(Document("test", {"trends": {"reject_ratio": {"sigma": 4}}}), EVENTS)
    band = next(trend.band for trend in config.trends if trend.name == "reject_ratio")
    assert (band.sigma, band.method, band.min_change) == (4, Method.RATE, 0.002)
    assert build_config(Document("test", {}), EVENTS).trends == TRENDS


def test_days_may_be_single_or_spans() -> None:
    """Both ends of a span are included; a single day needs no list."""
    (sale,) = events(
        {
            "name": "sale",
            "dates": [date(2025, 11, 28), {"from": date(2025, 11, 30), "to": date(2025, 12, 1)}],
            "expect": "rise",
        }
    )
    assert sale.dates == {date(2025, 11, 28), date(2025, 11, 30), date(2025, 12, 1)}
    assert sale.expect is Expect.RISE
    (holiday,) = events({"name": "holiday", "dates": "2025-12-25"})
    assert holiday == Event("holiday", frozenset({date(2025, 12, 25)}), Expect.ANY)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"name": "sale", "dates": []}, "calendar.events.0.dates"),
        ({"name": "sale", "dates": [{"from": "2025-12-02", "to": "2025-12-01"}]}, "to is before from"),
        ({"name": "sale", "dates": [{"from": "2025-12-02", "to": "2035-12-01"}]}, "more than 366"),
        ({"name": "sale", "dates": "tomorrow"}, "calendar.events.0.dates"),
        ({"name": "sale", "dates": "2025-12-02", "expect": "drop"}, "calendar.events.0.expect"),
        ({"dates": "2025-12-02"}, "calendar.events.0.name"),
    ],
)
def test_what_is_no_event_is_refused(written: dict[str, object], words: str) -> None:
    """With the key and the reason."""
    with pytest.raises(InvalidFileError, match=words):
        events(written)


def test_a_confirmed_anomaly_is_critical_until_it_is_overridden() -> None:
    """It has a limit of its own; where the 7-day rule judges for good there is nothing to confirm."""
    anomaly = {check.name: check for check in build_config(Document("test", {}), EVENTS).checks}[
        "anomaly_events"
    ]
    assert anomaly.limits == {Severity.WARNING: 3.0, Severity.CRITICAL: 2.75}
    calm = build_config(Document("test", {"checks": {"anomaly_events": {"confirmed": None}}}), EVENTS).checks
    assert {check.name: check for check in calm}["anomaly_events"].limits == {Severity.WARNING: 3.0}
    plain = build_config(Document("test", {"trends": {"events": {"method": "average"}}}), EVENTS).checks
    assert {check.name: check for check in plain}["anomaly_events"].limits == {Severity.WARNING: 3.0}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"anomaly_events": {"severity": "critical", "confirmed": "warning"}}, "less severe"),
        ({"reject_ratio": {"confirmed": "critical"}}, "only an anomaly"),
    ],
)
def test_a_confirmation_that_makes_no_sense_is_refused(written: dict[str, object], words: str) -> None:
    """With the reason."""
    with pytest.raises(InvalidFileError, match=words):
        build_config(Document("test", {"checks": written}), EVENTS)
