"""What all parts of the configuration share: unknown keys are errors, durations have units."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from exporter.nearest import did_you_mean

Place = tuple[str | int, ...]  # the path of keys and list positions to a value

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file; an empty place means the whole file."""

    place: Place
    reason: str

    @property
    def key(self) -> str:
        """The place in words."""
        return ".".join(map(str, self.place))


class Strict(BaseModel):
    """A part of the configuration: unknown keys are errors, and values are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def parse_duration(value: object) -> object:
    """Read ``90s``, ``15m``, ``2h``, ``1d`` or a number of seconds; anything else is left to validation."""
    if isinstance(value, bool):
        raise ValueError("not a duration such as 90s, 15m, 2h or 1d")  # noqa: TRY004  pydantic's way
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|d)", value.strip())
    if match is None:
        raise ValueError("not a duration such as 90s, 15m, 2h or 1d")
    return float(match[1]) * UNITS[match[2]]


Seconds = Annotated[float, BeforeValidator(parse_duration), Field(ge=0, le=10 * 365 * 86400)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def printable(value: str) -> str:
    """Reject what would break a line of an alert, a rule or a log; for use as a validator."""
    if not value.isprintable():
        raise ValueError("one line of characters that can be printed")
    return value


Line = Annotated[str, Field(min_length=1, pattern=r"^[^\n]+$"), AfterValidator(printable)]


def problems_of(error: ValidationError, written: type[BaseModel], *above: str | int) -> Iterator[Problem]:
    """Yield every mistake found by pydantic; ``above`` is the path to what was validated.

    ``written`` is the model: for an unknown key the nearest known one is suggested.
    """
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        place = tuple(part for part in problem["loc"] if part != "[key]")
        if problem["type"] == "extra_forbidden":
            reason = f"unknown key{_nearest(place, written)}"
        else:
            said = problem["msg"].removeprefix("Value error, ")
            reason = said[:1].lower() + said[1:]
        yield Problem((*above, *place), reason)


def _nearest(place: Place, written: type[BaseModel]) -> str:
    models = [written]
    for part in place[:-1]:
        fields = [model.model_fields[str(part)] for model in models if str(part) in model.model_fields]
        if fields:  # otherwise a mapping's key or a list position: the models are those of its values
            models = [found for field in fields for found in _models(field.annotation)]
    known = {field.alias or name for model in models for name, field in model.model_fields.items()}
    return did_you_mean(str(place[-1]), known)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
