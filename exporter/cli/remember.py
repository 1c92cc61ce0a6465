"""Store the trends' values of earlier reports in the state."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from exporter.cli.feeds import read_config
from exporter.cli.look import find_own_places
from exporter.cli.options import Common
from exporter.cli.wiring import open_state
from exporter.errors import UserError
from exporter.report.older import read_days
from exporter.store.state import StateError


def remember(common: Common, reports: Sequence[Path]) -> str:
    """Store days that are not known yet; return a line that says how many. Raises UserError."""
    if common.as_of is not None:
        raise UserError("--reports: cannot be combined with --as-of, which stores nothing")
    config = read_config(common.config_file, common.feed_file)
    days = read_days(reports, config.trends)
    if not days:
        raise UserError("--reports: they contain no value of this feed's trends")
    state = open_state(find_own_places(config, common))
    if state is None:
        raise UserError("--reports: there is no state to store days in")
    with closing(state):
        try:
            known = state.load_days()
            new = {day: kept for day, kept in days.items() if day not in known}
            state.note_days(new, ())
        except StateError as error:
            raise UserError(f"--reports: not stored: {error}") from None
    return f"{len(new)} of {len(days)} days from reports stored, {len(days) - len(new)} were known already"
