"""A volume's past as weekday profile, level and growth: a robust fit, as arrays of many columns at once.

Works on logarithms: ``y = level + growth * weeks back + profile of the weekday + noise``. The profile and the
noise are those of up to 26 weeks; level and growth those of each eight of them, so that a level that drifts
over months distorts neither. The fit is by iteratively reweighted least squares with Tukey's bisquare:
a day far off has no weight at all, whether it was a bad one or an unlisted holiday. If a
weekday has left its profile for some weeks, such as after a new timetable, those weeks are its profile.

Sources: Beaton and Tukey, Technometrics 16 (1974); Mosteller and Tukey, "Data Analysis and Regression" (1977)
on the fit and on the biweight scale; Cleveland et al., "STL" (1990) on weights within a decomposition.
"""

from dataclasses import dataclass

import numpy as np

from exporter.history.lags import Array, Mask, count, median

WEEK = 7
SEGMENT = 8  # weeks that share a straight line
LEAST_FOR_GROWTH = 4  # weeks of a line: with fewer, growth is not estimated
LEAST_FOR_MEDIAN = 4  # weeks: of three days around their median, one deviates by zero
ROUNDS = 5
BISQUARE = 4.685  # spreads beyond which a day has no weight: 95% as good as least squares on normal noise
BIWEIGHT = 6.0  # the same, for the scale
NORMAL_MAD = 1.4826  # the median absolute deviation of a normal distribution, as standard deviations
UPPER_QUARTILE = 1.1503  # the upper quartile of its absolute deviations
MOVED = 2.5  # scales off, week after week: happens by chance on one of 13,000 days
LEAST_MOVED = 2  # weeks
NOTHING = 1e-9  # a sum of weights that counts as zero
SMALLEST_SCALE = 1e-6


@dataclass(frozen=True, slots=True)
class Fit:
    """The past's prediction of the next day, by column.

    ``scale`` is the standard deviation of the noise, ``uncertainty`` the variance of ``expected`` in squared
    scales, ``growth`` by week. ``support`` is the weight behind the day's own weekday. ``residuals``
    are weeks by weekdays by columns, newest first, NaN if nothing was.
    """

    expected: Array
    growth: Array
    scale: Array
    uncertainty: Array
    members: Array
    support: Array
    residuals: Array


def fit(past: Array, known: Array, since: Array) -> Fit:
    """Fit ``past``, lags by columns with the newest day first, NaN if nothing is.

    ``known`` is by column how many whole weeks the past has, at least two; older days are left out.
    ``since`` is by column how many of the newest days are on a new level, 0 if none are.
    """
    weeks = int(known.max())
    lags = np.arange(1, weeks * WEEK + 1).reshape(weeks, WEEK, 1)
    days = np.where(lags <= known * WEEK, past[: weeks * WEEK].reshape(weeks, WEEK, -1), np.nan)
    model = _Model(days, known, (lags <= since) & ~np.isnan(days))
    for _ in range(ROUNDS):
        model.improve()
    return model.forecast()


