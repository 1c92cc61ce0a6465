"""A few rows of the rejects file, chosen so that each reason is seen."""

import csv
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from exporter.profile.missing import is_missing

SCANNED = 200_000  # records looked at: enough to meet every common reason, quick on any file

Row = Mapping[str, str]


def sample_rows(
    path: Path, most: int, *, aliases: Mapping[str, str], wanted: Callable[[Row], bool] = lambda _: True
) -> list[Row]:
    """Return up to ``most`` of the ``wanted`` rows of a rejects file, one of each set of reasons first.

    Names of columns are trimmed and freed of aliases, as in profiles. An unreadable file gives none.
    """
    by_reason: dict[str, list[Row]] = {}
    try:
        for row in itertools.islice(_rows(path, aliases), SCANNED):
            if wanted(row):
                kept = by_reason.setdefault(_reasons(row), [])
                if len(kept) < most:
                    kept.append(row)
    except (OSError, csv.Error):  # what was read before is still worth showing
        pass
    turns = itertools.chain.from_iterable(itertools.zip_longest(*by_reason.values()))
    return [row for row in turns if row is not None][:most]


def focus(check: str) -> Callable[[Row], bool]:
    """Return which rows have to do with a check, judged by its name."""
    if check.startswith("checkout_") or "revenue" in check or "checkouts" in check:
        return lambda row: row.get("event_name", "").strip() == "checkout_completed"
    for column in ("client_id", "timestamp", "event_name"):
        if f"missing_{column}" in check:
            return lambda row, column=column: is_missing(row.get(column, ""))  # type: ignore[misc]  # bound now
    return lambda _: True


def _rows(path: Path, aliases: Mapping[str, str]) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        header = _named(next(reader, []), aliases)
        for cells in reader:
            if len(cells) == len(header):
                yield dict(zip(header, cells, strict=True))


def _named(header: Sequence[str], aliases: Mapping[str, str]) -> list[str]:
    trimmed = [name.strip() for name in header]
    return [aliases[name] if name in aliases and aliases[name] not in trimmed else name for name in trimmed]


def _reasons(row: Row) -> str:
    return "|".join(sorted(part.partition(":")[0].strip() for part in row.get("dq_reason", "").split("|")))
