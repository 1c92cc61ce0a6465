"""Renders templates as pages. All values are escaped, unless they are markup already."""

from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

import exporter
from exporter.checks.units import duration
from exporter.model import NANOSECONDS
from exporter.pages.assets import ASSETS
from exporter.pages.grid import MARKS, cells_markup, heads_markup

UNKNOWN = "\N{EN DASH}"
SEVERITIES = ("ok", "warning", "critical")  # that have a colour in the style
FOLDER = files(__package__) / "templates"


def render(template: str, **model: object) -> bytes:
    """Return a page as UTF-8; lone surrogates, possible in paths, become question marks."""
    return environment().get_template(template).render(**model).encode("utf-8", "replace")


@cache
def environment() -> Environment:
    """Return the templates, each read and compiled once."""
    made = Environment(
        loader=FunctionLoader(lambda name: (FOLDER / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "instant": instant,
        "known": known,
        "spell": spell,
        "tone": tone,
        "cells": cells_markup,
        "heads": heads_markup,
        "weekday": weekday,
    }
    made.globals |= {
        "assets": ASSETS,
        "marks": MARKS,
        "version": exporter.__version__,
        "UNKNOWN": UNKNOWN,
    }
    return made


def tone(status: str) -> str:
    """Return the class that colours a status."""
    return status if status in SEVERITIES else "quiet"


def instant(value: datetime | float | None) -> str:
    """Format an instant in UTC, to the minute; a number is nanoseconds since the epoch."""
    if value is None:
        return UNKNOWN
    moment = value if isinstance(value, datetime) else datetime.fromtimestamp(value / NANOSECONDS, UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def known(value: float | None, form: str = ",") -> str:
    """Format a number, or a dash if unknown."""
    return UNKNOWN if value is None else format(value, form)


def spell(seconds: float | None) -> str:
    """Format a duration, or a dash if unknown."""
    return UNKNOWN if seconds is None else duration(seconds)


def weekday(day: date) -> str:
    """Name the day of the week, in three letters."""
    return f"{day:%a}"
