"""One engine per module, each with ``tell(path, threads)``; all share this description of columns."""

COLUMNS = {
    **dict.fromkeys(("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay"), "integer"),
    **dict.fromkeys(("arr_time", "sched_arr_time", "arr_delay"), "integer"),
    "carrier": "category",
    "flight": "integer",
    "tailnum": "text",
    "origin": "category",
    "dest": "text",
    **dict.fromkeys(("air_time", "distance", "hour", "minute"), "integer"),
    "time_hour": "timestamp",
}
NUMBERS = tuple(name for name, kind in COLUMNS.items() if kind in ("integer", "number"))
MISSING = ("", "NA")

Told = dict[str, dict[str, object]]
"""Figures by column."""
