"""One engine a module, each with ``tell(path, threads)``; which column is what is the same for all."""

COLUMNS = {
    **dict.fromkeys(("year", "month", "day"), "integer"),
    **dict.fromkeys(("dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time"), "number"),
    "arr_delay": "number",
    "carrier": "category",
    "flight": "integer",
    "tailnum": "text",
    **dict.fromkeys(("origin", "dest"), "category"),
    **dict.fromkeys(("air_time", "distance", "hour", "minute"), "number"),
    "time_hour": "timestamp",
}
NUMBERS = tuple(name for name, kind in COLUMNS.items() if kind in ("integer", "number"))
MISSING = ("", "NA")

Told = dict[str, dict[str, object]]
"""Figures by column."""