class _Model:
    """The parameters during the fit. Arrays are weeks by weekdays by columns, or parts of that."""

    def __init__(self, days: Array, known: Array, stepped: Mask) -> None:
        self.days, self.there, self.stepped = days, ~np.isnan(days), stepped
        self.filled = np.where(self.there, days, 0.0)
        self.weeks = np.arange(1.0, len(days) + 1)[:, None]  # back from the day's own week
        self.segments = [slice(start, start + SEGMENT) for start in range(0, len(days), SEGMENT)]
        # Weeks of each segment by column: the oldest may be shorter, and none are left below 1.
        self.lengths = np.stack([np.minimum(known - part.start, SEGMENT) for part in self.segments])
        self.grows = self.lengths >= LEAST_FOR_GROWTH
        self.few = known < LEAST_FOR_MEDIAN
        self.level = np.zeros(self.lengths.shape)
        self.growth = np.zeros(self.lengths.shape)
        self.step = np.zeros(days.shape[2])
        self.members = self.there.sum(axis=(0, 1)).astype("float64")
        self.parameters = WEEK - 1 + (self.lengths > 0).sum(axis=0) + self.grows.sum(axis=0)
        self.profile = self._start()
        self.scale = self._scale()

    def _start(self) -> Array:
        """Return a first profile and set first lines: medians, which no minority can distort."""
        flat = np.empty_like(self.days)
        for place, part in enumerate(self.segments):
            self.growth[place] = _first_growth(self.days[part], self.lengths[place])
            flat[part] = self.days[part] - (self.growth[place] * self.weeks[part])[:, None]
            flat[part] -= _median_of(flat[part])
        profile: Array = np.nan_to_num(median(flat))
        for place, part in enumerate(self.segments):
            line = (self.growth[place] * self.weeks[part])[:, None]
            self.level[place] = np.nan_to_num(_median_of(self.days[part] - line - profile))
        self.step = np.nan_to_num(_median_of(np.where(self.stepped, self._residuals(profile), np.nan)))
        return profile

    def _lines(self) -> Array:
        """Return each day's expectation without its weekday's profile."""
        lines = np.empty_like(self.days)
        for place, part in enumerate(self.segments):
            lines[part] = (self.level[place] + self.growth[place] * self.weeks[part])[:, None]
        lines += np.where(self.stepped, self.step, 0.0)
        return lines

    def _residuals(self, profile: Array) -> Array:
        return self.days - self._lines() - profile

    def _scale(self) -> Array:
        """Return a scale for the weights, robust against nearly half of the days."""
        sizes = np.abs(self._residuals(self.profile))
        middle = NORMAL_MAD * _median_of(sizes)
        if self.few.any():
            upper = _upper_quartile(sizes.reshape(-1, sizes.shape[2])) / UPPER_QUARTILE
            middle = np.where(self.few, upper, middle)
        scale: Array = np.maximum(np.nan_to_num(middle) * self._correction(), SMALLEST_SCALE)
        return scale

    def _correction(self) -> Array:
        factor: Array = np.sqrt(self.members / np.maximum(self.members - self.parameters, 1.0))
        return factor

    def _weights(self, reach: float) -> Array:
        sizes = self._residuals(self.profile) / (reach * self.scale)
        return np.where(self.there & (np.abs(sizes) < 1), (1 - sizes**2) ** 2, 0.0)

    def improve(self) -> None:
        """Take one step: weights by the residuals, then profile, lines and step by the weights."""
        weights = self._weights(BISQUARE)
        for _ in range(2):
            mass = weights.sum(axis=0)
            means = (weights * (self.filled - self._lines())).sum(axis=0) / np.maximum(mass, NOTHING)
            self.profile = np.where(mass > NOTHING, means, self.profile)
            flat = self.filled - self.profile
            self._fit_lines(weights, flat - np.where(self.stepped, self.step, 0.0))
            self._fit_step(weights, flat)
        self.scale = self._scale()

    def _fit_lines(self, weights: Array, flat: Array) -> None:
        for place, part in enumerate(self.segments):
            mass, middle, spread = _moments(weights[part], self.weeks[part])
            sums = (weights[part] * flat[part]).sum(axis=1)
            slope = ((self.weeks[part] - middle) * sums).sum(axis=0) / spread
            significance = slope**2 * spread / self.scale**2
            # Differences that may be chance count half.
            self.growth[place] = np.where(self.grows[place], slope * significance / (significance + 1), 0.0)
            level = sums.sum(axis=0) / mass - self.growth[place] * middle
            self.level[place] = np.where(mass > NOTHING * 2, level, self.level[place])

    def _fit_step(self, weights: Array, flat: Array) -> None:
        own = np.where(self.stepped, weights, 0.0)
        step, self.step = self.step, np.zeros_like(self.step)
        mass = own.sum(axis=(0, 1))
        means = (own * (flat - self._lines())).sum(axis=(0, 1)) / np.maximum(mass, NOTHING)
        self.step = np.where(mass > NOTHING, means, step)

    def forecast(self) -> Fit:
        """Return the forecast for the day after the newest."""
        weights = self._weights(BISQUARE)
        part = self.segments[0]
        mass, middle, spread = _moments(weights[part], self.weeks[part])
        own = weights.sum(axis=0)[-1]
        stepped = np.where(self.stepped, weights, 0.0).sum(axis=(0, 1))
        residuals = self._residuals(self.profile)
        moved, since = _moved(residuals[:SEGMENT, -1], MOVED * self.scale)
        of_weekday = np.where(since > 0, 1 / np.maximum(since, 1), (1 - 1 / WEEK) / np.maximum(own, 0.5))
        uncertainty = of_weekday + 1 / np.maximum(mass, 0.5)
        significance = self.growth[0] ** 2 * spread / self.scale**2
        of_growth = middle**2 / spread * (significance + 1) / (significance + 2)
        uncertainty += np.where(self.grows[0], of_growth, 0.0)
        uncertainty += np.where(self.stepped.any(axis=(0, 1)), 1 / np.maximum(stepped, 0.5), 0.0)
        return Fit(
            expected=self.level[0] + self.step + self.profile[-1] + moved,
            growth=-self.growth[0],
            scale=self._biweight(),
            uncertainty=uncertainty,
            members=self.members,
            support=own,
            residuals=residuals,
        )

    def _biweight(self) -> Array:
        """Return the scale of the residuals, nearly as good as a standard deviation on normal noise."""
        residuals = self._residuals(self.profile)
        sizes = (residuals / (BIWEIGHT * self.scale)) ** 2
        near = self.there & (sizes < 1)
        above = np.where(near, residuals**2 * (1 - sizes) ** 4, 0.0).sum(axis=(0, 1))
        below = np.where(near, (1 - sizes) * (1 - 5 * sizes), 0.0).sum(axis=(0, 1))
        scale = np.sqrt(self.members * above) / np.maximum(np.abs(below), NOTHING)
        known: Array = np.maximum(scale * self._correction(), SMALLEST_SCALE)
        return known


