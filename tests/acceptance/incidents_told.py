"""The texts of incidents, used in messages, pages, the report and ``run``."""

from collections.abc import Iterable
from typing import Any


def text_of(incidents: Iterable[dict[str, Any]]) -> str:
    """Return all texts of incidents in the report."""
    return "\n".join(
        f"{one['severity']}: {one['headline']}\n{one['text']}\nNext: {one['next_step']}\n"
        f"Owner: {one['owner']}. Checks: {', '.join(one['checks']) or 'none'}.\n"
        for one in incidents
    )
