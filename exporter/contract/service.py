"""A contract's service levels: when a day's files are due."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from zoneinfo import ZoneInfo

from exporter.contract.node import Node, Value
from exporter.feed import WEEKDAYS, Service
from exporter.model import Stage

UNITS: Mapping[str, float] = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}
DAY_SECONDS = 86400.0
LONGEST_GRACE = 31 * DAY_SECONDS
CLOCK = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?\s*(?P<zone>\S.*)?")
OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})")


@dataclass(frozen=True, slots=True)
class _Levels:
    stages: Mapping[str, Stage]  # by table name

    def stage(self, level: Node) -> Stage | None:
        """Return the stage of a level, or ``None`` if it names no existing one."""
        element = level.text("element")
        if element is None:
            return None
        first = element.split(",")[0].strip()
        names = sorted((name for name in self.stages if f"{first}.".startswith(f"{name}.")), key=len)
        found = self.stages[names[-1]] if names else None
        if found is None:
            level.beyond(f"there is no table {element!r}, so it is ignored", "element")
        return found


def service_of(contract: Node, own: Mapping[str, Value], stages: Mapping[str, Stage]) -> Service:
    """Return the service levels; what is missing in the contract keeps its default."""
    service, levels = Service(), _Levels(stages)
    if "weekdays" in own:
        service = replace(service, weekdays=_weekdays(own["weekdays"]))
    seen: set[str] = set()
    for level in contract.nodes("slaProperties"):
        name = level.text("property") or ""
        days = level.own("service level")
        if "weekdays" in days:
            if name == "frequency":
                service = replace(service, weekdays=_weekdays(days["weekdays"]))
            else:
                days["weekdays"].wrong("weekdays apply to the frequency only")
        read = READERS.get(name)
        if read is not None:
            known = read(level, service, levels)
            if known is not service and name in seen:
                level.wrong(f"{name} appears twice", "property")
            seen |= {name} if known is not service else set()
            service = known
        elif name != "retention" and name:
            level.beyond(f"{name} is not watched", "property")
    return service


def _weekdays(value: Value) -> frozenset[str]:
    found = []
    for index, word in enumerate(value.words()):
        day = word[:3].title()
        if day in WEEKDAYS and word.lower() in {day.lower(), *_long(day)}:
            found.append(day)
        else:
            value.wrong(f"{word!r} is not one of {', '.join(WEEKDAYS)}", index)
    return frozenset(found) or Service().weekdays


def _long(day: str) -> tuple[str, ...]:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return (names[WEEKDAYS.index(day)],)


def _frequency(level: Node, service: Service, _: _Levels) -> Service:
    unit = (level.text("unit") or "d").strip()
    value = level.value.get("value")
    try:
        seconds = (1.0 if value == "daily" else float(str(value))) * UNITS.get(unit.lower(), 0.0)
    except ValueError:
        seconds = 0.0
    if seconds != DAY_SECONDS:
        level.wrong("this tool judges days: write value 1 and unit d", "value")
    return service


def _time_of_availability(level: Node, service: Service, levels: _Levels) -> Service:
    stage = levels.stage(level)
    if level.text("element") is not None and stage is not Stage.RAW:
        if stage is not None:
            level.beyond("only raw files have a due time; use latency for the others", "element")
        return service
    written = level.value.get("value")
    if isinstance(written, int) and not isinstance(written, bool):
        written = f"{written // 60:02d}:{written % 60:02d}"  # YAML 1.1 reads 10:30 as a number of base 60
    match = CLOCK.fullmatch(str(written).strip())
    if match is None:
        level.wrong("not a time of day such as 06:00 Europe/Berlin", "value")
        return service
    try:
        due = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        level.wrong(f"{str(written).split()[0]} is not a time of day", "value")
        return service
    zone = "UTC" if match["zone"] is None else _zone(match["zone"].strip())
    if zone is None:
        level.wrong(f"{match['zone']!r} is not an IANA timezone", "value")
        return service
    return replace(service, due_time=due, zone=zone)


def _zone(name: str) -> str | None:
    """Return the timezone of a name, or of an offset in whole hours, whose name has the opposite sign."""
    offset = OFFSET.fullmatch(name)
    if name in {"Z", "z"} or (offset and not int(offset["hours"]) and not int(offset["minutes"])):
        return "UTC"
    if offset is not None:
        turned = "-" if offset["sign"] == "+" else "+"
        name = f"Etc/GMT{turned}{int(offset['hours'])}" if not int(offset["minutes"]) else name
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
    return name


def _latency(level: Node, service: Service, levels: _Levels) -> Service:
    stage = levels.stage(level)
    named = level.text("element") is not None
    others = [known for known in levels.stages.values() if known is not Stage.RAW]
    seconds = _seconds(level)
    if (stage in {None, Stage.RAW} and named) or not others:
        if stage is Stage.RAW or not named:
            level.beyond("the age of raw rows is not watched; timeOfAvailability says when they are due")
        return service
    return service if seconds is None else replace(service, grace_seconds=seconds)


def _seconds(level: Node) -> float | None:
    unit = (level.text("unit") or "").strip()
    if unit not in UNITS and unit.lower() not in UNITS:
        level.wrong(f"write the unit as s, m, h or d, not {unit!r}", "unit")
        return None
    try:
        seconds = float(str(level.value.get("value"))) * UNITS.get(unit, UNITS.get(unit.lower(), 0.0))
    except ValueError:
        level.wrong("must be a number", "value")
        return None
    if not 0 <= seconds <= LONGEST_GRACE:
        level.wrong("must be between 0 and 31 days", "value")
        return None
    return seconds


Reader = Callable[[Node, Service, _Levels], Service]
READERS: Mapping[str, Reader] = {
    "frequency": _frequency,
    "timeOfAvailability": _time_of_availability,
    "latency": _latency,
}


def weekdays_written(weekdays: frozenset[str]) -> Sequence[str]:
    """Return the days in the week's order."""
    return [day for day in WEEKDAYS if day in weekdays]
