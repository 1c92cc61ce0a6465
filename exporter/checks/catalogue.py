"""The checks in force: the package's catalogue with the user's overrides laid over it."""

import fnmatch
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

import yaml
from pydantic import ValidationError

from exporter.checks.check import Check, Origin
from exporter.checks.spec import CheckSpec
from exporter.document import FastLoader
from exporter.errors import UserError
from exporter.history.trend import Band
from exporter.nearest import did_you_mean
from exporter.strict import Problem, problems_of

CONTRACT: Mapping[str, Any] = {"alert": "PuffyContractCheck", "runbook": "contract_check"}
"""What every check that a contract adds has in common."""


class CatalogueError(UserError):
    """Checks that cannot be used: ``problems`` says where in the configuration, and why, for each mistake."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.key}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


NOTHING: Mapping[str, Any] = {}


def load_catalogue(
    bands: Mapping[str, Band],
    overrides: Mapping[str, Any] = NOTHING,
    contract: Mapping[str, Any] = NOTHING,
    words: Mapping[str, str] = NOTHING,
) -> tuple[Check, ...]:
    """Return the checks in force: the catalogue's in its order, then the contract's, then added ones.

    ``bands`` are those of the feed's trends; catalogue checks on other trends are left out. A trend without a
    check gets one, worded by ``words``. ``contract`` holds the checks of the feed's contract
    and ``overrides`` those of the configuration, both as written.
    Raises CatalogueError, which names every mistake.
    """
    written = {name: fields for name, fields in shipped().items() if _has_trend(fields, bands)}
    for name, fields in contract.items():
        written[name] = merge(written[name], fields) if name in written else {**fields, **CONTRACT}
    judged = {fields.get("trend") for fields in written.values()}
    written |= {f"anomaly_{trend}": _on_trend(trend, words) for trend in bands if trend not in judged}
    own = written.keys() - shipped().keys()
    problems = []
    for name, override in overrides.items():
        if isinstance(override, Mapping):
            written[name] = merge(written.get(name, {}), override)
        else:
            problems.append(Problem(("checks", name), "not a mapping of a check's fields"))
    checks = []
    for name, fields in written.items():
        found = _check(name, fields, bands)
        if isinstance(found, Check):
            checks.append(replace(found, origin=Origin.CONTRACT) if name in own else found)
        else:
            problems += found
    explained = {check.name: _explained(check, written) for check in checks}
    problems += [*_doubles(checks), *chain.from_iterable(wrong for _, wrong in explained.values())]
    if problems:
        raise CatalogueError(problems)
    return tuple(_with(check, explained[check.name][0]) for check in checks)


def _with(check: Check, explains: tuple[str, ...]) -> Check:
    return check if check.explains == explains else replace(check, explains=explains)


def _has_trend(fields: Mapping[str, Any], bands: Mapping[str, Band]) -> bool:
    return fields.get("trend") is None or fields["trend"] in bands


def _on_trend(trend: str, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the check on a trend that a contract adds: a warning, as it is untested on this feed."""
    return {
        "alert": "PuffyTrendAnomaly",
        "trend": trend,
        "owner": "data-engineering",
        "summary": f"{words.get(trend, trend)} differs strongly from the days before.",
        "impact": "Users of this figure see a change that may have nothing to do with the business.",
        "resolution": [
            "Compare the day with those before it, on the partition's page or with explain.",
            "If the change is real, acknowledge the day; if not, have the day exported again.",
        ],
        "runbook": "trend_anomaly",
    }


def _explained(check: Check, written: Mapping[str, Any]) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the names that a check's patterns match, and any mistakes in the patterns."""
    found: dict[str, None] = {}
    problems = []
    for pattern in check.explains:
        exact = [pattern] if pattern in written else []  # by far the most common case, and a filter is slow
        names = exact if pattern.isidentifier() else _matching(pattern, written)
        if not names and _shipped_matching(pattern):
            continue  # of a check that does not apply to this feed
        if not names or check.name in names:
            reason = "itself" if names else f"no check is called {pattern!r}"
            problems.append(Problem(("checks", check.name, "explains"), reason))
        found.update(dict.fromkeys(names))
    return tuple(found), problems


def _matching(pattern: str, written: Mapping[str, Any]) -> list[str]:
    """Return the matching names in order, those of the package's checks first."""
    own = [name for name in written if name not in shipped()]
    return [*(name for name in _shipped_matching(pattern) if name in written), *fnmatch.filter(own, pattern)]


@lru_cache(maxsize=256)
def _shipped_matching(pattern: str) -> tuple[str, ...]:
    return tuple(fnmatch.filter(shipped(), pattern))


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the catalogue of the package as written."""
    text = files("exporter.checks").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    written: Mapping[str, Mapping[str, Any]] = yaml.load(text, Loader=FastLoader)  # noqa: S506  a SafeLoader
    return written


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge one mapping into another, level by level; other values replace."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def _check(name: str, fields: Mapping[str, Any], bands: Mapping[str, Band]) -> Check | list[Problem]:
    """Return the check, or what is wrong with it; nothing if it is just disabled."""
    if fields is shipped().get(name) and fields.get("trend") is None:
        return _as_shipped(name)
    try:
        spec = CheckSpec.model_validate(fields)
        return spec.check(name, bands) if spec.enabled else []
    except ValidationError as error:
        problems = list(problems_of(error, CheckSpec, "checks", name))
        hint = "" if name in shipped() else did_you_mean(name, shipped())
        if hint:  # a misspelt name looks like a new check without most of its required fields
            return [replace(problems[0], reason=problems[0].reason + hint)]
        return problems
    except ValueError as error:
        return [Problem(("checks", name, "trend"), str(error))]


@cache
def _as_shipped(name: str) -> Check:
    """Return a shipped check on a value, without overrides: the same for every feed."""
    return CheckSpec.model_validate(shipped()[name]).check(name, {})


def _doubles(checks: Sequence[Check]) -> Iterator[Problem]:
    own = [check for check in checks if check.origin is Origin.CATALOGUE]  # those of contracts share one
    count = Counter(check.alert for check in own)
    for check in own:
        if count[check.alert] > 1:
            yield Problem(("checks", check.name, "alert"), f"{check.alert} names more than one check")
