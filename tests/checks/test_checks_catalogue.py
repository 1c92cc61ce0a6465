"""The catalogue: the shipped checks, the user's overrides, and what is rejected."""

from dataclasses import replace
from typing import Any

import pytest
from feeds import BANDS, CHECKS, TRENDS

from exporter.checks.catalogue import CatalogueError, load_catalogue, merge, shipped
from exporter.checks.check import Check, Compare, Guard, Kind, Origin, Selector, Severity, Value
from exporter.history.detection import Method


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


def test_a_check_without_limits_says_how_to_switch_it_off() -> None:
    """Following the message works."""
    silenced: dict[str, Any] = {"limits": {"warning": None, "critical": None}}
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(BANDS, {"reject_ratio": silenced})
    (problem,) = caught.value.problems
    assert problem.reason == "no limit is set; write enabled: false to switch a check off"
    followed = load_catalogue(BANDS, {"reject_ratio": {**silenced, "enabled": False}})
    assert "reject_ratio" not in [check.name for check in followed]


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
        "must be one of raw, clean, rejects",
    ),
    (
        {"checkout_zero_value": {"value": {"labels": {"defect": "zero"}}}},
        "checks.checkout_zero_value.value",
        "must be one of zero_value, invalid_revenue",
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


REFUSED += [
    (
        {
            "silence": {
                "value": {
                    "minus": {"metric": "puffy_partition_rows"},
                    "per": {"metric": "puffy_partition_rows"},
                }
            }
        },
        "checks.silence.value",
        "minus and per are mutually exclusive",
    ),
    ({"silence": {"trend": "events"}}, "checks.silence", "either a value and limits, or a trend"),
    ({"silence": {"confirmed": "critical"}}, "checks.silence", "only an anomaly of a trend can be confirmed"),
    (
        {"anomaly_events": {"severity": "critical", "confirmed": "warning"}},
        "checks.anomaly_events",
        "confirmed is less severe than severity",
    ),
    (
        {"silence": {"value": {"labels": {"x": "y"}}}},
        "checks.silence.value",
        "puffy_partition_longest_silence_seconds has no label 'x' (it has stage)",
    ),
    (
        {"silence": {"value": {"metric": "puffy_partition_lost_orders"}}},
        "checks.silence.value",
        "puffy_partition_lost_orders has no label 'stage' (it has none beyond partition)",
    ),
    (
        {"silence": {"value": {"labels": {"stage": ["raw", "rw"]}}}},
        "checks.silence.value",
        "label stage of puffy_partition_longest_silence_seconds must be one of raw, clean, rejects, not 'rw'",
    ),
    ({"silence": {"limits": {"warning": None}}}, "checks.silence", "no limit is set"),
    (
        {"malformed_rows": {"compare": "<", "limits": {"warning": 1, "critical": 2}}},
        "checks.malformed_rows",
        "the critical limit 2 is crossed before the warning 1",
    ),
]


@pytest.mark.parametrize(("overrides", "key", "reason"), REFUSED, ids=[key for _, key, _ in REFUSED])
def test_a_mistake_is_refused_with_key_and_reason(overrides: dict[str, Any], key: str, reason: str) -> None:
    """Nothing is used before everything is right."""
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(BANDS, overrides)
    assert caught.value.problems[0].key == key
    assert reason in caught.value.problems[0].reason


ADDED = {
    "value": {"metric": "puffy_partition_rows", "labels": {"stage": "raw"}},
    "compare": "<",
    "limits": {"warning": 100},
    "owner": "me",
    "summary": "Few rows.",
    "impact": "None.",
    "resolution": ["Look."],
}


def test_a_contracts_check_is_one_of_the_feed() -> None:
    """It shares its alert and runbook with those of other contracts; what it says wins over neither."""
    found = load_catalogue(BANDS, contract={"few_rows": ADDED, "many_rows": {**ADDED, "compare": ">"}})
    for name in ("few_rows", "many_rows"):
        check = named(found, name)
        assert (check.alert, check.runbook) == ("PuffyContractCheck", "contract_check")
        assert check.origin is Origin.CONTRACT
    assert named(found, "reject_ratio").origin is Origin.CATALOGUE
    overridden = load_catalogue(BANDS, {"few_rows": {"limits": {"warning": 7}}}, contract={"few_rows": ADDED})
    assert named(overridden, "few_rows").limits == {Severity.WARNING: 7}
    assert named(overridden, "few_rows").origin is Origin.CONTRACT


def test_feeds_share_the_checks_that_they_leave_as_they_are() -> None:
    """Thousands of feeds would otherwise have thousands of copies."""
    one = load_catalogue(BANDS)
    other = load_catalogue(BANDS, {"silence": {"owner": "dq"}}, contract={"few_rows": ADDED})
    assert named(one, "reject_ratio") is named(other, "reject_ratio")
    assert (named(one, "silence").owner, named(other, "silence").owner) == ("data-engineering", "dq")


def test_a_contract_changes_a_check_of_the_catalogue() -> None:
    """Field by field; the check stays the catalogue's."""
    contract = {"reject_ratio": {"limits": {"critical": 0.7}}}
    check = named(load_catalogue(BANDS, contract=contract), "reject_ratio")
    assert check.limits == {Severity.WARNING: 0.05, Severity.CRITICAL: 0.7}
    assert (check.alert, check.origin) == ("PuffyRejectRatio", Origin.CATALOGUE)


def test_a_trend_that_no_check_judges_gets_one() -> None:
    """With the figure's words in its summary, or the trend's name; trends that are not followed get none."""
    bands = {"events": BANDS["events"], "mean_price": BANDS["events"], "tips": BANDS["events"]}
    found = load_catalogue(bands, words={"mean_price": "The mean price"})
    judged = {check.trend: check for check in found if check.trend is not None}
    assert list(judged) == ["events", "mean_price", "tips"]
    check = judged["mean_price"]
    assert (check.name, check.alert) == ("anomaly_mean_price", "PuffyTrendAnomaly")
    assert check.summary == "The mean price differs strongly from the days before."
    assert judged["tips"].summary == "tips differs strongly from the days before."
    assert (check.runbook, check.owner) == ("trend_anomaly", "data-engineering")
    assert (check.origin, check.severities) == (Origin.CONTRACT, (Severity.WARNING,))
    assert check.blocking is False
    assert all(step.endswith(".") for step in check.resolution)


def explaining(*patterns: str) -> tuple[Check, ...]:
    """Return the checks with one that explains these."""
    return load_catalogue(
        BANDS, {"silence": {"explains": list(patterns)}}, contract={"few_rows": ADDED, "few_orders": ADDED}
    )


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ((), ()),
        (("reject_ratio",), ("reject_ratio",)),
        (("few_*",), ("few_rows", "few_orders")),
        (("few_rows", "few_*"), ("few_rows", "few_orders")),
        (("malformed_*",), ("malformed_rows", "malformed_orders")),
        (("*_orders",), ("no_orders", "malformed_orders", "few_orders")),
    ],
)
def test_a_pattern_explains_the_checks_that_it_matches(
    patterns: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """Each once: the package's first, in their order."""
    assert named(explaining(*patterns), "silence").explains == names


def test_a_check_that_this_feed_has_no_use_for_may_be_explained() -> None:
    """Its trend is not followed here."""
    bands = {"events": BANDS["events"]}
    found = load_catalogue(bands, {"silence": {"explains": ["anomaly_revenue", "anomaly_*"]}})
    assert named(found, "silence").explains == ("anomaly_events",)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("silence", "itself"),
        ("sil*", "itself"),
        ("nope", "no check is called 'nope'"),
        ("n?pe", "no check is"),
    ],
)
def test_a_pattern_that_explains_itself_or_nothing_is_refused(pattern: str, reason: str) -> None:
    """It is a slip."""
    with pytest.raises(CatalogueError) as caught:
        explaining(pattern)
    (problem,) = caught.value.problems
    assert problem.key == "checks.silence.explains"
    assert problem.reason.startswith(reason)


