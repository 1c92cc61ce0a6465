"""The catalogue: the shipped checks, the user's overrides, and what is rejected."""

from typing import Any

import pytest
from feeds import BANDS, CHECKS, TRENDS

from exporter.checks.catalogue import CatalogueError, load_catalogue, merge, shipped
from exporter.checks.check import Check, Kind, Severity


def named(checks: tuple[Check, ...], name: str) -> Check:
    """Return the check of that name."""
    return next(check for check in checks if check.name == name)


def test_every_trend_has_one_anomaly_check() -> None:
    """No trend is tracked without being judged."""
    followed = [check.trend for check in CHECKS if check.kind is Kind.ANOMALY]
    assert sorted(followed) == sorted(trend.name for trend in TRENDS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_tells_a_woken_person_what_to_do(check: Check) -> None:
    """Texts, owner, steps and a limit, in sentences."""
    assert check.summary.endswith(".")
    assert check.impact.endswith(".")
    assert check.resolution
    assert all(step.endswith(".") for step in check.resolution)
    assert check.owner
    assert check.limits


def test_a_field_is_overridden_and_the_others_stay() -> None:
    """Mappings are merged level by level."""
    check = named(
        load_catalogue(BANDS, {"reject_ratio": {"limits": {"warning": 0.2}, "owner": "dq"}}), "reject_ratio"
    )
    assert check.limits == {Severity.WARNING: 0.2, Severity.CRITICAL: 0.5}
    assert (check.owner, check.alert) == ("dq", "PuffyRejectRatio")


def test_a_limit_is_switched_off_by_null_and_a_check_by_enabled() -> None:
    """Nothing else has to be repeated."""
    checks = load_catalogue(
        BANDS, {"reject_ratio": {"limits": {"critical": None}}, "silence": {"enabled": False}}
    )
    assert named(checks, "reject_ratio").limits == {Severity.WARNING: 0.05}
    assert "silence" not in [check.name for check in checks]


def test_a_check_is_added() -> None:
    """It can have every field that the shipped ones have."""
    added = {
        "few_rows": {
            "alert": "PuffyFewRows",
            "value": {"metric": "puffy_partition_rows", "labels": {"stage": "raw"}},
            "compare": "<",
            "limits": {"warning": 100},
            "owner": "me",
            "summary": "Few rows.",
            "impact": "None.",
            "resolution": ["Look."],
        }
    }
    checks = load_catalogue(BANDS, added)
    assert len(checks) == len(shipped()) + 1
    assert checks[-1].name == checks[-1].runbook == "few_rows"


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"reject_ratio": 3}, "checks.reject_ratio", "not a mapping of a check's fields"),
    ({"reject_ratio": {"limts": {}}}, "checks.reject_ratio.limts", "unknown key"),
    ({"reject_ratio": {"limits": {"fatal": 1}}}, "checks.reject_ratio.limits.fatal", "input should be"),
    ({"reject_ratio": {"limits": {"warning": "5 %"}}}, "checks.reject_ratio.limits.warning", "valid number"),
    (
        {"reject_ratio": {"limits": {"warning": 0.9}}},
        "checks.reject_ratio",
        "0.5 is crossed before the warning 0.9",
    ),
    (
        {"reject_ratio": {"limits": {"warning": None, "critical": None}}},
        "checks.reject_ratio",
        "no limit is set; write enabled: false",
    ),
    (
        {"reject_ratio": {"value": {"metric": "nope"}}},
        "checks.reject_ratio.value",
        "there is no metric 'nope'",
    ),
    (
        {"silence": {"value": {"labels": {"stage": "rw"}}}},
        "checks.silence.value",
        "is one of raw, clean, rejects",
    ),
    (
        {"checkout_zero_value": {"value": {"labels": {"defect": "zero"}}}},
        "checks.checkout_zero_value.value",
        "is one of zero_value, invalid_revenue",
    ),
    ({"silence": {"value": {"labels": {"day": "x"}}}}, "checks.silence.value", "has no label 'day'"),
    ({"silence": {"value": {"after_due": "soon"}}}, "checks.silence.value.after_due", "not a duration"),
    ({"anomaly_events": {"trend": "sales"}}, "checks.anomaly_events.trend", "there is no trend 'sales'"),
    ({"anomaly_events": {"limits": {"warning": 2}}}, "checks.anomaly_events", "set under trends"),
    ({"silence": {"alert": "PuffyTaskSlow"}}, "checks.silence.alert", "names more than one check"),
    ({"silence": {"alert": "silence"}}, "checks.silence.alert", "pattern"),
    ({"silence": {"shows": {"metric": "puffy_partition_defects"}}}, "checks.silence.shows", "metric"),
    (
        {"silence": {"shows": {"metric": "puffy_partition_rows"}}},
        "checks.silence",
        "exactly one",
    ),
    ({"new": {"alert": "PuffyNew"}}, "checks.new.owner", "field required"),
    ({"silence": {"summary": "two\nlines"}}, "checks.silence.summary", "pattern"),
    (
        {"silence": {"value": {"per": {"metric": "puffy_partition_events"}}}},
        "checks.silence.value",
        "has labels that puffy_partition_longest_silence_seconds does not have",
    ),
]


@pytest.mark.parametrize(("overrides", "key", "reason"), REFUSED, ids=[key for _, key, _ in REFUSED])
def test_a_mistake_is_refused_with_key_and_reason(overrides: dict[str, Any], key: str, reason: str) -> None:
    """Nothing is used before everything is right."""
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(BANDS, overrides)
    assert caught.value.problems[0].key == key
    assert reason in caught.value.problems[0].reason


def test_merge_leaves_both_mappings_as_they_were() -> None:
    """The shipped catalogue is read once and shared."""
    under, over = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert merge(under, over) == {"a": {"b": 1, "c": 2}}
    assert (under, over) == ({"a": {"b": 1}}, {"a": {"c": 2}})
