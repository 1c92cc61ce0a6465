"""The written form of what decides about trends: limits, methods, and days that are known to differ."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from exporter.history.detection import Event, Expect, Method
from exporter.history.reach import impossible
from exporter.history.trend import Band, DayTested, Direction
from exporter.strict import Line, Number, Strict

Ratio = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
LONGEST_EVENT = 366


class BandSpec(Strict):
    """When a trend's value is anomalous; what is not written stays as it ships."""

    sigma: Positive | None = None
    min_deviation: Ratio | None = None
    max_deviation: Ratio | None = None
    direction: Direction | None = None
    min_change: Ratio | None = None
    tested_day: DayTested | None = None
    method: Method | None = None
    score: Positive | None = None
    level_score: Positive | None = None
    min_spread: Ratio | None = None
    min_count: Ratio | None = None

    def over(self, shipped: Band) -> Band:
        """Lay what is written over the shipped band; raises ValueError where the two do not go together."""
        written = {name: value for name, value in self.model_dump().items() if value is not None}
        band = replace(shipped, **written)
        if band.min_deviation > band.max_deviation:
            raise ValueError("min_deviation is larger than max_deviation")
        if band.method not in {shipped.method, Method.AVERAGE}:
            raise ValueError(f"method: this trend can be judged by {shipped.method} or average")
        reason = impossible(band)
        if reason is not None:
            raise ValueError(reason)
        return band


def _spelled_out(value: object) -> object:
    return value if isinstance(value, list) else [value]


class SpanSpec(Strict):
    """Days in a row, both ends included."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 <= (self.last - self.first).days <= LONGEST_EVENT:
            raise ValueError(f"to is before from, or more than {LONGEST_EVENT} days after it")
        return self

    def days(self) -> list[date]:
        """Return the days one by one."""
        return [self.first + timedelta(days=day) for day in range((self.last - self.first).days + 1)]


DayOrSpan = Annotated[
    Annotated[date, Tag("day")] | Annotated[SpanSpec, Tag("span")],
    Discriminator(lambda written: "span" if isinstance(written, Mapping) else "day"),
]
Dates = Annotated[list[DayOrSpan], BeforeValidator(_spelled_out), Field(min_length=1)]


class EventSpec(Strict):
    """Days that are known beforehand to differ from others: a promotion, a holiday."""

    name: Line
    dates: Dates
    expect: Expect = Expect.ANY

    def event(self) -> Event:
        """Return what it stands for."""
        days: list[Any] = []
        for entry in self.dates:
            days += entry.days() if isinstance(entry, SpanSpec) else [entry]
        return Event(self.name, frozenset(days), self.expect)