def _moved(own: Array, least: Array) -> tuple[Array, Array]:
    """Return by how much a weekday has moved from its profile, and for how many weeks; 0 if it has not.

    ``own`` are its residuals, newest first. It has moved if the newest all deviate in one direction by
    ``least``, and there are at least two of them: a new timetable, not a bad day.
    """
    there = ~np.isnan(own)
    newest = np.take_along_axis(own, np.argmax(there, axis=0)[None], axis=0)[0]
    alike = (np.abs(own) > least) & (np.sign(own) == np.sign(newest))
    run = np.logical_and.accumulate(alike | ~there, axis=0) & there
    weeks = run.sum(axis=0)
    weeks = np.where(weeks >= LEAST_MOVED, weeks, 0)
    total = np.where(run, own, 0.0).sum(axis=0)
    return np.where(weeks > 0, total / np.maximum(weeks, 1), 0.0), weeks


def _first_growth(days: Array, lengths: Array) -> Array:
    """Return the median change by week back, between the same weekdays of both halves of the weeks."""
    growth = np.zeros(days.shape[2])
    for half in range(LEAST_FOR_GROWTH // 2, SEGMENT // 2 + 1):
        chosen = np.flatnonzero(lengths // 2 == half)
        if len(chosen):
            changes = days[half : 2 * half, :, chosen] - days[:half, :, chosen]
            growth[chosen] = np.nan_to_num(_median_of(changes) / half)
    return growth


def _moments(weights: Array, weeks: Array) -> tuple[Array, Array, Array]:
    """Return the weights' sum, their mean week, and the sum of their squared distances from it."""
    by_week = weights.sum(axis=1)
    mass = by_week.sum(axis=0) + NOTHING
    middle = (by_week * weeks).sum(axis=0) / mass
    return mass, middle, (by_week * (weeks - middle) ** 2).sum(axis=0) + NOTHING


def _median_of(days: Array) -> Array:
    return median(days.reshape(-1, days.shape[-1]))


def _upper_quartile(stacked: Array) -> Array:
    ordered = np.sort(stacked, axis=0)  # NaN sorts last
    place = np.maximum(np.ceil(0.75 * count(stacked)).astype("int64") - 1, 0)
    found: Array = np.take_along_axis(ordered, place[None], axis=0)[0]
    return found
