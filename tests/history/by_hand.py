"""The detector of volumes once more: slow, one day at a time, and written from docs/detectors.md alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

GAP = 1e-9


@dataclass
class Day:
    """One day of the past: its place, and its logarithm."""

    week: int
    weekday: int  # 6 is the judged day's
    log: float
    new_level: bool
    segment: int = 0


def forecast(logs: Sequence[float | None], new_level_days: int, least: float) -> Mapping[str, float] | None:
    """Return expectation, spread and level for the day after ``logs``, whose newest is first."""
    oldest = max((lag for lag, log in enumerate(logs[:182], 1) if log is not None), default=0)
    weeks = oldest // 7
    if weeks < 2:
        return None
    days = [
        Day((lag - 1) // 7 + 1, (lag - 1) % 7, log, lag <= new_level_days)
        for lag, log in enumerate(logs[: 7 * weeks], 1)
        if log is not None
    ]
    lengths = [8] * (weeks // 8) + ([weeks % 8] if weeks % 8 else [])
    for day in days:
        day.segment = next(n for n in range(len(lengths)) if day.week <= sum(lengths[: n + 1]))
    return Model(days, lengths).forecast(weeks, least)


class Model:
    """Levels, growths, profile and step, improved five times."""

    def __init__(self, days: list[Day], lengths: list[int]) -> None:
        self.days, self.lengths = days, lengths
        self.level = [0.0] * len(lengths)
        self.growth = [0.0] * len(lengths)
        self.profile = [0.0] * 7
        self.step = 0.0
        self.grows = [length >= 4 for length in lengths]
        self.parameters = 6 + len(lengths) + sum(self.grows)
        self.start()
        self.scale = self.rough_scale()

    def line(self, day: Day) -> float:
        """Return level and growth on a day."""
        return self.level[day.segment] + self.growth[day.segment] * day.week

    def expected(self, day: Day) -> float:
        """Return all that the model says of a day."""
        return self.line(day) + self.profile[day.weekday] + (self.step if day.new_level else 0.0)

    def start(self) -> None:
        """Take medians."""
        rest = {}
        for number, length in enumerate(self.lengths):
            own = [day for day in self.days if day.segment == number]
            before = sum(self.lengths[:number])
            if self.grows[number]:
                half = length // 2
                known = {(day.week - before, day.weekday): day.log for day in own}
                changes = [
                    (known[week + half, place] - log) / half
                    for (week, place), log in known.items()
                    if week <= half and (week + half, place) in known
                ]
                self.growth[number] = median(changes) if changes else 0.0
            flat = {id(day): day.log - self.growth[number] * day.week for day in own}
            middle = median(flat.values()) if flat else 0.0
            rest |= {key: value - middle for key, value in flat.items()}
        for place in range(7):
            values = [rest[id(day)] for day in self.days if day.weekday == place]
            self.profile[place] = median(values) if values else 0.0
        for number in range(len(self.lengths)):
            values = [
                day.log - self.growth[number] * day.week - self.profile[day.weekday]
                for day in self.days
                if day.segment == number
            ]
            self.level[number] = median(values) if values else 0.0
        new = [day.log - self.expected(day) for day in self.days if day.new_level]
        self.step = median(new) if new else 0.0

    def correction(self) -> float:
        """Return the factor for what the parameters take away."""
        return math.sqrt(len(self.days) / max(len(self.days) - self.parameters, 1))

    def rough_scale(self) -> float:
        """Return the scale that weights are taken by."""
        sizes = sorted(abs(day.log - self.expected(day)) for day in self.days)
        if sum(self.lengths) >= 4:
            middle = 1.4826 * median(sizes)
        else:
            middle = sizes[math.ceil(0.75 * len(sizes)) - 1] / 1.1503
        return max(middle * self.correction(), 1e-6)

    def weights(self) -> dict[int, float]:
        """Return Tukey's bisquare of each day's residual."""
        sizes = {id(day): abs(day.log - self.expected(day)) / (4.685 * self.scale) for day in self.days}
        return {key: (1 - size**2) ** 2 if size < 1 else 0.0 for key, size in sizes.items()}

    def improve(self) -> None:
        """Fit everything once more, twice by the same weights."""
        weights = self.weights()
        for _ in range(2):
            self.fit_profile(weights)
            for number in range(len(self.lengths)):
                self.fit_line(number, weights)
            new = [day for day in self.days if day.new_level]
            mass = sum(weights[id(day)] for day in new)
            if mass > GAP:
                off = (
                    weights[id(day)] * (day.log - self.line(day) - self.profile[day.weekday]) for day in new
                )
                self.step = sum(off) / mass
        self.scale = self.rough_scale()

    def fit_profile(self, weights: Mapping[int, float]) -> None:
        """Take the weighted mean of what each weekday is off by."""
        fitted = list(self.profile)
        for place in range(7):
            own = [day for day in self.days if day.weekday == place]
            mass = sum(weights[id(day)] for day in own)
            if mass > GAP:
                off = (
                    weights[id(day)] * (day.log - self.line(day) - (self.step if day.new_level else 0.0))
                    for day in own
                )
                fitted[place] = sum(off) / mass
        self.profile = fitted

    def fit_line(self, number: int, weights: Mapping[int, float]) -> None:
        """Draw one segment's line by weighted least squares, its slope believed by what supports it."""
        own = [day for day in self.days if day.segment == number]
        mass, middle, spread = self.moments(number, weights)
        flat = [
            (day, day.log - self.profile[day.weekday] - (self.step if day.new_level else 0.0)) for day in own
        ]
        if self.grows[number]:
            slope = sum(weights[id(day)] * (day.week - middle) * rest for day, rest in flat) / spread
            significance = slope**2 * spread / self.scale**2
            self.growth[number] = slope * significance / (significance + 1)
        if mass > 2 * GAP:
            mean = sum(weights[id(day)] * rest for day, rest in flat) / mass
            self.level[number] = mean - self.growth[number] * middle

    def moments(self, number: int, weights: Mapping[int, float]) -> tuple[float, float, float]:
        """Return the weight of a segment, its mean week and the spread of its weeks."""
        own = [(day.week, weights[id(day)]) for day in self.days if day.segment == number]
        mass = sum(weight for _, weight in own) + GAP
        middle = sum(week * weight for week, weight in own) / mass
        return mass, middle, sum(weight * (week - middle) ** 2 for week, weight in own) + GAP

    def forecast(self, weeks: int, least: float) -> Mapping[str, float]:
        """Return what follows for the day itself."""
        for _ in range(5):
            self.improve()
        scale = self.biweight()
        widening = interpolated(weeks)
        tails = self.tails(scale) if weeks >= 5 else 1
        spread = scale * math.sqrt(1 + self.uncertainty()) * widening * tails
        recent = [day.log - self.expected(day) for day in self.days if day.week == 1 and day.weekday < 6]
        level = median(recent) if len(recent) >= 3 else 0.0
        return {
            "expected": self.level[0] + self.profile[6] + self.step + self.moved()[0],
            "spread": max(spread, least),
            "level": level if abs(level) > 1.5 * scale else 0.0,
        }

    def uncertainty(self) -> float:
        """Return the variance of the expectation, in squared scales."""
        weights = self.weights()
        mass, middle, spread = self.moments(0, weights)
        own = sum(weights[id(day)] for day in self.days if day.weekday == 6)
        new = [weights[id(day)] for day in self.days if day.new_level]
        _, weeks = self.moved()
        found = (1 / weeks if weeks else 6 / 7 / max(own, 0.5)) + 1 / max(mass, 0.5)
        if self.grows[0]:
            significance = self.growth[0] ** 2 * spread / self.scale**2
            found += middle**2 / spread * (significance + 1) / (significance + 2)
        return found + (1 / max(sum(new), 0.5) if new else 0.0)

    def moved(self) -> tuple[float, int]:
        """Return by how much the own weekday has moved against its profile, and for how many weeks."""
        own = sorted((day.week, day.log - self.expected(day)) for day in self.days if day.weekday == 6)
        run: list[float] = []
        for week, residual in own:
            if week > 8 or abs(residual) <= 2.5 * self.scale or residual * own[0][1] <= 0:
                break
            run.append(residual)
        return (sum(run) / len(run), len(run)) if len(run) >= 2 else (0.0, 0)

    def biweight(self) -> float:
        """Return Mosteller and Tukey's biweight scale of the residuals."""
        above = below = 0.0
        for day in self.days:
            residual = day.log - self.expected(day)
            size = (residual / (6 * self.scale)) ** 2
            if size < 1:
                above += residual**2 * (1 - size) ** 4
                below += (1 - size) * (1 - 5 * size)
        scale = math.sqrt(len(self.days) * above) / max(abs(below), GAP)
        return max(scale * self.correction(), 1e-6)

    def tails(self, scale: float) -> float:
        """Return by how much heavy tails widen the limits."""
        odds = 0.0
        for day in self.days:
            size = abs(day.log - self.expected(day)) / scale
            if size < 8:
                x = size / 0.87
                student = math.gamma(2.5) / (math.gamma(2) * math.sqrt(4 * math.pi)) * (1 + x**2 / 4) ** -2.5
                odds += math.log(student / 0.87) - math.log(math.exp(-(size**2) / 2) / math.sqrt(2 * math.pi))
        return 1 + 1 / (1 + math.exp(-max(-50.0, min(50.0, (odds - 2) / 0.7))))


def interpolated(weeks: int) -> float:
    """Return the widening for few weeks."""
    table = {2: 1.29, 3: 1.28, 4: 1.23, 5: 1.05, 6: 1.02, 7: 1.015, 8: 1.01, 9: 1.005}
    return table.get(weeks, 1.0)
