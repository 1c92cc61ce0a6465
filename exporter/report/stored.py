"""A report read back from its file."""

from pathlib import Path
from typing import Any

import orjson

from exporter.errors import UserError, reason_of

Json = dict[str, Any]


def read_stored(path: Path, *, absent: str | None = None) -> Json:
    """Return the report in a file. Raises UserError if there is none; ``absent`` says what to do then."""
    try:
        report = orjson.loads(path.read_bytes())
    except OSError as error:
        is_absent = absent is not None and isinstance(error, FileNotFoundError)
        reason = absent if is_absent else reason_of(error)
        raise UserError(f"{path}: {reason}") from None
    except orjson.JSONDecodeError:
        raise UserError(f"{path}: not JSON") from None
    if not isinstance(report, dict) or not isinstance(report.get("partitions"), dict):
        raise UserError(f"{path}: not a report")
    return report
