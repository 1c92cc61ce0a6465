"""The minimum change of a share is derived from the inspected days."""

from pathlib import Path

from sniff_files import days, write

from exporter.sniff.sniff import sniff


def lacking(share: float) -> str:
    """Return a day of 1,000 rows of which this share lacks a note."""
    rows = [f"{row},{'' if row < 1000 * share else 'said'}" for row in range(1000)]
    return "\n".join(["order_id,note", *rows]) + "\n"


def proposed(folder: Path, shares: list[float]) -> dict[str, object]:
    """Return the proposed trend for the note."""
    files = dict(zip(days(len(shares)), map(lacking, shares), strict=True))
    write(folder, {f"orders_{day}.csv": text for day, text in files.items()})
    trends = {trend.name: dict(trend.band) for trend in sniff([folder]).feed.trends}
    return trends["missing_note"]


def test_the_second_farthest_day_is_the_measure(tmp_path: Path) -> None:
    """The farthest one may be an unnoticed fault."""
    shares = [0.01, 0.01, 0.02, 0.01, 0.06, 0.01, 0.5, 0.01]
    assert proposed(tmp_path, shares) == {"method": "rate", "min_change": 0.05}


def test_a_share_that_never_changes_gets_the_smallest_limit(tmp_path: Path) -> None:
    """So does a single day."""
    assert proposed(tmp_path / "many", [0.01] * 8) == {"method": "rate", "min_change": 0.002}
    assert proposed(tmp_path / "one", [0.3]) == {"method": "rate", "min_change": 0.002}


def test_values_missing_only_on_other_days_are_not_required(tmp_path: Path) -> None:
    """Neither the newest seven days nor the oldest show the gaps."""
    shares = [0.0] * 20
    shares[5] = shares[9] = 0.1
    files = dict(zip(days(20), map(lacking, shares), strict=True))
    write(tmp_path, {f"orders_{day}.csv": text for day, text in files.items()})
    feed = sniff([tmp_path]).feed
    assert feed.raw.required == ("order_id",)
    assert "raw_note_missing_values" not in feed.checks
