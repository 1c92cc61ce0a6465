"""The checks in force: the package's catalogue with the user's overrides laid over it."""

import fnmatch
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from exporter.checks.check import Check
from exporter.checks.spec import CheckSpec
from exporter.errors import UserError
from exporter.history.trend import TRENDS, Band
from exporter.nearest import did_you_mean
from exporter.strict import first_problem

DEFAULT_BANDS: Mapping[str, Band] = {trend.name: trend.band for trend in TRENDS}


class CatalogueError(UserError):
    """A check that cannot be used; ``key`` says where in the configuration, ``reason`` why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key, self.reason = key, reason


def load_catalogue(
    overrides: Mapping[str, Any] | None = None, bands: Mapping[str, Band] = DEFAULT_BANDS
) -> tuple[Check, ...]:
    """Return the checks in force, in the catalogue's order, added ones last.

    Raises CatalogueError naming key and reason.
    """
    written = {**shipped()}
    for name, override in (overrides or {}).items():
        if not isinstance(override, Mapping):
            raise CatalogueError(f"checks.{name}", "not a mapping of a check's fields")
        written[name] = merge(written.get(name, {}), override)
    checks = tuple(check for name, fields in written.items() if (check := _check(name, fields, bands)))
    _refuse_doubles(checks)
    return tuple(replace(check, explains=_explained(check, written)) for check in checks)


def _explained(check: Check, written: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names that a check's patterns stand for."""
    found: dict[str, None] = {}
    for pattern in check.explains:
        names = fnmatch.filter(written, pattern)
        if not names or check.name in names:
            reason = "itself" if names else f"no check is called {pattern!r}"
            raise CatalogueError(f"checks.{check.name}.explains", reason)
        found.update(dict.fromkeys(names))
    return tuple(found)


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the catalogue of the package as written."""
    text = files("exporter.checks").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    written: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return written


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another, level by level; what is no mapping replaces."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def _check(name: str, fields: Mapping[str, Any], bands: Mapping[str, Band]) -> Check | None:
    try:
        spec = CheckSpec.model_validate(fields)
        return spec.check(name, bands) if spec.enabled else None
    except ValidationError as error:
        key, reason = first_problem(error, CheckSpec)
        hint = "" if name in shipped() else did_you_mean(name, shipped())
        raise CatalogueError(".".join(filter(None, ("checks", name, key))), reason + hint) from None
    except ValueError as error:
        raise CatalogueError(f"checks.{name}.trend", str(error)) from None


def _refuse_doubles(checks: tuple[Check, ...]) -> None:
    count = Counter(check.alert for check in checks)
    for check in checks:
        if count[check.alert] > 1:
            raise CatalogueError(f"checks.{check.name}.alert", f"{check.alert} names more than one check")
