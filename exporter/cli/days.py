"""Days on the command line."""

from datetime import date

from exporter.errors import UserError
from exporter.nearest import did_you_mean_date


def read_day(text: str, option: str | None = None) -> date:
    """Parse a day given by ``option``, or as a partition argument if ``None``. Raises UserError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = did_you_mean_date(text) or " such as 2025-03-09"
        what = f"{text!r} is not a partition" if option is None else f"{option}: {text!r} is not a date"
        raise UserError(what + hint) from None
