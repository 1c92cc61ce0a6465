"""The written form of a trend's limits and method."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from exporter.history.detection import Method
from exporter.history.reach import impossible
from exporter.history.trend import Band, DayTested, Direction
from exporter.strict import Number, Strict

Ratio = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]


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
