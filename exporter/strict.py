"""What every written form of the configuration shares: unknown keys are errors, durations have units."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from exporter.nearest import did_you_mean

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Strict(BaseModel):
    """A part of the configuration: an unknown key is an error, and nothing can change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def parse_duration(value: object) -> object:
    """Read ``90s``, ``15m``, ``2h``, ``1d`` or a number of seconds; anything else is left to be refused."""
    if isinstance(value, bool):
        raise ValueError("not a duration, write for instance 90s, 15m, 2h or 1d")  # noqa: TRY004  pydantic's way
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|d)", value.strip())
    if match is None:
        raise ValueError("not a duration, write for instance 90s, 15m, 2h or 1d")
    return float(match[1]) * UNITS[match[2]]


Seconds = Annotated[float, BeforeValidator(parse_duration), Field(ge=0, le=10 * 365 * 86400)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def printable(value: str) -> str:
    """Refuse what would break a line of an alert, a rule or a log; for use as a validator."""
    if not value.isprintable():
        raise ValueError("one line of characters that can be printed")
    return value


Line = Annotated[str, Field(min_length=1, pattern=r"^[^\n]+$"), AfterValidator(printable)]


def first_problem(error: ValidationError, written: type[BaseModel] | None = None) -> tuple[str, str]:
    """Return the key and the reason of the first thing that pydantic found wrong.

    ``written`` is the model that was read; with it an unknown key comes with the nearest known one.
    """
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return key, f"unknown key{_nearest(problem['loc'], written)}"
    reason = problem["msg"].removeprefix("Value error, ")
    return key, reason[:1].lower() + reason[1:]


def _nearest(place: Sequence[int | str], written: type[BaseModel] | None) -> str:
    models = [] if written is None else [written]
    for part in place[:-1]:
        fields = [model.model_fields[str(part)] for model in models if str(part) in model.model_fields]
        if fields:  # else the key of a mapping, or the place in a list: the models are those of its values
            models = [found for field in fields for found in _models(field.annotation)]
    known = {field.alias or name for model in models for name, field in model.model_fields.items()}
    return did_you_mean(str(place[-1]), known)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
