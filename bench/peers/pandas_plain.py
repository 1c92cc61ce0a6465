"""pandas at its defaults (from 3.1 on: several threads, types inferred), ``json.loads`` on checkout rows."""

from pathlib import Path

import pandas as pd

from .figures import CHECKOUT, END_NS, MINUTE_NS, START_NS, SYNTHETIC, Figures, judge_orders, silence


def profile(path: Path, _threads: int) -> Figures:
    """Read the whole file into a frame, then count."""
    return count(pd.read_csv(path))


def count(frame: pd.DataFrame) -> Figures:
    """Count everything in a frame whose missing values are null."""
    names = frame["event_name"].str.strip()
    orders = frame.loc[names == CHECKOUT, "event_data"]
    times = pd.to_datetime(frame["timestamp"].str.strip(), format="ISO8601", utc=True, errors="coerce")
    instants = times.dropna().astype("datetime64[ns, UTC]").astype("int64")
    inside = instants[(instants >= START_NS) & (instants < END_NS)]
    return {
        "rows": len(frame),
        "missing_client_id": int(frame["client_id"].isna().sum()),
        "missing_timestamp": int(frame["timestamp"].isna().sum()),
        "missing_event_name": int(names.isna().sum()),
        "events": {str(name): int(rows) for name, rows in names.value_counts().items()},
        **judge_orders(None if pd.isna(cell) else cell for cell in orders),
        "referrer_null": int(frame["referrer"].isna().sum()),
        "referrer_synthetic": int(frame["referrer"].str.strip().str.match(SYNTHETIC).sum()),
        "unparseable_timestamps": int((times.isna() & frame["timestamp"].notna()).sum()),
        "out_of_day_rows": len(instants) - len(inside),
        "first_event_ns": int(instants.min()),
        "last_event_ns": int(instants.max()),
        "longest_silence_seconds": silence(((inside - START_NS) // MINUTE_NS).unique().tolist()),
    }
