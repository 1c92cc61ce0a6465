"""Read the configuration file, or say what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.checks.catalogue import CatalogueError, load_catalogue
from exporter.checks.check import Check
from exporter.config.schema import ConfigSpec
from exporter.discover.calendar import Calendar
from exporter.document import Document, read_document
from exporter.history.detection import Event
from exporter.history.trend import TRENDS, Trend
from exporter.metric import Settings
from exporter.nearest import did_you_mean
from exporter.strict import Problem


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration, validated and turned into the plain values that the stages take."""

    written: ConfigSpec
    calendar: Calendar
    figures: Settings
    trends: tuple[Trend, ...]
    checks: tuple[Check, ...]
    events: tuple[Event, ...] = ()


def load_config(path: Path | None) -> Config:
    """Read ``path``, or take the defaults where it is ``None``. Raises InvalidFileError."""
    return build_config(Document("defaults", {}) if path is None else read_document(path))


def build_config(document: Document) -> Config:
    """Validate what is written. Raises InvalidFileError, which names everything that is wrong."""
    spec, problems = document.examine(ConfigSpec)
    bands = {trend.name: trend.band for trend in TRENDS}
    for name, trend in (spec.trends if spec is not None else {}).items():
        try:
            bands[name] = trend.over(bands[name])
        except KeyError:
            reason = f"there is no such trend (there are {', '.join(bands)}){did_you_mean(name, bands)}"
            problems.append(Problem(("trends", name), reason))
        except ValueError as error:
            problems.append(Problem(("trends", name), str(error)))
    checks: tuple[Check, ...] = ()
    written = document.value.get("checks")
    named = written.items() if isinstance(written, Mapping) else ()
    try:
        checks = load_catalogue({name: check for name, check in named if isinstance(name, str)}, bands)
    except CatalogueError as error:
        problems += error.problems
    if spec is None or problems or document.twice:
        raise document.refuse(problems)
    return Config(
        written=spec,
        calendar=Calendar(
            zone=ZoneInfo(spec.calendar.timezone),
            due_time=spec.calendar.due_time,
            window_days=spec.calendar.window_days,
            alert_days=spec.calendar.alert_days,
            start_date=spec.calendar.start_date,
        ),
        figures=Settings(
            known_events=tuple(spec.data.known_events),
            most_label_values=spec.data.most_label_values,
            task_limits={name: task.max_duration for name, task in spec.tasks.by_name.items()},
            task_limit=spec.tasks.max_duration,
            slow_factor=spec.tasks.slow_factor,
            slow_floor=spec.tasks.slow_floor,
            unended_after=spec.tasks.unended_after,
        ),
        trends=tuple(replace(trend, band=bands[trend.name]) for trend in TRENDS),
        checks=checks,
        events=tuple(event.event() for event in spec.calendar.events),
    )


def links_warning(config: Config) -> str | None:
    """Say which links lead nowhere for anybody else, ``None`` where all are set."""
    unset = config.written.links.unset
    if not unset:
        return None
    names = ", ".join(f"links.{name}" for name in unset)
    return f"{names}: as shipped, so messages lead to this machine; set {'it' if len(unset) == 1 else 'them'}"
