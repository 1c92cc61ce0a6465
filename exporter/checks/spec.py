"""A check as written, validated key by key before use."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from exporter.checks.check import OTHER_AREA, Check, Compare, Guard, Kind, Selector, Severity, Value
from exporter.figures.table import BY_NAME
from exporter.history.detection import Method
from exporter.history.trend import Band
from exporter.metric import Metric
from exporter.strict import Line, Number, Seconds, Strict


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


LabelValues = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]


class SelectorSpec(Strict):
    """Samples of one metric."""

    metric: str
    labels: dict[str, LabelValues] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _exists(self) -> Self:
        metric = BY_NAME.get(self.metric)
        if metric is None:
            raise ValueError(f"there is no metric {self.metric!r}")
        for label, values in self.labels.items():
            _refuse_unknown(metric, label, values)
        return self

    def selector(self) -> Selector:
        """Return the selector that it describes."""
        return Selector(self.metric, {label: tuple(values) for label, values in self.labels.items()})


def _refuse_unknown(metric: Metric, label: str, values: list[str]) -> None:
    if label not in metric.labels:
        known = ", ".join(metric.labels) or "none beyond partition"
        raise ValueError(f"{metric.name} has no label {label!r} (it has {known})")
    choices = (metric.choices or {}).get(label)
    wrong = [value for value in values if choices is not None and value not in choices]
    if choices is not None and wrong:
        raise ValueError(
            f"label {label} of {metric.name} must be one of {', '.join(choices)}, not {wrong[0]!r}"
        )


class GuardSpec(SelectorSpec):
    """A condition on samples with the same free labels."""

    compare: Compare
    limit: Number


class ValueSpec(SelectorSpec):
    """What a threshold check judges."""

    minus: SelectorSpec | None = None
    per: SelectorSpec | None = None
    absolute: bool = False
    when: GuardSpec | None = None
    after_due: Seconds | None = None

    @model_validator(mode="after")
    def _joins(self) -> Self:
        own = set(BY_NAME[self.metric].labels)
        for other in (self.minus, self.per, self.when):
            if other is not None and not set(BY_NAME[other.metric].labels) <= own:
                raise ValueError(f"{other.metric} has labels that {self.metric} does not have")
        if self.minus is not None and self.per is not None:
            raise ValueError("minus and per are mutually exclusive")
        return self

    def value(self) -> Value:
        """Return the value that it describes."""
        when = self.when
        return Value(
            selector=self.selector(),
            minus=self.minus.selector() if self.minus else None,
            per=self.per.selector() if self.per else None,
            absolute=self.absolute,
            when=Guard(when.selector(), when.compare, when.limit) if when else None,
            after_due_seconds=self.after_due,
        )


class CheckSpec(Strict):
    """One check as written, complete: the package's defaults with the user's fields laid over them."""

    alert: Annotated[str, Field(pattern=r"^Puffy[A-Z][A-Za-z0-9]+$")]
    enabled: bool = True
    value: ValueSpec | None = None
    shows: SelectorSpec | None = None
    trend: str | None = None
    compare: Compare = Compare.ABOVE
    limits: dict[Severity, Number | None] = Field(default_factory=dict)
    severity: Severity = Severity.WARNING  # of an anomaly
    confirmed: Severity | None = None  # of one confirmed by its detector; null: the same
    blocking: bool = False
    explains: list[Line] = Field(default_factory=list)  # names of checks, * matches any letters
    area: Line = OTHER_AREA  # the heading it is listed under
    owner: Line
    summary: Line
    impact: Line
    resolution: Annotated[list[Line], Field(min_length=1)]
    runbook: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")] | None = None

    @model_validator(mode="after")
    def _decides(self) -> Self:
        if (self.value is None) == (self.trend is None):
            raise ValueError("a check has either a value and limits, or a trend")
        if self.shows is not None and len(self.shows.selector().named) != 1:
            raise ValueError(
                "shows: exactly one label besides the stage must be left free; its values are listed"
            )
        if self.trend is not None and self.limits:
            raise ValueError("a trend's limits are set under trends, not here")
        if self.trend is None and self.confirmed is not None:
            raise ValueError("only an anomaly of a trend can be confirmed")
        if self.confirmed is not None and self.confirmed.rank > self.severity.rank:
            raise ValueError("confirmed is less severe than severity")
        set_limits = self.set_limits()
        if self.value is not None and not set_limits and self.enabled:
            raise ValueError("no limit is set; write enabled: false to switch a check off")
        self._orders(set_limits)
        return self

    def _orders(self, limits: Mapping[Severity, float]) -> None:
        if len(limits) == len(Severity) and self.compare not in {Compare.EQUAL, Compare.UNEQUAL}:
            warning, critical = limits[Severity.WARNING], limits[Severity.CRITICAL]
            if warning != critical and self.compare.holds(warning, critical):
                raise ValueError(f"the critical limit {critical:g} is crossed before the warning {warning:g}")

    def set_limits(self) -> dict[Severity, float]:
        """Return the limits that are not switched off by a null."""
        return {severity: limit for severity, limit in self.limits.items() if limit is not None}

    def check(self, name: str, bands: Mapping[str, Band]) -> Check:
        """Return the check that it describes. Raises ValueError for a trend that does not exist."""
        if self.trend is not None and self.trend not in bands:
            raise ValueError(f"there is no trend {self.trend!r} (known: {', '.join(bands)})")
        band = bands[self.trend] if self.trend is not None else Band()
        confirmed = self._confirmed(band)
        return Check(
            name=name,
            alert=self.alert,
            kind=Kind.THRESHOLD if self.trend is None else Kind.ANOMALY,
            limits=self.set_limits() if self.trend is None else self._scores(band, confirmed),
            owner=self.owner,
            summary=self.summary,
            impact=self.impact,
            resolution=tuple(self.resolution),
            runbook=self.runbook or name,
            blocking=self.blocking,
            compare=self.compare,
            value=self.value.value() if self.value else None,
            shows=self.shows.selector() if self.shows else None,
            trend=self.trend,
            band=band,
            confirmed=confirmed,
            explains=tuple(self.explains),
            area=self.area,
        )

    def _confirmed(self, band: Band) -> Severity | None:
        return None if band.method is Method.AVERAGE or self.confirmed is self.severity else self.confirmed

    def _scores(self, band: Band, confirmed: Severity | None) -> dict[Severity, float]:
        return {self.severity: band.sigma} | ({} if confirmed is None else {confirmed: band.score})