def test_every_mistake_is_told_at_once() -> None:
    """In one line as well."""
    wrong = {
        "reject_ratio": {"limts": {}, "limit": 1},
        "silence": 3,
        "task_slow": {"explains": ["nope"], "owner": "a\nb"},
        "malformed_rows": {"explains": ["nope"]},
    }
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(BANDS, wrong)
    keys = [problem.key for problem in caught.value.problems]
    assert sorted(keys) == [
        "checks.malformed_rows.explains",
        "checks.reject_ratio.limit",
        "checks.reject_ratio.limts",
        "checks.silence",
        "checks.task_slow.owner",
    ]
    assert "checks.silence: not a mapping of a check's fields; " in str(caught.value)


def test_a_misspelt_name_is_told_as_one_mistake() -> None:
    """Not as all the fields that a new check must have."""
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(BANDS, {"reject_ration": {"limits": {"warning": 0.2}}})
    (problem,) = caught.value.problems
    assert problem.reason.endswith(", did you mean reject_ratio?")
    with pytest.raises(CatalogueError) as other:
        load_catalogue(BANDS, {"zzz": {"limits": {"warning": 0.2}}})
    assert len(other.value.problems) > 1


def test_an_anomaly_that_its_detector_confirms_may_be_worse() -> None:
    """Its limits are the band's scores; the 7-day rule confirms nothing."""
    band = replace(BANDS["events"], method=Method.WEEKDAY, sigma=3.5, score=4.5)
    override = {"anomaly_events": {"severity": "warning", "confirmed": "critical"}}
    check = named(load_catalogue({"events": band}, override), "anomaly_events")
    assert (check.confirmed, check.limits) == (
        Severity.CRITICAL,
        {Severity.WARNING: 3.5, Severity.CRITICAL: 4.5},
    )
    assert (check.kind, check.band, check.trend) == (Kind.ANOMALY, band, "events")
    simple = replace(band, method=Method.AVERAGE)
    check = named(load_catalogue({"events": simple}, override), "anomaly_events")
    assert (check.confirmed, check.limits) == (None, {Severity.WARNING: 3.5})
    same = {"anomaly_events": {"severity": "warning", "confirmed": "warning"}}
    check = named(load_catalogue({"events": band}, same), "anomaly_events")
    assert (check.confirmed, check.limits) == (None, {Severity.WARNING: 3.5})


