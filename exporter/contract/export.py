"""The contract equivalent to a feed and a configuration: every check in force, with its limits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from exporter.checks.catalogue import shipped
from exporter.checks.check import OTHER_AREA, Check, Guard, Kind, Selector, Severity, Value
from exporter.contract.write import contract_text
from exporter.discover.calendar import Calendar
from exporter.feed import Feed, FollowedFigure, Owner
from exporter.history.trend import SHIPPED, Band, Trend

HEADING = "# Made by `puffy-exporter contract` from the configuration. Do not edit.\n"
Fields = dict[str, Any]


def exported_text(
    feed: Feed, checks: Sequence[Check], trends: Sequence[Trend], calendar: Calendar, owner: Owner
) -> str:
    """Return a feed's contract as YAML, with the calendar, owner and checks of the configuration."""
    bands = {trend.name: trend.band for trend in trends}
    service = replace(
        feed.service,
        due_time=calendar.due_time,
        zone=str(calendar.zone),
        grace_seconds=_grace(checks, feed.service.grace_seconds),
    )
    exported = replace(
        feed,
        service=service,
        owner=owner,
        trends=tuple(_followed(trend, bands.get(trend.name)) for trend in feed.trends),
        checks=in_force(checks),
    )
    return contract_text(exported, heading=HEADING)


def in_force(checks: Sequence[Check]) -> Mapping[str, Fields]:
    """Return checks as overrides that leave exactly these in force: missing shipped ones are disabled."""
    written = {check.name: written_check(check) for check in checks}
    for name, under in shipped().items():
        if name not in written:
            written[name] = {"enabled": False}
        elif "limits" in written[name]:
            off = dict.fromkeys(under.get("limits", {}).keys() - written[name]["limits"].keys())
            written[name]["limits"] |= off
    return written


def _grace(checks: Sequence[Check], shipped: float) -> float:
    for check in checks:
        if check.name == "stage_missing" and check.value and check.value.after_due_seconds is not None:
            return check.value.after_due_seconds
    return shipped


def _followed(trend: FollowedFigure, band: Band | None) -> FollowedFigure:
    """Return a trend with those limits of its configured band that differ from its method's."""
    if band is None:
        return trend
    usual = SHIPPED[band.method]
    names = [name for name in Band.__slots__ if getattr(band, name) != getattr(usual, name)]
    changed = {name: getattr(band, name) for name in names}
    written = {name: str(value) if isinstance(value, str) else value for name, value in changed.items()}
    return replace(trend, band=written | {"method": str(band.method)})


def written_check(check: Check) -> Fields:
    """Return a check's fields as written in the configuration, without defaults."""
    anomaly = check.kind is Kind.ANOMALY
    fields: Fields = {"alert": check.alert}
    if check.value is not None:
        fields["value"] = _value(check.value)
    if check.shows is not None:
        fields["shows"] = _selector(check.shows)
    if anomaly:
        fields |= {"trend": check.trend, "severity": str(_severity(check))}
        fields |= {} if check.confirmed is None else {"confirmed": str(check.confirmed)}
    else:
        fields["compare"] = str(check.compare)
        fields["limits"] = {str(severity): limit for severity, limit in check.limits.items()}
    fields |= {"blocking": True} if check.blocking else {}
    fields |= {"explains": list(check.explains)} if check.explains else {}
    fields |= {"area": check.area} if check.area != OTHER_AREA else {}
    fields |= {"owner": check.owner, "summary": check.summary, "impact": check.impact}
    fields["resolution"] = list(check.resolution)
    fields |= {"runbook": check.runbook} if check.runbook != check.name else {}
    return fields


def _severity(check: Check) -> Severity:
    """Return the severity of an unconfirmed anomaly."""
    return next((one for one in check.limits if one is not check.confirmed), Severity.WARNING)


def _value(value: Value) -> Fields:
    fields = _selector(value.selector)
    for key, other in (("minus", value.minus), ("per", value.per)):
        fields |= {} if other is None else {key: _selector(other)}
    fields |= {"absolute": True} if value.absolute else {}
    fields |= {} if value.when is None else {"when": _guard(value.when)}
    fields |= {} if value.after_due_seconds is None else {"after_due": value.after_due_seconds}
    return fields


def _guard(guard: Guard) -> Fields:
    return _selector(guard.selector) | {"compare": str(guard.compare), "limit": guard.limit}


def _selector(selector: Selector) -> Fields:
    labels: Mapping[str, Any] = {
        label: values[0] if len(values) == 1 else list(values) for label, values in selector.labels.items()
    }
    return {"metric": selector.metric} | ({"labels": labels} if labels else {})
