"""A trend's limits and method as written."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from exporter.history.detection import Method
from exporter.history.detectors.known import DETECTORS
from exporter.history.reach import impossible
from exporter.history.seasonal import WEEK
from exporter.history.trend import Band, DayTested, Direction
from exporter.strict import Number, Strict

Ratio = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]


class BandSpec(Strict):
    """When a trend's value is anomalous; missing fields keep their shipped values."""

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
    new_level_days: Annotated[Number, Field(ge=WEEK)] | None = None  # a week is needed to see one

    def over(self, shipped: Band) -> Band:
        """Override the shipped band with configured fields. Raises ValueError if they are inconsistent."""
        written = {name: value for name, value in self.model_dump().items() if value is not None}
        band = replace(shipped, **written)
        if band.min_deviation > band.max_deviation:
            raise ValueError("min_deviation is larger than max_deviation")
        _refuse_other_method(band.method, shipped.method)
        reason = impossible(band)
        if reason is not None:
            raise ValueError(reason)
        return band


def _refuse_other_method(method: Method, shipped: Method) -> None:
    """Raise ValueError for a detector of shares on a volume, the reverse, or one that is not installed."""
    same = {other for other in DETECTORS if other.of_logarithms is shipped.of_logarithms}
    known = sorted({shipped, *(same if shipped is not Method.AVERAGE else ())} - {Method.AVERAGE})
    if method not in {shipped, Method.AVERAGE, *known}:
        raise ValueError(f"method: this trend can be judged by {', '.join(known) or shipped} or average")
    missing = DETECTORS[method].missing() if method in DETECTORS else None
    if missing is not None:
        raise ValueError(f"method: {method} needs {missing}")
