"""Problems with the files that people should know of, beside their figures, one per line."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from exporter.discover.calendar import Calendar, Window
from exporter.discover.listing import Listing
from exporter.model import NANOSECONDS, Partition, Stage, StageFacts
from exporter.pipeline.answers import moment
from exporter.pipeline.intake import Look, Taken
from exporter.plain import LONGEST_LINE, plain

MOST_PROBLEMS = 50  # lines on the page and in the report
MOST_NAMES = 10  # of files that match no pattern


def oddities(
    listing: Listing, taken: Taken, look: Look, *, window: Window, calendar: Calendar, marker: str | None
) -> Iterator[str]:
    """Yield a line for each problem with the directory's files; ``marker`` is a format of the day."""
    for (partition, stage), seconds in sorted(taken.shrunk.items()):
        until = moment(look.now_ns + round(seconds * NANOSECONDS)).strftime("%Y-%m-%d %H:%M UTC")
        yield f"{stage} file of {partition} shrank or arrived empty; judged as it is from {until}"
    newest_first = listing.unmatched[::-1]
    for found in newest_first[:MOST_NAMES]:
        yield f"{found.shown} is among the {found.stage} files of {found.partition} but is not read"
    if len(newest_first) > MOST_NAMES:
        yield f"{len(newest_first) - MOST_NAMES} more files with a date in their name are not read"
    latest_ns = max(look.now_ns, look.wall_ns)  # as of the past, later arrivals are normal
    today = datetime.fromtimestamp(latest_ns / NANOSECONDS, calendar.zone).date()
    ahead = sorted({day for day, _ in listing.files if day > today})
    if ahead:
        yield f"{len(ahead)} days are in the future, the first is {ahead[0]}: is its name right?"
    there = {day for day, _ in listing.files}
    for day in sorted(look.incomplete & there & set(window.alertable)):
        yield f"{day} has no marker {format(day, marker or '')} yet, so its files are not judged"


def oddity(stage: Stage, partition: Partition, known: StageFacts) -> str | None:
    """Return the problem with a file, or ``None`` if there is none."""
    if known.error is not None:
        return f"{stage} file of {partition} cannot be read: {known.error}"
    profile = known.profile
    if profile is None:
        return None
    if profile.repeated_headers:
        lines = ", ".join(map(str, profile.repeated_header_lines)) or "unknown"
        return f"{stage} file of {partition} repeats its header (line {lines}): parts concatenated?"
    if profile.differing_parts:
        name, words = next(iter(profile.differing_parts.items()))
        return f"{stage} parts of {partition} differ in their columns: {name} {words}"
    return None


def bounded(problems: Sequence[str]) -> tuple[str, ...]:
    """Return as many lines as a page can hold, each of bounded length."""
    rest = len(problems) - MOST_PROBLEMS
    shown = tuple(plain(problem, LONGEST_LINE) for problem in problems[:MOST_PROBLEMS])
    return shown if rest <= 0 else (*shown, f"and {rest} more")
