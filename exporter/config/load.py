"""Read the configuration file, or say what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.checks.applies import applies
from exporter.checks.catalogue import CatalogueError, load_catalogue, shipped
from exporter.checks.check import Check
from exporter.config.schema import ConfigSpec
from exporter.discover.calendar import Calendar
from exporter.document import Document, read_document
from exporter.feed import WEEKDAYS, Feed, Service
from exporter.history.detection import Event
from exporter.history.followed import figure_words, trends_of
from exporter.history.trend import Trend
from exporter.metric import Settings
from exporter.nearest import did_you_mean
from exporter.strict import Problem


@dataclass(frozen=True, slots=True)
class Config:
    """A feed and the configuration over it, validated and turned into the plain values that stages take."""

    feed: Feed
    written: ConfigSpec
    calendar: Calendar
    figures: Settings
    trends: tuple[Trend, ...]
    checks: tuple[Check, ...]
    events: tuple[Event, ...] = ()


def load_config(path: Path | None, feed: Feed) -> Config:
    """Read ``path``, or use the defaults if it is ``None``. Raises InvalidFileError."""
    return build_config(read_settings(path), feed)


def read_settings(path: Path | None) -> Document:
    """Read a configuration that is not yet merged over a contract. Raises InvalidFileError."""
    return Document("defaults", {}) if path is None else read_document(path)


def build_config(document: Document, feed: Feed) -> Config:
    """Validate a configuration, and merge it over the feed's contract.

    Raises InvalidFileError, which lists every mistake.
    """
    spec, problems = document.examine(ConfigSpec)
    trends = {trend.name: trend for trend in trends_of(feed)}
    for name, band in (spec.trends if spec is not None else {}).items():
        try:
            trends[name] = replace(trends[name], band=band.over(trends[name].band))
        except KeyError:
            reason = f"no such trend (known: {', '.join(trends)}){did_you_mean(name, trends)}"
            problems.append(Problem(("trends", name), reason))
        except ValueError as error:
            problems.append(Problem(("trends", name), str(error)))
    checks: tuple[Check, ...] = ()
    written = document.value.get("checks")
    named = written.items() if isinstance(written, Mapping) else ()
    try:
        checks = load_catalogue(
            {trend.name: trend.band for trend in trends.values()},
            {name: check for name, check in named if isinstance(name, str)},
            checks_of(feed),
            figure_words(feed),
        )
    except CatalogueError as error:
        problems += error.problems
    problems += _unknown_columns(checks, feed)
    if spec is None or problems or document.twice:
        raise document.refuse(problems)
    feed = _adapted(feed, spec)
    return Config(
        feed=feed,
        written=spec,
        calendar=Calendar(
            zone=ZoneInfo(spec.calendar.timezone or feed.service.zone),
            due_time=spec.calendar.due_time or feed.service.due_time,
            window_days=spec.calendar.window_days,
            alert_days=spec.calendar.alert_days,
            start_date=spec.calendar.start_date,
            weekdays=frozenset(WEEKDAYS.index(day) for day in feed.service.weekdays),
        ),
        figures=Settings(
            feed=feed,
            known_events=_known_events(feed, spec),
            most_label_values=spec.data.most_label_values,
            task_limits={name: task.max_duration for name, task in spec.tasks.by_name.items()},
            task_limit=spec.tasks.max_duration,
            slow_factor=spec.tasks.slow_factor,
            slow_floor=spec.tasks.slow_floor,
            unended_after=spec.tasks.unended_after,
        ),
        trends=tuple(trends.values()),
        checks=tuple(check for check in checks if applies(check, feed)),
        events=tuple(event.event() for event in spec.calendar.events),
    )


def _unknown_columns(checks: Iterable[Check], feed: Feed) -> Iterator[Problem]:
    """Yield the mistakes of checks that the configuration points at a missing column."""
    required = {name for table in feed.tables.values() for name in table.required}
    named = {column.name for table in feed.tables.values() for column in table.columns}
    columns = {"field": required, "column": named}
    for check in checks:
        if check.value is None or columns.keys().isdisjoint(check.value.selector.labels) or _ships_so(check):
            continue
        selector = check.value.selector
        for label, known in columns.items():
            wrong = [name for name in selector.labels.get(label, ()) if name not in known]
            if wrong:
                words = f"label {label} of {selector.metric} must be one of {', '.join(sorted(known))}"
                yield Problem(("checks", check.name, "value"), f"{words}, not {wrong[0]!r}")


def _ships_so(check: Check) -> bool:
    """Return whether a check uses the column given in the catalogue, for any feed."""
    written = shipped().get(check.name, {}).get("value", {}).get("labels", {})
    return check.value is not None and any(
        written.get(label) in (values[0], list(values))
        for label, values in check.value.selector.labels.items()
        if label in {"field", "column"}
    )


def checks_of(feed: Feed) -> dict[str, Mapping[str, object]]:
    """Return the checks in the contract: its own, and those on when the later stages are due."""
    own: dict[str, Mapping[str, object]] = {**feed.checks}
    if feed.service.grace_seconds != Service().grace_seconds and "stage_missing" not in own:
        own["stage_missing"] = {"value": {"after_due": feed.service.grace_seconds}}
    return own


def _adapted(feed: Feed, spec: ConfigSpec) -> Feed:
    """Return the feed with the configuration's aliases of columns, if any."""
    aliases = spec.data.column_aliases
    if aliases is None:
        return feed
    named: dict[str, tuple[str, ...]] = {}
    for alias, name in aliases.items():
        named[name] = (*named.get(name, ()), alias)
    tables = {
        stage: replace(
            table,
            columns=tuple(replace(column, aliases=named.get(column.name, ())) for column in table.columns),
        )
        for stage, table in feed.tables.items()
    }
    return replace(feed, tables=tables)


def _known_events(feed: Feed, spec: ConfigSpec) -> tuple[str, ...]:
    """Return the expected event names: the configuration's, otherwise those that the contract allows."""
    if spec.data.known_events is not None:
        return tuple(spec.data.known_events)
    column = feed.raw.column("event_name")
    return () if column is None else column.limits.values or ()


def links_warning(config: Config) -> str | None:
    """Describe which links still point to this machine, or return ``None`` if all are set."""
    return unset_links(config.written)


def unset_links(written: ConfigSpec) -> str | None:
    """Do the same for a configuration without a feed."""
    unset = written.links.unset
    if not unset:
        return None
    names = ", ".join(f"links.{name}" for name in unset)
    them = "it" if len(unset) == 1 else "them"
    return f"{names}: still the shipped defaults, so messages link to this machine; set {them}"