def test_all_that_is_written_of_a_check_is_in_it() -> None:
    """Values, conditions, samples to show, and the words."""
    written = {
        **ADDED,
        "alert": "PuffyMany",
        "value": {
            "metric": "puffy_partition_missing_rows",
            "labels": {"stage": "raw", "field": ["client_id", "timestamp"]},
            "per": {"metric": "puffy_partition_rows", "labels": {"stage": "clean"}},
            "absolute": True,
            "when": {"metric": "puffy_partition_rows", "compare": ">=", "limit": 10},
            "after_due": "90m",
        },
        "shows": {"metric": "puffy_partition_missing_column_info", "labels": {"stage": "raw"}},
        "compare": ">=",
        "limits": {"warning": 1, "critical": 2},
        "blocking": True,
        "explains": ["silence"],
        "area": "Rows",
        "runbook": "rows",
    }
    check = named(load_catalogue(BANDS, {"many": written}), "many")
    rows = Selector("puffy_partition_rows", {"stage": ("clean",)})
    assert check == Check(
        name="many",
        alert="PuffyMany",
        kind=Kind.THRESHOLD,
        limits={Severity.WARNING: 1, Severity.CRITICAL: 2},
        owner="me",
        summary="Few rows.",
        impact="None.",
        resolution=("Look.",),
        runbook="rows",
        blocking=True,
        compare=Compare.AT_LEAST,
        value=Value(
            Selector(
                "puffy_partition_missing_rows", {"stage": ("raw",), "field": ("client_id", "timestamp")}
            ),
            per=rows,
            absolute=True,
            when=Guard(Selector("puffy_partition_rows", {}), Compare.AT_LEAST, 10),
            after_due_seconds=5400,
        ),
        shows=Selector("puffy_partition_missing_column_info", {"stage": ("raw",)}),
        explains=("silence",),
        area="Rows",
    )
    value = {"metric": "puffy_partition_rows", "minus": {"metric": "puffy_partition_malformed_rows"}}
    other = named(load_catalogue(BANDS, {"many": {**ADDED, "alert": "PuffyMany", "value": value}}), "many")
    assert other.area == "Other"
    assert other.value == Value(
        Selector("puffy_partition_rows", {}), minus=Selector("puffy_partition_malformed_rows", {})
    )


def test_a_check_decides_by_a_threshold_or_finds_an_anomaly() -> None:
    """These are the words of the report."""
    kinds = {check.name: check.kind.value for check in CHECKS}
    assert {kinds["reject_ratio"], kinds["anomaly_events"]} == set(kinds.values()) == {"threshold", "anomaly"}


def test_merge_leaves_both_mappings_as_they_were() -> None:
    """The shipped catalogue is read once and shared."""
    under, over = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert merge(under, over) == {"a": {"b": 1, "c": 2}}
    assert (under, over) == ({"a": {"b": 1}}, {"a": {"c": 2}})
