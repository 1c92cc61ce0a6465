"""Read the configuration file, or say in one line what is wrong with it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError

from exporter.checks.catalogue import CatalogueError, load_catalogue
from exporter.checks.check import Check
from exporter.config.schema import ConfigSpec
from exporter.discover.calendar import Calendar
from exporter.errors import UserError
from exporter.figures.metric import Settings
from exporter.history.detection import Event
from exporter.history.trend import TRENDS, Trend
from exporter.strict import first_problem


class ConfigError(UserError):
    """A configuration that cannot be used: names file, key and reason in one line."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file, key, reason) if part))
        self.file, self.key, self.reason = file, key, reason


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
    """Read ``path``, or take the defaults where it is ``None``. Raises ConfigError."""
    if path is None:
        return build_config({}, "defaults")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(str(path), "", (error.strerror or str(error)).lower()) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "", f"not UTF-8 at byte {error.start}") from None
    return build_config(parse_yaml(text, str(path)), str(path))


def build_config(written: Mapping[str, Any], file: str) -> Config:
    """Validate what is written; ``file`` is what errors call it."""
    try:
        spec = ConfigSpec.model_validate(written)
    except ValidationError as error:
        raise ConfigError(file, *first_problem(error, ConfigSpec)) from None
    bands = {trend.name: trend.band for trend in TRENDS}
    for name, trend in spec.trends.items():
        try:
            bands[name] = trend.over(bands[name])
        except ValueError as error:
            raise ConfigError(file, f"trends.{name}", str(error)) from None
    try:
        checks = load_catalogue(spec.checks, bands)
    except CatalogueError as error:
        raise ConfigError(file, error.key, error.reason) from None
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


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML lets a key stand twice and takes the last one; here that is a mistake worth a line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  pyyaml's signature
        seen: set[object] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.tag != "tag:yaml.org,2002:merge":
                if key_node.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"key {key_node.value!r} stands twice", problem_mark=key_node.start_mark
                    )
                seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


def parse_yaml(text: str, file: str) -> Mapping[str, Any]:
    """Read one YAML mapping; an empty file is an empty one. Raises ConfigError with the line."""
    try:
        written = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506  it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}" if mark else ""
        raise ConfigError(file, where, error.problem or "not YAML") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(file, "", " ".join(str(error).split()) or "not YAML") from None
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        raise ConfigError(file, "", "the file must hold a mapping of keys")
    return written
