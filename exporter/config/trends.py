"""Days known to differ, as written."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from exporter.history.detection import Event, Expect
from exporter.strict import Line, Strict

LONGEST_EVENT = 366


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
    """Days known in advance to differ: a promotion, a holiday."""

    name: Line
    dates: Dates
    expect: Expect = Expect.ANY

    def event(self) -> Event:
        """Return the event that it describes."""
        days: list[Any] = []
        for entry in self.dates:
            days += entry.days() if isinstance(entry, SpanSpec) else [entry]
        return Event(self.name, frozenset(days), self.expect)
